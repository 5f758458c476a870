// The page's behaviour: what is chosen, by whom, and the tables that follow from it. The address holds the choice, so
// that a view can be sent. Not here: words and figures (`base`), answers, map and charts.
import { showAnswers, showOrigin } from "answers";
import {
  all,
  around,
  at,
  change,
  chosen,
  communes,
  control,
  data,
  day,
  element,
  feedName,
  figure,
  fullName,
  measure,
  named,
  number,
  officeName,
  ofLists,
  say,
  sinceMonth,
  standardName,
  standardOf,
  standardOfSeries,
  unit,
  unitName,
  valued,
  within,
  withUnit,
} from "base";
import { drawing, showCharts } from "charts";
import { drawMap, showMap } from "map";
import { table } from "tables";

at("unopened").remove();

function showRanking() {
  const own = unit(chosen.measure), sought = chosen.name.trim().toLocaleLowerCase("vi");
  const since = sinceMonth(), sinceText = since === null ? "" : day(data.months[since].month);
  const plain = (name) => name.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d");
  const size = (v) => typeof v === "number" ? v : -Infinity;
  const listed = communes.filter(within).map((c) => ({
    ...c,
    value: figure(chosen.measure, chosen.month, c.place),
    change: change(chosen.measure, c.place),
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
    [
      say("Xã, phường", "Commune"),
      say("Hạng", "Rank"),
      unitName(own),
      since === null ? say("Thay đổi", "Change") : say(`So với ${sinceText}`, `Since ${sinceText}`),
    ],
    found.map((c) => {
      const button = element("button", {
        type: "button",
        "aria-pressed": String(c.place === chosen.area),
        "data-place": c.place,
      }, named(c));
      return [
        button,
        c.rank ? [c.rank, "count"] : "–",
        [c.value, own],
        c.change === null ? "–" : [c.change, own, "exceptZero"],
      ];
    }),
  );
  at("ranking").querySelector("[aria-pressed=true]")?.closest("tr")?.classList.add("chosen");
}

// The chosen area beside those it lies in, one that was chosen to compare, and itself in the month compared with.
function showOwn() {
  const m = chosen.month, since = sinceMonth(), month = day(data.months[m].month);
  const beside = chosen.beside === null || chosen.beside === chosen.area ? [] : [chosen.beside];
  const places = [...new Set([chosen.area, ...beside, ...around(chosen.area)])];
  const columns = [
    ...places.map((place) => [`${named(data.areas[place])}, ${month}`, m, place]),
    ...(since === null
      ? []
      : [[`${named(data.areas[chosen.area])}, ${day(data.months[since].month)}`, since, chosen.area]]),
  ];
  at("own-title").textContent = say("Các khu vực và tháng cạnh nhau", "Areas and months side by side");
  const rows = data.groups.slice(0, 2).flatMap((basis) =>
    [
      ...data.words.households.map((word) => [word, word.id, "count"]),
      ...data.measures.filter((one) => one.group === basis.id).map((one) => [one, one.id.split(".")[1], "pct"]),
    ].filter(([, id]) => data.series[`${basis.id}.${id}`]).map(([word, id, own]) => [
      `${named(basis)}: ${withUnit(named(word), own)}`,
      ...columns.map(([, at, place]) => [figure(`${basis.id}.${id}`, at, place), own]),
    ])
  );
  table(
    "own",
    say(`Theo ${standardName(standardOf(m))}`, `By: ${standardName(standardOf(m))}`) + `. ${ofLists(m)}`,
    [say("Số liệu", "Figure"), ...columns.map(([head]) => head)],
    rows,
  );
}

function showLacks() {
  const standard = standardOf(chosen.month),
    columns = ["uncensored_headcount", "contribution_pct", "unknown_share", "poor_deprived_households"];
  const codes = data.indicators.filter((i) => i.standard === standard);
  const values = codes.map((i) =>
    columns.map((column) => figure(`${i.code}.${column}`, chosen.month, chosen.area, standard))
  );
  const most = [0, 1].map((x) => Math.max(...values.map((row) => row[x]).filter((v) => v > 0)));
  table(
    "lacks",
    `${named(data.areas[chosen.area])}, ${day(data.months[chosen.month].month)}, ${standardName(standard)}`,
    [
      say("Chỉ số", "Indicator"),
      say("Hộ thiếu hụt (%)", "Households that lack it (%)"),
      say("Đóng góp vào M0 (%)", "Contribution to M0 (%)"),
      say("Chưa biết (%)", "Unknown (%)"),
      say("Hộ nghèo thiếu hụt", "Poor households that lack it"),
    ],
    codes.map((i, row) => [
      named(i),
      // Bars within a column: a chart that has room for words where there is no figure.
      ...values[row].map((v, x) => [v, x < 3 ? "pct" : "count", "auto", x < 2 && v > 0 ? 100 * v / most[x] : 0]),
    ]),
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
  // Needs are counted by commune, so no area type has them.
  const counted = data.areas[area].level === "area_type" ? [] : data.measures.filter((one) => one.group === "gap");
  const left = (gap) => {
    const known = figure(gap.series, m, area, standardOf(m));
    return [typeof known === "number" && gap.is_reached ? 100 - known : known, "pct"];
  };
  table(
    "gaps",
    say("Khoảng trống", "Gaps") + (data.restricted ? "" : say(" (tính từ số đã làm tròn)", " (from rounded counts)")),
    [
      say("Nhu cầu", "Need"),
      value,
      say("Nơi có thể giải quyết", "Office that can act"),
      say("Việc cần làm tiếp", "Next step"),
    ],
    [
      ...data.gaps.filter((gap) => data.series[gap.series]?.by).map((gap) => [
        withUnit(named(gap), "pct"),
        left(gap),
        say(gap.office_vi, gap.office_en),
        say(gap.step_vi, gap.step_en),
      ]),
      ...counted.map((one) => {
        const gap = data.gaps.find((other) => other.programme === one.id.split(".")[0]);
        return [
          `${named(one)}: ${say("nhu cầu đã biết, chưa được hỗ trợ", "known needs that support has not reached")}`,
          [figure(one.id, m, area), unit(one.id)],
          gap ? say(gap.office_vi, gap.office_en) : "–",
          gap ? say(gap.step_vi, gap.step_en) : "–",
        ];
      }),
    ],
  );
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
      "“Không có số liệu”: chưa biết, hoặc không có đối tượng để tính tỷ lệ; không có nghĩa là bằng không. “Không công bố: quá ít”: có số liệu, nhưng có ít hộ hoặc ít người đằng sau. “Không áp dụng”: chuẩn này không có chỉ số, hoặc không có hiệu lực trong tháng.",
      "“No figure”: nobody knows it, or there is nobody to take a share of; it does not mean zero. “Not published: too few”: there is a figure, but few households or persons stand behind it. “Not applicable”: the standard has no such measure, or was not in force that month.",
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

// The words of the field, and the law behind what is chosen.
function showDefinitions() {
  const [basis, column] = chosen.measure.split("."),
    standard = data.standards.find((s) => s.id === standardOf(chosen.month));
  const indicator = data.indicators.find((i) => i.code === basis && i.standard === standard?.id);
  const laws = [
    indicator && `${named(indicator)}: ${say(indicator.law_vi, indicator.law_en)}`,
    standard && `${named(standard)}: ${say(standard.law_vi, standard.law_en)}`,
  ].filter(Boolean);
  at("law").textContent = `${fullName(measure())}. ${laws.join(". ")}.`;
  at("glossary").replaceChildren(...data.words.glossary.flatMap((word) => {
    const [term, meaning] = [say(word.vi, word.en), say(word.meaning_vi, word.meaning_en)];
    const isShown = [basis, column].includes(word.id);
    return [element("dt", { class: isShown ? "chosen" : null }, term), element("dd", {}, meaning)];
  }));
}

// The address holds the choice; what it does not name is as on opening.
const keyOf = (place) => {
  const area = data.areas[place];
  return area.level === "commune" ? area.code : area.level === "city" ? "city" : `${area.level}.${area.code}`;
};
const placeOf = (key) => data.areas.findIndex((_, place) => keyOf(place) === key);
const monthOf = (text) => data.months.findIndex((one) => one.month === text);
const opened = { ...chosen };
function address() {
  const { area, beside, language, measure, month, since, standard } = chosen;
  const words = {
    area: keyOf(area),
    month: data.months[month].month,
    measure,
    ...(standard ? { standard } : {}),
    ...(since === null ? {} : { since: data.months[since].month }),
    ...(beside === null ? {} : { beside: keyOf(beside) }),
    language,
  };
  return `#${new URLSearchParams(words)}`;
}
function readAddress() {
  const words = new URLSearchParams(location.hash.slice(1));
  const place = (key) => placeOf(words.get(key) ?? "");
  const known = {
    area: place("area"),
    beside: place("beside"),
    month: monthOf(words.get("month")),
    since: monthOf(words.get("since")),
  };
  Object.assign(chosen, opened, {
    ...Object.fromEntries(Object.entries(known).filter(([, index]) => index >= 0)),
    ...(data.measures.some((one) => one.id === words.get("measure")) ? { measure: words.get("measure") } : {}),
    ...(data.standards.some((one) => one.id === words.get("standard")) ? { standard: words.get("standard") } : {}),
    ...(["vi", "en"].includes(words.get("language") ?? "") ? { language: words.get("language") } : {}),
  });
}

// What is shown first is what a finger on the slider waits for; charts follow when it rests.
let resting;
function show() {
  const one = measure(), m = chosen.month, value = figure(one.id, m, chosen.area);
  history.replaceState(null, "", address());
  document.body.dataset.level = data.areas[chosen.area].level;
  at("chosen").textContent = day(data.months[m].month);
  at("month").setAttribute("aria-valuetext", day(data.months[m].month));
  at("summary").textContent = `${fullName(one)}, ${day(data.months[m].month)}, ${named(data.areas[chosen.area])}: ${
    valued(value, unit(one.id))
  } (${standardOfSeries(one.id, m)}).`;
  showAnswers();
  showMap();
  showRanking();
  clearTimeout(resting);
  resting = setTimeout(
    () => [showOwn, showCharts, showLacks, showProgrammes, showDefinitions].forEach((part) => part()),
    120,
  );
}
function choose(change) {
  Object.assign(chosen, change);
  fillControls();
  show();
}

function fillControls() {
  control("month").value = String(chosen.month);
  control("area").value = String(chosen.area);
  control("beside").value = String(chosen.beside ?? "");
  control("since").value = String(chosen.since ?? "");
  ["measure", "standard", "province", "kind", "class"].forEach((id) => {
    control(id).value = chosen[id];
  });
}
const option = (entry) => new Option(named(entry), entry.id);
const group = (label, options) => {
  const made = element("optgroup", { label });
  made.append(...options);
  return made;
};
function speak() {
  document.documentElement.lang = chosen.language;
  all(document, "[data-vi]").forEach((e) => {
    e.textContent = e.dataset[chosen.language] ?? null;
  });
  document.title = `${document.querySelector("h1")?.textContent}${
    data.restricted ? say(" – BẢN HẠN CHẾ", " – RESTRICTED") : ""
  }`;
  all(document, "[data-language]").forEach((b) =>
    b.setAttribute("aria-pressed", String(b.dataset.language === chosen.language))
  );
  const fill = (id, options) => at(id).replaceChildren(...options);
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
  const everywhere = () => [
    ...areas("city"),
    group(say("Tỉnh, thành cũ; thành thị, nông thôn", "Former provinces; urban, rural"), [
      ...areas("former_province"),
      ...areas("area_type"),
    ]),
    group(say("Xã, phường", "Communes"), areas("commune")),
  ];
  fill("area", everywhere());
  fill("beside", [new Option(say("Không", "None"), ""), ...everywhere()]);
  fill("since", [
    new Option(say("Cùng tháng năm trước, hoặc tháng đầu", "A year before, or the first month"), ""),
    ...data.months.map((one, m) => new Option(day(one.month), String(m))),
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
  fillControls();
  showOrigin();
  showData();
  showReading();
  show();
}

at("restricted").hidden = !data.restricted;
at("simulated").hidden = !data.simulated;
document.body.classList.toggle("restricted", data.restricted);
document.body.classList.toggle("simulated", data.simulated);
control("month").max = String(data.months.length - 1);
at("month").addEventListener("input", () => choose({ month: Number(control("month").value) }));
["measure", "standard", "province", "kind", "class"].forEach((id) =>
  at(id).addEventListener("change", () => choose({ [id]: control(id).value }))
);
at("area").addEventListener("change", () => choose({ area: Number(control("area").value) }));
["beside", "since"].forEach((id) =>
  at(id).addEventListener("change", () => {
    const value = control(id).value;
    choose({ [id]: value === "" ? null : Number(value) });
  })
);
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
all(document, "[data-language]").forEach((b) =>
  b.addEventListener("click", () => {
    chosen.language = String(b.dataset.language);
    speak();
  })
);
// An address that was pasted into an open page.
addEventListener("hashchange", () => {
  if (location.hash === address()) return;
  readAddress();
  speak();
});
drawMap((area) => choose({ area }));
readAddress();
speak();

// The library stands at the end of the page, and is read only when map and tables stand.
requestAnimationFrame(() =>
  setTimeout(() => {
    document.body.append(element("script", { type: "module" }, at("vega").textContent));
    const ready = () => drawing() ? show() : setTimeout(ready, 30);
    ready();
  })
);
