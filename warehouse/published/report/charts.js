// The charts, drawn by Vega, each with a table of the same values below it. Not here: the map.
import {
  at,
  chosen,
  control,
  data,
  day,
  element,
  figure,
  fullName,
  measure,
  named,
  number,
  say,
  standardOfSeries,
  unit,
  unitName,
} from "base";
import { offerPicture, shownMeasure, table } from "tables";

const STANDARD_COLOURS = ["#003f5c", "#bc5090"];
/** The library that draws charts; undefined until its script has run. */
export const drawing = () => /** @type {{ vegaEmbed?: any }} */ (globalThis).vegaEmbed;

// Of each, what is on its way: a drawing takes time, and the next begins when it stands.
/** @type {Record<string, Promise<any>>} */
const charts = {};
function draw(id, key, spec, values, words) {
  charts[id] = (charts[id] ?? Promise.resolve()).then((known) => redraw(known, id, key, spec, values, words));
}
async function redraw(known, id, key, spec, values, words) {
  if (!drawing()) return;
  if (!values.some((row) => typeof row.value === "number")) {
    at(id).removeAttribute("role");
    at(id).removeAttribute("aria-label");
    document.getElementById(`${id}-save`)?.remove();
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
  offerPicture(id, shownMeasure);
  return { key, view };
}

// What a target asks of a rate: the rate itself, or a fall from the first month known within its time.
export function targetsOf(series) {
  const [basis, column] = series.split("."), area = data.areas[chosen.area];
  if (!data.groups.slice(0, 2).some((g) => g.id === basis)) return [];
  return data.targets.filter((t) => t.level === area.level && t.code === area.code && t.measure === column).flatMap(
    (t) => {
      const months = data.months.map((one, m) => ({
        ...one,
        m,
        value: figure(series, m, chosen.area, t.standard),
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
  const own = unit(chosen.measure), aimed = targetsOf(chosen.measure);
  const aims = [["rate", say("Mục tiêu về tỷ lệ", "Rate aimed at")], [
    "yearly_reduction",
    say("Mục tiêu giảm hằng năm", "Yearly fall aimed at"),
  ]]
    .filter(([id]) => aimed.some((one) => one.target.aim === id));
  const rows = data.months.map((one, m) => ({
    ...one,
    m,
    series: standardOfSeries(chosen.measure, m),
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

/** Every chart with its table, for what is chosen. */
export const showCharts = () => [showTrend, showMovement].forEach((chart) => chart());
