// What all parts of the page share: the figures of the version, what is chosen, and words and numbers in its language.
// A figure is a number, null where there is none (unknown, or a share of nobody), "x" where it is withheld, undefined
// where there can be none. Not here: anything that is drawn.

/** The element of an id that the page or a script gives. @param {string} id */
export const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** A control of the page, whose value is what was chosen. @param {string} id */
export const control = (id) => /** @type {HTMLInputElement & HTMLSelectElement} */ (at(id));
/** All elements that a selector finds below one. @param {ParentNode} below @param {string} selector */
export const all = (below, selector) => /** @type {HTMLElement[]} */ ([...below.querySelectorAll(selector)]);
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => value !== null && made.setAttribute(name, value));
  made.append(...children);
  return made;
}
export const svg = (tag, attributes) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  return made;
};

const gzipped = Uint8Array.from(atob(at("data").textContent), (byte) => byte.charCodeAt(0));
export const data = await new Response(new Blob([gzipped]).stream().pipeThrough(new DecompressionStream("gzip")))
  .json();

// A month for which nobody sent a list says again what was known: the newest that says more is shown first.
const newest = Math.max(data.months.findLastIndex((one) => !one.are_carried), 0);
const preferred = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => ["vi", "en"].includes(tag));
/** What is chosen; `since` and `beside` are null where nothing is compared by choice. */
export const chosen = {
  language: preferred ?? "vi",
  measure: data.measures[0].id,
  month: newest,
  /** @type {number | null} */ since: null,
  standard: "",
  area: 0,
  /** @type {number | null} */ beside: null,
  province: "",
  kind: "",
  name: "",
  class: "poor",
};

// Words and numbers.
export const say = (vi, en) => (chosen.language === "vi" ? vi : en);
export const named = (entry) => say(entry.vi, entry.en);
export const day = (text) => text.split("-").reverse().join("/");
const DIGITS = { pct: 2, count: 0, mvnd: 0, index: 4 };
export const number = (n, unit, signDisplay = "auto") =>
  n.toLocaleString(say("vi-VN", "en-GB"), {
    minimumFractionDigits: DIGITS[unit],
    maximumFractionDigits: DIGITS[unit],
    signDisplay,
  });
export const missing = (v) =>
  v === null
    ? say("không có số liệu", "no figure")
    : v === "x"
    ? say("không công bố: quá ít", "not published: too few")
    : say("không áp dụng", "not applicable");
export const text = (v, unit, sign) => typeof v === "number" ? number(v, unit, sign) : missing(v);
export const unitName = (unit) =>
  ({
    pct: "%",
    count: say("số lượng", "count"),
    mvnd: say("triệu đồng", "million dong"),
    index: say("chỉ số", "index"),
  })[unit];
export const valued = (v, unit) =>
  typeof v === "number" && unit !== "count" ? `${number(v, unit)} ${unitName(unit)}` : text(v, unit);
export const withUnit = (name, unit) => unit === "count" ? name : `${name} (${unitName(unit)})`;
export const list = (words) => new Intl.ListFormat(say("vi", "en-GB")).format(words);
// No standard may be in force in a month.
export const standardOf = (m) => chosen.standard || data.months[m].standard || "–";
// Programmes count whoever is poor by the standard in force, whatever standard is chosen.
export const standardOfSeries = (series, m) =>
  "" in (data.series[series]?.by ?? {}) ? data.months[m].standard || "–" : standardOf(m);
export const standardName = (id) => named(data.standards.find((s) => s.id === id) ?? { vi: id, en: id });
// A contract names the office in Vietnamese and its desk in English.
export const officeName = (owner) => say(owner.split(",")[0], owner);
export const feedName = (id) => named(data.feeds.find((f) => f.feed === id) ?? { vi: id, en: id });

// Figures.
export function figure(series, m, area, standard = standardOf(m)) {
  const by = data.series[series]?.by ?? {};
  return by["" in by ? "" : standard]?.[data.months[m].month]?.[area];
}
export const measure = () => data.measures.find((one) => one.id === chosen.measure);
export const unit = (series) => data.series[series].unit;
export const ofLists = (m) => `${named(data.groups.find((g) => g.id === "legal"))}: ${named(data.months[m])}.`;
export const fullName = (one) => `${named(one)} – ${named(data.groups.find((g) => g.id === one.group))}`;
export const communes = data.areas.map((area, place) => ({ ...area, place })).filter((area) =>
  area.level === "commune"
);
export const within = (area) =>
  (!chosen.province || area.province === chosen.province) && (!chosen.kind || area.kind === chosen.kind);
/** The areas that an area lies in, the nearest first: of a commune its former province and the city. */
export const around = (area) => {
  const province = data.areas.findIndex((one) =>
    one.level === "former_province" && one.code === data.areas[area].province
  );
  return [province, 0].filter((place) => place >= 0 && place !== area);
};

// Comparison with an earlier month.
/** The month compared with: the chosen one, else the same of the year before, else the first; null where there is none. */
export function sinceMonth() {
  if (chosen.since !== null) return chosen.since < chosen.month ? chosen.since : null;
  const [year, month] = data.months[chosen.month].month.split("-");
  const before = data.months.findIndex((one) => one.month === `${Number(year) - 1}-${month}`);
  const first = before >= 0 ? before : 0;
  return first < chosen.month ? first : null;
}
/**
 * How a series of an area changed since the month compared with: null where nobody knows. What different standards
 * measure is not compared, and lists that were carried since say nothing of a change.
 */
export function change(series, area) {
  const m = chosen.month, since = sinceMonth();
  if (since === null || standardOfSeries(series, m) !== standardOfSeries(series, since)) return null;
  const age = figure("list.newest_list_month", m, area);
  if (series.startsWith("legal.") && typeof age === "number" && age >= m - since) return null;
  const [before, now] = [figure(series, since, area), figure(series, m, area)];
  return typeof before === "number" && typeof now === "number" ? now - before : null;
}
