// Tables that can be sorted, and what can be taken out of the page: a table as CSV, a picture as SVG or PNG.
// Not here: which figures a table or a picture has.
import { all, at, chosen, data, day, element, measure, named, say, svg, text } from "base";

// By table: the column that it is sorted by and which way, and what it was last made of.
const sorted = new Map();
const made = new Map();

const plain = (cell) => cell instanceof HTMLElement ? cell.textContent ?? "" : String(cell);
const compared = (cell) =>
  Array.isArray(cell) ? (typeof cell[0] === "number" ? cell[0] : -Infinity) : plain(cell).toLocaleLowerCase("vi");
function inOrder(id, rows) {
  const { column, ascending } = sorted.get(id) ?? {};
  if (column === undefined) return rows;
  const size = (one, other) =>
    typeof one === "number" && typeof other === "number" ? one - other : String(one).localeCompare(String(other), "vi");
  return [...rows].sort((one, other) => size(compared(one[column]), compared(other[column])) * (ascending ? 1 : -1));
}

/**
 * Heads are texts; a row is a list of cells, the first its header: a text or element, or [figure, unit] and how its
 * sign is shown and how long its bar is, in per cent. A press on a head sorts by it.
 */
export function table(id, caption, heads, rows) {
  made.set(id, { caption, heads, rows });
  const numeric = heads.map((_, i) => rows.some((row) => Array.isArray(row[i])));
  const order = sorted.get(id);
  const head = (words, i) => {
    const button = element("button", { type: "button", class: "sort" }, words);
    button.addEventListener("click", () => {
      const known = sorted.get(id);
      sorted.set(id, { column: i, ascending: known?.column === i ? !known.ascending : !numeric[i] });
      const { caption, heads, rows } = made.get(id);
      table(id, caption, heads, rows);
      all(at(id), ".sort")[i].focus();
    });
    return element("th", {
      scope: "col",
      class: numeric[i] ? "number" : null,
      "aria-sort": order?.column === i ? (order.ascending ? "ascending" : "descending") : null,
    }, button);
  };
  const cell = (content, i) => {
    if (!i) return element("th", { scope: "row" }, Array.isArray(content) ? text(...content) : content);
    const kind = !Array.isArray(content)
      ? []
      : typeof content[0] === "number"
      ? []
      : [content[0] === "x" ? "withheld" : "missing"];
    const bar = Array.isArray(content) && content[3]
      ? [element("div", { class: "bar", style: `width: ${content[3]}%` })]
      : [];
    return element(
      "td",
      { class: [...(numeric[i] ? ["number"] : []), ...kind].join(" ") || null },
      Array.isArray(content) ? text(...content) : content,
      ...bar,
    );
  };
  at(id).replaceChildren(
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...heads.map(head))),
    element("tbody", {}, ...inOrder(id, rows).map((row) => element("tr", {}, ...row.map(cell)))),
  );
  offer(at(id).parentElement ?? at(id), id, [["CSV", () => csv(id)]]);
}

// Buttons after what they save.
function offer(after, id, saves) {
  document.getElementById(`${id}-save`)?.remove();
  const buttons = saves.map(([kind, write]) => {
    const button = element("button", { type: "button", "data-save": kind }, `${say("Tải", "Save")} ${kind}`);
    button.addEventListener("click", async () => save(`${fileName(id)}.${kind.toLowerCase()}`, await write()));
    return button;
  });
  after.after(element("p", { id: `${id}-save`, class: "save" }, ...buttons));
}
const fileName = (id) =>
  ["can-tho", id, data.areas[chosen.area].code, data.months[chosen.month].month, data.version].join("-");
function save(name, content) {
  const link = element("a", { href: URL.createObjectURL(content), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
const source = () =>
  say(
    `Nguồn: kho dữ liệu nghèo đa chiều Cần Thơ, phiên bản ${data.version}, ${day(data.published)}`,
    `Source: Can Tho poverty warehouse, version ${data.version}, ${day(data.published)}`,
  ) + (data.simulated ? say(". SỐ LIỆU MÔ PHỎNG", ". SIMULATED DATA") : "");

// Numbers as programs read them; with a mark that makes Excel read the letters rightly.
function csv(id) {
  const { caption, heads, rows } = made.get(id);
  const value = (cell) => Array.isArray(cell) ? (typeof cell[0] === "number" ? cell[0] : text(...cell)) : plain(cell);
  const quoted = (cell) => `"${String(cell).replaceAll('"', '""')}"`;
  const lines = [heads, ...inOrder(id, rows).map((row) => row.map(value)), [`${caption}. ${source()}`]];
  return new Blob(["\ufeff", ...lines.map((line) => line.map(quoted).join(",") + "\r\n")], { type: "text/csv" });
}

/** Offer a picture as SVG and PNG, with what it shows and where it is from; `words` says the first. */
export function offerPicture(id, words) {
  offer(at(id), id, [["SVG", () => drawn(id, words())], ["PNG", () => painted(id, words())]]);
}
const NEEDED = ["fill", "stroke", "stroke-width", "opacity", "font-size", "font-family", "paint-order", "text-anchor"];
function drawn(id, words) {
  const shown = /** @type {SVGSVGElement} */ (at(id).querySelector("svg"));
  const { width, height } = shown.getBoundingClientRect();
  const copy = /** @type {SVGSVGElement} */ (shown.cloneNode(true));
  // What the page's style says of it goes along.
  const parts = [...shown.querySelectorAll("path, text, rect, line, circle")];
  [...copy.querySelectorAll("path, text, rect, line, circle")].forEach((part, i) => {
    const style = getComputedStyle(parts[i]);
    NEEDED.forEach((name) => part.setAttribute(name, style.getPropertyValue(name)));
  });
  Object.entries({ x: 0, y: 30, width, height }).forEach(([name, value]) => copy.setAttribute(name, String(value)));
  const around = svg("svg", { viewBox: `0 0 ${width} ${height + 55}`, width, height: height + 55 });
  const line = (content, y, size) => {
    const one = svg("text", { x: 5, y, "font-size": size, "font-family": "system-ui, sans-serif" });
    one.textContent = content;
    return one;
  };
  around.append(
    svg("rect", { width, height: height + 55, fill: "#fff" }),
    line(words, 20, 15),
    copy,
    line(source(), height + 47, 11),
  );
  return new Blob([new XMLSerializer().serializeToString(around)], { type: "image/svg+xml" });
}
async function painted(id, words) {
  const image = new Image();
  const address = URL.createObjectURL(drawn(id, words));
  image.src = address;
  await image.decode();
  const canvas =
    /** @type {HTMLCanvasElement} */ (element("canvas", { width: 2 * image.width, height: 2 * image.height }));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  return await new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** What a picture of the chosen measure shows. */
export const shownMeasure = () =>
  `${named(measure())}, ${day(data.months[chosen.month].month)}, ${named(data.areas[chosen.area])}`;
