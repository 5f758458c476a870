// The page's behaviour: what is chosen, and how figures become words, colours, tables and charts.
// A figure is a number, null where there is none (unknown, or a share of nobody), "x" where it is withheld, undefined
// where there can be none.
/** The element of an id that the page or this file gives. @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** A control of the page, whose value is what was chosen. @param {string} id */
const control = (id) => /** @type {HTMLInputElement & HTMLSelectElement} */ (at(id));
/** All elements that a selector finds below one. @param {ParentNode} below @param {string} selector */
const all = (below, selector) => /** @type {HTMLElement[]} */ ([...below.querySelectorAll(selector)]);
/** The library that draws charts; undefined until its script has run. */
const drawing = () => /** @type {{ vegaEmbed?: any }} */ (globalThis).vegaEmbed;
const gzipped = Uint8Array.from(atob(at("data").textContent), (byte) => byte.charCodeAt(0));
const data = await new Response(new Blob([gzipped]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
at("unopened").remove();
const COLOURS = ["#fdea9b", "#cdbb6c", "#a09877", "#7a7b78", "#555f6e", "#2f4470", "#00224e"]; // cividis, light to dark
const STANDARD_COLOURS = ["#003f5c", "#bc5090"];
// A month for which nobody sent a list says again what was known: the newest that says more is shown first.
const chosen = {
  language: "vi",
  measure: data.measures[0].id,
  month: data.months.findLastIndex((one) => !one.are_carried),
  standard: "",
  area: 0,
  province: "",
  kind: "",
  name: "",
  class: "poor",
};

// Words.
const say = (vi, en) => (chosen.language === "vi" ? vi : en);
const named = (entry) => say(entry.vi, entry.en);
const day = (text) => text.split("-").reverse().join("/");
const DIGITS = { pct: 2, count: 0, mvnd: 0, index: 4 };
const number = (n, unit, signDisplay = "auto") =>
  n.toLocaleString(say("vi-VN", "en-GB"), {
    minimumFractionDigits: DIGITS[unit],
    maximumFractionDigits: DIGITS[unit],
    signDisplay,
  });
const missing = (v) =>
  v === null
    ? say("không có số liệu", "no figure")
    : v === "x"
    ? say("được bảo vệ", "protected")
    : say("không áp dụng", "not applicable");
const text = (v, unit, sign) => typeof v === "number" ? number(v, unit, sign) : missing(v);
const unitName = (unit) =>
  ({
    pct: "%",
    count: say("số lượng", "count"),
    mvnd: say("triệu đồng", "million dong"),
    index: say("chỉ số", "index"),
  })[unit];
const valued = (v, unit) =>
  typeof v === "number" && unit !== "count" ? `${number(v, unit)} ${unitName(unit)}` : text(v, unit);
const withUnit = (name, unit) => unit === "count" ? name : `${name} (${unitName(unit)})`;
// No standard may be in force in a month.
const standardOf = (m) => chosen.standard || data.months[m].standard || "–";
// Programmes count whoever is poor by the standard in force, whatever standard is chosen.
const standardOfMeasure = (m) => "" in data.series[chosen.measure].by ? data.months[m].standard || "–" : standardOf(m);
const standardName = (id) => named(data.standards.find((s) => s.id === id) ?? { vi: id, en: id });
// A contract names the office in Vietnamese and its desk in English.
const officeName = (owner) => say(owner.split(",")[0], owner);
const feedName = (id) => named(data.feeds.find((f) => f.feed === id) ?? { vi: id, en: id });

// Figures.
function figure(series, m, area, standard = standardOf(m)) {
  const by = data.series[series]?.by ?? {};
  return by["" in by ? "" : standard]?.[data.months[m].month]?.[area];
}
const measure = () => data.measures.find((one) => one.id === chosen.measure);
const unit = (series) => data.series[series].unit;
const ofLists = (m) => `${named(data.groups.find((g) => g.id === "legal"))}: ${named(data.months[m])}.`;
const isCarried = (m, area) => figure("list.newest_list_month", m, area) > 0;
const fullName = (one) => `${named(one)} – ${named(data.groups.find((g) => g.id === one.group))}`;
const communes = data.areas.map((area, place) => ({ ...area, place })).filter((area) => area.level === "commune");
const within = (area) =>
  (!chosen.province || area.province === chosen.province) && (!chosen.kind || area.kind === chosen.kind);

// Bounds of the classes of a measure: the same in all months and under all standards, so that months compare. As many
// figures in each class; zeros, of which a small measure has too many, are left to the first.
const bounds = new Map();
function classes(series) {
  if (bounds.has(series)) return bounds.get(series);
  const values = Object.keys(data.series[series].by).flatMap((standard) =>
    data.months.flatMap((_, m) => communes.map((c) => figure(series, m, c.place, standard)))
  ).filter((v) => v > 0).sort((a, b) => a - b);
  const digits = unit(series) === "index" ? 3 : unit(series) === "pct" ? 1 : 0;
  // Cut off, not rounded: a value must not fall below the bound that it gave.
  const cuts = COLOURS.slice(1).map((_, i) =>
    Math.floor((values[Math.floor(values.length * (i + 1) / COLOURS.length)] ?? 0) * 10 ** digits) / 10 ** digits
  );
  bounds.set(series, [...new Set(cuts)].filter((cut) => cut > values[0]));
  return bounds.get(series);
}
// Fewer classes than colours still span from light to dark.
const shade = (index, cuts) => COLOURS[cuts.length ? Math.round(index * (COLOURS.length - 1) / cuts.length) : 0];
const colour = (v, cuts) =>
  typeof v === "number"
    ? shade(cuts.filter((cut) => v >= cut).length, cuts)
    : v === "x"
    ? "url(#withheld)"
    : "url(#unknown)";

// Tables.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => value !== null && made.setAttribute(name, value));
  made.append(...children);
  return made;
}
// Heads are texts; a row is a list of cells, the first its header: a text or element, or [figure, unit] and how its
// sign is shown.
function table(id, caption, heads, rows) {
  const numeric = heads.map((_, i) => rows.some((row) => Array.isArray(row[i])));
  at(id).replaceChildren(
    element("caption", {}, caption),
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        ...heads.map((head, i) => element("th", { scope: "col", class: numeric[i] ? "number" : null }, head)),
      ),
    ),
    element(
      "tbody",
      {},
      ...rows.map((row) =>
        element(
          "tr",
          {},
          ...row.map((cell, i) => {
            const attributes = {
              class: [numeric[i] && "number", Array.isArray(cell) && typeof cell[0] !== "number" && "missing"].filter(
                Boolean,
              ).join(" ") || null,
            };
            return element(
              i ? "td" : "th",
              i ? attributes : { scope: "row" },
              Array.isArray(cell) ? text(...cell) : cell,
            );
          }),
        )
      ),
    ),
  );
}

// The map is drawn once; afterwards only its fills change.
const svg = (tag, attributes) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  return made;
};
const PATTERNS = { unknown: "M0 10L10 0", withheld: "M5 4V6M4 5H6" };
const picture = svg("svg", {
  viewBox: `-5 -5 ${data.map.width + 10} ${data.map.height + 10}`,
  role: "listbox",
  tabindex: 0,
  "aria-labelledby": "map-title",
  "aria-describedby": "map-note summary",
});
const shapes = communes.map((c) => {
  const path = svg("path", { id: `c${c.code}`, d: data.map.paths[c.code], role: "option" });
  path.addEventListener("click", () => choose({ area: chosen.area === c.place ? 0 : c.place }));
  path.addEventListener("pointerenter", () => {
    pointed = c;
    showPointed();
  });
  return path;
});
picture.append(
  ...Object.entries(PATTERNS).map(([id, d]) => {
    const pattern = svg("pattern", { id, width: 10, height: 10, patternUnits: "userSpaceOnUse" });
    pattern.append(
      svg("rect", { width: 10, height: 10, fill: "#fff" }),
      svg("path", { d, style: "stroke: #555; stroke-width: 2" }),
    );
    return pattern;
  }),
  ...shapes,
);
at("map").append(picture);

// An arrow key goes to the nearest commune in its direction, or into the map where none is chosen yet.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
picture.addEventListener("keydown", (event) => {
  if (event.key === "Escape") choose({ area: 0 });
  const [right, down] = ARROWS[event.key] ?? [];
  if (right === undefined) return;
  event.preventDefault();
  const centre = (path) => {
    const box = path.getBBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const own = shapes[chosen.area - communes[0].place];
  const [x, y] = own ? centre(own) : [data.map.width / 2, data.map.height / 2];
  const near = communes.map((c, i) => {
    const [there, below] = centre(shapes[i]),
      along = (there - x) * right + (below - y) * down,
      aside = (there - x) * down + (below - y) * right;
    return {
      place: c.place,
      fits: within(c) && c.place !== chosen.area && (!own || along > Math.abs(aside) / 2),
      far: Math.hypot(along, 2 * aside),
    };
  }).filter((one) => one.fits).sort((a, b) => a.far - b.far);
  if (near.length) choose({ area: near[0].place });
});

let pointed;
const told = (c) => `${named(c)}: ${valued(figure(chosen.measure, chosen.month, c.place), unit(chosen.measure))}`;
function showPointed() {
  at("pointed").textContent = pointed ? told(pointed) : "";
}

function showMap() {
  const cuts = classes(chosen.measure), by = unit(chosen.measure);
  shapes.forEach((path, i) => {
    path.setAttribute("fill", colour(figure(chosen.measure, chosen.month, communes[i].place), cuts));
    path.setAttribute("aria-label", told(communes[i]));
    path.setAttribute("aria-selected", String(communes[i].place === chosen.area));
    path.classList.toggle("aside", !within(communes[i]));
  });
  const own = shapes[chosen.area - communes[0].place];
  picture.setAttribute("aria-activedescendant", own?.id ?? "");
  if (own) picture.append(own);
  showPointed();
  const legend = (fill, words) => {
    const swatch = svg("svg", { viewBox: "0 0 30 20", "aria-hidden": "true" });
    swatch.append(svg("rect", { width: 30, height: 20, fill }));
    return element("li", {}, swatch, ` ${words}`);
  };
  const only = new Set(
    communes.map((c) => figure(chosen.measure, chosen.month, c.place)).filter((v) => typeof v === "number"),
  );
  const bound = (i) => number(cuts[i], by);
  const range = (i) =>
    !cuts.length
      ? only.size === 1 ? number([...only][0], by) : say("mọi giá trị", "all values")
      : i === 0
      ? say(`dưới ${bound(0)}`, `below ${bound(0)}`)
      : i === cuts.length
      ? say(`từ ${bound(i - 1)}`, `${bound(i - 1)} and more`)
      : say(`từ ${bound(i - 1)} đến dưới ${bound(i)}`, `${bound(i - 1)} to below ${bound(i)}`);
  at("legend").replaceChildren(
    ...[...cuts, null].map((_, i) => legend(shade(i, cuts), range(i))),
    legend("url(#unknown)", missing(null)),
    ...(data.restricted ? [] : [legend("url(#withheld)", missing("x"))]),
  );
}

function showRanking() {
  const own = unit(chosen.measure), sought = chosen.name.trim().toLocaleLowerCase("vi");
  const plain = (name) => name.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d");
  const before = (c) =>
    chosen.month && standardOfMeasure(chosen.month) === standardOfMeasure(chosen.month - 1) &&
      !(measure().group === "legal" && isCarried(chosen.month, c.place))
      ? figure(chosen.measure, chosen.month - 1, c.place)
      : undefined;
  const size = (v) => typeof v === "number" ? v : -Infinity;
  const listed = communes.filter(within).map((c) => ({
    ...c,
    value: figure(chosen.measure, chosen.month, c.place),
    before: before(c),
  }));
  listed.sort((a, b) => size(b.value) - size(a.value) || a.vi.localeCompare(b.vi, "vi"));
  listed.forEach((c) => {
    c.rank = typeof c.value === "number" ? 1 + listed.findIndex((other) => other.value === c.value) : undefined;
  });
  const found = listed.filter((c) =>
    [c.vi, c.en].some((name) =>
      name.toLocaleLowerCase("vi").includes(sought) || plain(name.toLocaleLowerCase("vi")).includes(plain(sought))
    )
  );
  const ranked = listed.filter((c) => c.rank).length, hidden = listed.filter((c) => c.value === "x").length;
  const beside = hidden
    ? say(`; ${hidden} nơi được bảo vệ có thể cao hơn`, `; the ${hidden} that are protected may be higher`)
    : "";
  table(
    "ranking",
    say(
      `${found.length} xã, phường; xếp hạng trong ${ranked} nơi có giá trị`,
      `${found.length} communes; ranks are among the ${ranked} with a value`,
    ) + beside,
    [say("Xã, phường", "Commune"), say("Hạng", "Rank"), unitName(own), say("So với tháng trước", "Since last month")],
    found.map((c) => {
      const button = element("button", {
        type: "button",
        "aria-pressed": String(c.place === chosen.area),
        "data-place": c.place,
      }, named(c));
      const change = typeof c.value === "number" && typeof c.before === "number" ? c.value - c.before : null;
      return [
        button,
        c.rank ? [c.rank, "count"] : "–",
        [c.value, own],
        change === null ? "–" : [change, own, "exceptZero"],
      ];
    }),
  );
  at("ranking").querySelector("[aria-pressed=true]")?.closest("tr")?.classList.add("chosen");
}

function showOwn() {
  const area = chosen.area, m = chosen.month, show = (series, own) => [figure(series, m, area), own];
  at("own-title").textContent = `${named(data.areas[area])}, ${day(data.months[m].month)}`;
  const bases = data.groups.slice(0, 2);
  const rates = data.measures.filter((one) => one.group === "computed").map(
    (one) => [one, one.id.split(".")[1], "pct"],
  );
  table(
    "own",
    say(`Theo ${standardName(standardOf(m))}`, `By: ${standardName(standardOf(m))}`) + `. ${ofLists(m)}`,
    [say("Số liệu", "Figure"), ...bases.map(named)],
    [...data.words.households.map((word) => [word, word.id, "count"]), ...rates].map((
      [word, id, own],
    ) => [withUnit(named(word), own), ...bases.map((basis) => show(`${basis.id}.${id}`, own))]),
  );
}

function showProgrammes() {
  const area = chosen.area, m = chosen.month;
  const value = say("Giá trị", "Value"),
    row = (name, series) => [withUnit(name, unit(series)), [figure(series, m, area), unit(series)]];
  table("programmes", say("Đã hỗ trợ, lũy kế", "Reached so far"), [say("Chính sách", "Programme"), value], [
    ...data.measures.filter((one) => one.group === "programme").map((one) => row(named(one), one.id)),
    ...data.words.stocks.map((word) => row(named(word), `programme.${word.id}`)),
  ]);
  const left = (name, share) => {
    const reached = figure(`programme.${share}`, m, area);
    return [withUnit(name, "pct"), [typeof reached === "number" ? 100 - reached : reached, "pct"]];
  };
  // Needs are counted by commune, so no area type has them.
  const needs = data.areas[area].level === "area_type" ? [] : data.measures.filter((one) => one.group === "gap");
  table(
    "gaps",
    say("Khoảng trống", "Gaps") + (data.restricted ? "" : say(" (tính từ số đã làm tròn)", " (from rounded counts)")),
    [say("Nhu cầu", "Need"), value],
    [
      left(
        say("Người nghèo chưa có hoặc chưa rõ có thẻ BHYT", "Poor persons not insured, or not known to be"),
        "poor_persons_insured_pct",
      ),
      left(
        say("Người cận nghèo chưa có hoặc chưa rõ có thẻ BHYT", "Near-poor persons not insured, or not known to be"),
        "near_poor_persons_insured_pct",
      ),
      left(
        say("Hộ nghèo không có vay vốn chính sách", "Poor households without a policy loan"),
        "poor_households_with_loan_pct",
      ),
      ...needs.map((one) =>
        row(
          `${named(one)}: ${say("nhu cầu đã biết, chưa được hỗ trợ", "known needs that support has not reached")}`,
          one.id,
        )
      ),
    ],
  );
}

// Charts.
// Of each, what is on its way: a drawing takes time, and the next begins when it stands.
const charts = { trend: Promise.resolve(), movement: Promise.resolve() };
function draw(id, key, spec, values, words) {
  charts[id] = charts[id].then((known) => redraw(known, id, key, spec, values, words));
}
async function redraw(known, id, key, spec, values, words) {
  if (!drawing()) return;
  if (!values.some((row) => typeof row.value === "number")) {
    at(id).removeAttribute("role");
    at(id).removeAttribute("aria-label");
    at(id).replaceChildren(
      element("p", { class: "missing" }, say("Không có giá trị nào để vẽ.", "There is no value to draw.")),
    );
    return;
  }
  at(id).setAttribute("role", "img");
  at(id).setAttribute("aria-label", words);
  // A chart whose axes and words stay gets new rows, not a new drawing.
  if (known?.key === key) {
    await known.view.data("rows", values).runAsync();
    return known;
  }
  const { view } = await drawing()(at(id), {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    width: "container",
    autosize: { type: "fit-x", contains: "padding" },
    config: {
      font: "system-ui",
      view: { stroke: null },
      axis: { labelFontSize: 12, titleFontSize: 12, labelLimit: 260 },
      legend: { labelLimit: 320, labelFontSize: 12 },
    },
    data: { name: "rows", values },
    ...spec,
  }, {
    actions: false,
    renderer: "svg",
    logLevel: 1,
    formatLocale: {
      decimal: say(",", "."),
      thousands: say(".", ","),
      grouping: [3],
      currency: ["", ""],
    },
  });
  // Its words stand on the element around it.
  at(id).querySelector("svg")?.setAttribute("aria-hidden", "true");
  return { key, view };
}

// What a target asks of a rate: the rate itself, or a fall from the first month known within its time.
function targets() {
  const [basis, column] = chosen.measure.split("."), area = data.areas[chosen.area];
  if (!data.groups.slice(0, 2).some((g) => g.id === basis)) return [];
  return data.targets.filter((t) => t.level === area.level && t.code === area.code && t.measure === column).flatMap(
    (t) => {
      const months = data.months.map((one, m) => ({
        ...one,
        m,
        value: figure(chosen.measure, m, chosen.area, t.standard),
      }))
        .filter((one) =>
          one.month >= t.first && one.month <= t.last &&
          (!chosen.standard ? one.standard === t.standard : chosen.standard === t.standard)
        );
      const start = months.find((one) => typeof one.value === "number");
      return months.filter((one) => start && one.m >= start.m).map((one) => ({
        ...one,
        target: t,
        value: t.aim === "rate" ? t.target : Math.max(start.value - t.target * (one.m - start.m) / 12, 0),
      }));
    },
  );
}

function showTrend() {
  const own = unit(chosen.measure), aimed = targets();
  const aims = [["rate", say("Mục tiêu về tỷ lệ", "Rate aimed at")], [
    "yearly_reduction",
    say("Mục tiêu giảm hằng năm", "Yearly fall aimed at"),
  ]]
    .filter(([id]) => aimed.some((one) => one.target.aim === id));
  const rows = data.months.map((one, m) => ({
    ...one,
    m,
    series: standardOfMeasure(m),
    value: figure(chosen.measure, m, chosen.area),
  }));
  const shown = (row) => ({ ...row, date: `${row.month}-01`, value: typeof row.value === "number" ? row.value : null });
  // A line for each standard and each target: what different standards measure is never joined.
  draw("trend", [chosen.language, own].join(), {
    height: 220,
    layer: [
      { mark: { type: "line", point: { size: 50 } }, transform: [{ filter: "!datum.aimed" }] },
      { mark: { type: "line", strokeDash: [5, 4] }, transform: [{ filter: "datum.aimed" }] },
    ],
    encoding: {
      x: {
        field: "date",
        type: "temporal",
        timeUnit: "utcyearmonth",
        title: null,
        axis: { format: "%m/%Y", tickCount: Math.min(12, rows.length), labelOverlap: true },
      },
      y: { field: "value", type: "quantitative", title: unitName(own), scale: { zero: true } },
      color: {
        field: "series",
        type: "nominal",
        title: say("Chuẩn (nét đứt: mục tiêu)", "Standard (dashed: target)"),
        scale: { domain: data.standards.map((s) => s.id), range: STANDARD_COLOURS },
        legend: { orient: "top" },
      },
      detail: { field: "line", type: "nominal" },
      tooltip: [{ field: "month", title: say("Tháng", "Month") }, {
        field: "value",
        title: unitName(own),
        format: ".2f",
      }],
    },
  }, [
    ...rows.map((row) => ({ ...shown(row), line: row.series, aimed: false })),
    ...aimed.map((row) => ({
      ...shown(row),
      target: null,
      series: row.target.standard,
      line: `${row.target.standard}${row.target.aim}${row.target.first}`,
      aimed: true,
    })),
  ], say("Biểu đồ diễn biến; bảng bên dưới có mọi giá trị.", "Chart of the trend; the table below has every value."));
  table(
    "trend-table",
    `${fullName(measure())}, ${named(data.areas[chosen.area])}`,
    [
      say("Tháng", "Month"),
      say("Chuẩn", "Standard"),
      unitName(own),
      ...aims.map(([, head]) => head),
    ],
    rows.map((row) => [
      day(row.month),
      row.series,
      [row.value, own],
      ...aims.map(([id]) => {
        const asked = aimed.find((one) => one.m === row.m && one.target.aim === id);
        return asked ? [asked.value, own] : "–";
      }),
    ]).reverse(),
  );
  const stated = [...new Map(aimed.map((one) => [JSON.stringify(one.target), one.target])).values()];
  at("targets").replaceChildren(
    ...(stated.length
      ? stated.map((t) =>
        element(
          "li",
          {},
          `${t.standard}, ${day(t.first)} – ${day(t.last)}: `,
          t.aim === "rate" ? say(`mục tiêu ${number(t.target, "pct")} %`, `target ${number(t.target, "pct")} %`) : say(
            `giảm ${number(t.target, "pct")} điểm phần trăm mỗi năm, tính từ tháng đầu có số liệu`,
            `a fall of ${number(t.target, "pct")} percentage points a year, from the first month with a figure`,
          ),
          t.known_by === "signed"
            ? ""
            : say(" (chưa kiểm chứng với văn bản)", " (not verified against the signed text)"),
          `. ${named(t)}.`,
        )
      )
      : [
        element(
          "li",
          {},
          say(
            "Không có mục tiêu nào được biết cho chỉ số và khu vực này trong các tháng đã công bố.",
            "No target is known for this measure and area in the published months.",
          ),
        ),
      ]),
  );
}

// Bars within a column of the table: a chart that has room for words where there is no figure.
function showLacks() {
  const standard = standardOf(chosen.month), columns = ["uncensored_headcount", "contribution_pct", "unknown_share"];
  const codes = data.indicators.filter((i) => i.standard === standard);
  const values = codes.map((i) =>
    columns.map((column) => figure(`${i.code}.${column}`, chosen.month, chosen.area, standard))
  );
  table(
    "lacks",
    `${named(data.areas[chosen.area])}, ${day(data.months[chosen.month].month)}, ${standardName(standard)}`,
    [
      say("Chỉ số", "Indicator"),
      say("Hộ thiếu hụt (%)", "Households that lack it (%)"),
      say("Đóng góp vào M0 (%)", "Contribution to M0 (%)"),
      say("Chưa biết (%)", "Unknown (%)"),
    ],
    codes.map((i, row) => [named(i), ...values[row].map((v) => [v, "pct"])]),
  );
  [0, 1].forEach((x) => {
    const most = Math.max(...values.map((row) => row[x]).filter((v) => v > 0));
    at("lacks").querySelectorAll(`td:nth-child(${x + 2})`).forEach((cell, y) => {
      if (values[y][x] > 0) {
        cell.append(element("div", { class: "bar", style: `width: ${100 * values[y][x] / most}%` }));
      }
    });
  });
}

const FLOW_COLOURS = {
  moved_to_other_class: "#56b4e9",
  rose_above: "#0072b2",
  other_decrease: "#8c8c8c",
  came_from_other_class: "#f0e442",
  relapsed: "#d55e00",
  newly_arising: "#e69f00",
  other_increase: "#4d4d4d",
};
function showMovement() {
  const flows = data.words.flows,
    signed = flows.slice(1, -1),
    get = (flow, m) => figure(`${chosen.class}.${flow.id}`, m, chosen.area);
  const rows = data.months.flatMap((one, m) => {
    const values = signed.map((flow) => get(flow, m)), mark = values.every((v) => typeof v === "number") ? "" : " *";
    return signed.map((flow, i) => ({
      month: `${day(one.month)}${mark}`,
      flow: named(flow),
      order: i,
      value: values[i],
    }));
  });
  const months = [...new Set(rows.map((row) => row.month))];
  draw(
    "movement",
    [chosen.language, months].join(),
    {
      height: 200,
      mark: { type: "bar", stroke: "#555", strokeWidth: .5 },
      encoding: {
        x: {
          field: "month",
          type: "ordinal",
          title: null,
          scale: { domain: months },
          axis: { labelAngle: -45, labelOverlap: true },
        },
        y: { field: "value", type: "quantitative", title: say("hộ (giảm dưới 0)", "households (losses below 0)") },
        color: {
          field: "flow",
          type: "nominal",
          title: null,
          sort: null,
          scale: { domain: signed.map(named), range: signed.map((flow) => FLOW_COLOURS[flow.id]) },
          legend: { orient: "bottom", columns: at("movement").clientWidth < 600 ? 1 : 4 },
        },
        order: { field: "order" },
        tooltip: [
          { field: "month", title: say("Tháng", "Month") },
          { field: "flow", title: say("Biến động", "Flow") },
          { field: "value", title: say("hộ", "households") },
        ],
      },
    },
    rows.map((row) => ({
      ...row,
      value: typeof row.value === "number" ? (row.order < 3 ? -row.value : row.value) : null,
    })),
    say("Biểu đồ biến động; bảng bên dưới có mọi giá trị.", "Chart of movement; the table below has every value."),
  );
  table("movement-table", `${control("class").selectedOptions[0].textContent}, ${named(data.areas[chosen.area])}`, [
    say("Tháng", "Month"),
    ...flows.map(named),
  ], data.months.map((one, m) => [day(one.month), ...flows.map((flow) => [get(flow, m), "count"])]).reverse());
}

// What the deliveries say; it does not change with what is chosen, only with the language.
function showData() {
  table(
    "feeds",
    say(`Tính đến ngày công bố ${day(data.published)}`, `As of the day of publication, ${day(data.published)}`),
    [
      say("Nguồn", "Feed"),
      say("Tháng mới nhất", "Newest month"),
      say("Xã, phường có số liệu tháng đó", "Communes in it"),
      say("Hạn của tháng tiếp theo", "Next one due"),
      say("Độ mới", "Freshness"),
      say("Số lần gửi", "Deliveries"),
      say("Đơn vị chịu trách nhiệm", "Owner"),
    ],
    data.feeds.map((f) => [
      feedName(f.feed),
      f.month ? day(f.month.slice(0, 7)) : say("chưa gửi", "never sent"),
      f.month
        ? (f.communes === null ? say("toàn thành phố", "the whole city") : `${f.communes} / ${communes.length}`)
        : "–",
      f.due ? day(f.due) : "–",
      f.due ? (f.due < data.published ? say("quá hạn", "overdue") : say("đúng hạn", "fresh")) : "–",
      [f.deliveries, "count"],
      officeName(f.owner),
    ]),
  );
  const months = [...new Set(data.gate.map((g) => g.month))].sort().reverse();
  const said = (g) =>
    g ? `${g.accepted} / ${g.refused}${data.restricted ? `; ${number(g.quarantined, "count")}` : ""}` : "–";
  table(
    "gate",
    say("Theo tháng báo cáo", "By reporting month"),
    [say("Tháng", "Month"), ...data.feeds.map((f) => feedName(f.feed))],
    months.map((m) => [
      m ? day(m) : say("không rõ", "unclear"),
      ...data.feeds.map((f) => said(data.gate.find((g) => g.month === m && g.feed === f.feed))),
    ]),
  );
  const commune = (code) => communes.find((c) => c.code === code);
  at("refusals").replaceChildren(
    ...(data.refusals.length
      ? [
        element("h3", {}, say("Các lần gửi bị trả lại", "Refused deliveries")),
        element(
          "ul",
          {},
          ...data.refusals.map((r) =>
            element(
              "li",
              {},
              `${r.month ? day(r.month) : "–"}, ${feedName(r.feed)}${
                commune(r.commune) ? `, ${named(commune(r.commune))}` : ""
              }: ${named(r)} `,
              `${officeName(r.owner ?? "")} `,
              r.answered ? say("(đã gửi lại)", "(sent again since)") : say("(chưa gửi lại)", "(not sent again)"),
            )
          ),
        ),
      ]
      : []),
  );
}

function showReading() {
  at("reading").replaceChildren(...[
    say(
      "“Không có số liệu”: chưa biết, hoặc không có đối tượng để tính tỷ lệ; không có nghĩa là bằng không. “Được bảo vệ”: có số liệu nhưng không công bố vì quá ít hộ. “Không áp dụng”: chuẩn này không có chỉ số, hoặc không có hiệu lực trong tháng.",
      "“No figure”: nobody knows it, or there is nobody to take a share of; it does not mean zero. “Protected”: there is a figure, withheld because few households stand behind it. “Not applicable”: the standard has no such measure, or was not in force that month.",
    ),
    ...(data.restricted ? [] : [
      say(
        "Số đếm được làm tròn đến bội số của 5; tổng có thể khác tổng các phần, và chênh lệch giữa hai số có thể sai đến 4.",
        "Counts are rounded to 5; a total may differ from the sum of its parts, and the difference of two counts may be off by 4.",
      ),
    ]),
    ...data.standards.filter((s) => s.known_by === "assumed").map((s) =>
      say(
        `${s.vi}: một số ngưỡng là giả định, chờ đối chiếu với văn bản chính thức.`,
        `${s.en}: some bounds are assumptions, to be checked against the signed text.`,
      )
    ),
    say(
      "Không nối chuỗi số liệu của các chuẩn khác nhau. Màu của một chỉ số có cùng ý nghĩa ở mọi tháng. Ranh giới chỉ để tham khảo.",
      "Series of different standards are never joined. A colour of a measure means the same in every month. Boundaries are for reference only.",
    ),
  ].map((line) => element("li", {}, line)));
}

// What is shown first is what a finger on the slider waits for; charts follow when it rests.
let resting;
function show() {
  const one = measure(), m = chosen.month, value = figure(one.id, m, chosen.area);
  at("chosen").textContent = day(data.months[m].month);
  at("month").setAttribute("aria-valuetext", day(data.months[m].month));
  at("summary").textContent = `${fullName(one)}, ${day(data.months[m].month)}, ${named(data.areas[chosen.area])}: ${
    valued(value, unit(one.id))
  } (${standardOfMeasure(m)}).${one.group === "legal" ? ` ${ofLists(m)}` : ""}`;
  showMap();
  showRanking();
  clearTimeout(resting);
  resting = setTimeout(
    () => [showOwn, showTrend, showLacks, showProgrammes, showMovement].forEach((part) => part()),
    120,
  );
}
function choose(change) {
  Object.assign(chosen, change);
  control("area").value = String(chosen.area);
  show();
}

function fill(id, options) {
  at(id).replaceChildren(...options);
  control(id).value = chosen[id];
}
function speak(language) {
  chosen.language = language;
  document.documentElement.lang = language;
  all(document, "[data-vi]").forEach((e) => {
    e.textContent = e.dataset[language] ?? null;
  });
  document.title = `${document.querySelector("h1")?.textContent}${
    data.restricted ? say(" – BẢN HẠN CHẾ", " – RESTRICTED") : ""
  }`;
  all(document, "[data-language]").forEach((b) =>
    b.setAttribute("aria-pressed", String(b.dataset.language === language))
  );
  at("version").textContent = say(
    `Phiên bản ${data.version}, công bố ngày ${day(data.published)}`,
    `Version ${data.version}, published on ${day(data.published)}`,
  );
  const option = (entry) => new Option(named(entry), entry.id);
  const group = (label, options) => {
    const made = element("optgroup", { label });
    made.append(...options);
    return made;
  };
  fill(
    "measure",
    data.groups.filter((g) => data.measures.some((one) => one.group === g.id)).map((g) =>
      group(named(g), data.measures.filter((one) => one.group === g.id).map(option))
    ),
  );
  fill("standard", [
    new Option(say("Đang có hiệu lực", "In force in the month"), ""),
    ...data.standards.map((s) => new Option(say(`Luôn theo ${s.id}: ${s.vi}`, `Always ${s.id}: ${s.en}`), s.id)),
  ]);
  const areas = (level) =>
    data.areas.map((area, place) => [area, place]).filter(([area]) => area.level === level).map(([area, place]) =>
      new Option(named(area), place)
    );
  fill("area", [
    ...areas("city"),
    group(say("Tỉnh, thành cũ; thành thị, nông thôn", "Former provinces; urban, rural"), [
      ...areas("former_province"),
      ...areas("area_type"),
    ]),
    group(say("Xã, phường", "Communes"), areas("commune")),
  ]);
  fill("province", [
    new Option(say("Tất cả", "All"), ""),
    ...data.areas.filter((area) => area.level === "former_province").map((area) => new Option(named(area), area.code)),
  ]);
  fill("kind", [
    new Option(say("Tất cả", "All"), ""),
    new Option(say("Phường", "Wards"), "ward"),
    new Option(say("Xã", "Communes (rural)"), "commune"),
  ]);
  fill("class", [
    new Option(say("Hộ nghèo", "Poor households"), "poor"),
    new Option(say("Hộ cận nghèo", "Near-poor households"), "near_poor"),
  ]);
  showData();
  showReading();
  show();
}

at("restricted").hidden = !data.restricted;
document.body.classList.toggle("restricted", data.restricted);
control("month").max = String(data.months.length - 1);
control("month").value = chosen.month;
at("month").addEventListener("input", () => choose({ month: Number(control("month").value) }));
["measure", "standard", "province", "kind", "class"].forEach((id) =>
  at(id).addEventListener("change", () => choose({ [id]: control(id).value }))
);
at("area").addEventListener("change", () => choose({ area: Number(control("area").value) }));
at("name").addEventListener("input", () => {
  chosen.name = control("name").value;
  showRanking();
});
at("ranking").addEventListener("click", (event) => {
  const place = Number(/** @type {HTMLElement} */ (event.target).dataset.place);
  if (!place) return;
  choose({ area: chosen.area === place ? 0 : place });
  all(at("ranking"), `[data-place="${place}"]`)[0].focus();
});
all(document, "[data-language]").forEach((b) => b.addEventListener("click", () => speak(b.dataset.language)));
speak("vi");

// The library stands at the end of the page, and is read only when map and tables stand.
requestAnimationFrame(() =>
  setTimeout(() => {
    document.body.append(element("script", { type: "module" }, at("vega").textContent));
    const ready = () => drawing() ? show() : setTimeout(ready, 30);
    ready();
  })
);
