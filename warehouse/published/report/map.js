// The map of the communes: drawn once, afterwards only its fills change.
// Not here: what follows from a choice (`page`).
import {
  at,
  chosen,
  communes,
  data,
  element,
  figure,
  missing,
  named,
  number,
  say,
  svg,
  unit,
  valued,
  within,
} from "base";
import { offerPicture, shownMeasure } from "tables";

const COLOURS = ["#fdea9b", "#cdbb6c", "#a09877", "#7a7b78", "#555f6e", "#2f4470", "#00224e"]; // cividis, light to dark
const PATTERNS = { unknown: "M0 10L10 0", withheld: "M5 4V6M4 5H6" };
// Towns that most people find themselves by.
const TOWNS = ["31135", "31207", "31321", "31340", "31471", "31507", "31732", "31783", "31673"];
// Of the city's rate: half of it, the rate itself, and multiples.
const MULTIPLES = [0.5, 1, 1.5, 2, 3];

// Bounds of the classes of a measure: the same in all months and under all standards, so that months compare. Of a share
// they are multiples of the city's newest; of others there are as many figures in each class, and zeros, of which a
// small measure has too many, are left to the first.
const bounds = new Map();
function classes(series) {
  if (!bounds.has(series)) bounds.set(series, ofCity(series) ?? ofFigures(series));
  return bounds.get(series);
}
function ofCity(series) {
  if (unit(series) !== "pct") return null;
  const city = data.months.map((_, m) => figure(series, m, 0, data.months[m].standard ?? "–")).findLast((v) => v > 0);
  if (!city || city * 3 > 100) return null;
  return MULTIPLES.map((times) => Math.round(times * city * 100) / 100);
}
function ofFigures(series) {
  const values = Object.keys(data.series[series].by).flatMap((standard) =>
    data.months.flatMap((_, m) => communes.map((c) => figure(series, m, c.place, standard)))
  ).filter((v) => v > 0).sort((a, b) => a - b);
  const digits = unit(series) === "index" ? 3 : unit(series) === "pct" ? 1 : 0;
  // Cut off, not rounded: a value must not fall below the bound that it gave.
  const cuts = COLOURS.slice(1).map((_, i) =>
    Math.floor((values[Math.floor(values.length * (i + 1) / COLOURS.length)] ?? 0) * 10 ** digits) / 10 ** digits
  );
  return [...new Set(cuts)].filter((cut) => cut > values[0]);
}
// Fewer classes than colours still span from light to dark.
const shade = (index, cuts) => COLOURS[cuts.length ? Math.round(index * (COLOURS.length - 1) / cuts.length) : 0];
const colour = (v, cuts) =>
  v === 0
    ? "#fff"
    : typeof v === "number"
    ? shade(cuts.filter((cut) => v >= cut).length, cuts)
    : v === "x"
    ? "url(#withheld)"
    : "url(#unknown)";

const picture = svg("svg", {
  viewBox: `-5 -5 ${data.map.width + 10} ${data.map.height + 10}`,
  role: "listbox",
  tabindex: 0,
  "aria-labelledby": "map-title",
  "aria-describedby": "map-note summary",
});
const shapes = communes.map((c) => svg("path", { id: `c${c.code}`, d: data.map.paths[c.code], role: "option" }));
let pointed;
const told = (c) => `${named(c)}: ${valued(figure(chosen.measure, chosen.month, c.place), unit(chosen.measure))}`;
const showPointed = () => {
  at("pointed").textContent = pointed ? told(pointed) : "";
};

/** Draw the map; `choose` is told which area was chosen on it. */
export function drawMap(choose) {
  // Below the communes, so that of its line only the outer half is seen.
  const outline = svg("path", { class: "outline", d: Object.values(data.map.paths).join("") });
  picture.append(
    ...Object.entries(PATTERNS).map(([id, d]) => {
      const pattern = svg("pattern", { id, width: 10, height: 10, patternUnits: "userSpaceOnUse" });
      pattern.append(
        svg("rect", { width: 10, height: 10, fill: "#fff" }),
        svg("path", { d, style: "stroke: #555; stroke-width: 2" }),
      );
      return pattern;
    }),
    outline,
    ...shapes,
  );
  at("map").append(picture);
  TOWNS.forEach((code) => {
    const path = shapes[communes.findIndex((c) => c.code === code)], [x, y] = centre(path);
    const name = svg("text", { x, y, "aria-hidden": "true" });
    name.textContent = communes.find((c) => c.code === code)?.vi.replace(/^(Phường|Xã) /, "") ?? "";
    picture.append(name);
  });
  shapes.forEach((path, i) => {
    path.addEventListener("click", () => choose(chosen.area === communes[i].place ? 0 : communes[i].place));
    path.addEventListener("pointerenter", () => {
      pointed = communes[i];
      showPointed();
    });
  });
  picture.addEventListener("keydown", (event) => {
    if (event.key === "Escape") choose(0);
    const near = neighbour(event.key);
    if (near === undefined) return;
    event.preventDefault();
    if (near) choose(near.place);
  });
}
function centre(path) {
  const box = path.getBBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

// An arrow key goes to the nearest commune in its direction, or into the map where none is chosen yet.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
function neighbour(key) {
  const [right, down] = ARROWS[key] ?? [];
  if (right === undefined) return undefined;
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
  return near[0] ?? null;
}

export function showMap() {
  const cuts = classes(chosen.measure), by = unit(chosen.measure);
  shapes.forEach((path, i) => {
    path.setAttribute("fill", colour(figure(chosen.measure, chosen.month, communes[i].place), cuts));
    path.setAttribute("aria-label", told(communes[i]));
    path.setAttribute("aria-selected", String(communes[i].place === chosen.area));
    path.classList.toggle("aside", !within(communes[i]));
  });
  const own = shapes[chosen.area - communes[0].place];
  picture.setAttribute("aria-activedescendant", own?.id ?? "");
  // On top of its neighbours, below the names.
  if (own) shapes[0].parentNode?.insertBefore(own, picture.querySelector("text"));
  showPointed();
  offerPicture("map", shownMeasure);
  const legend = (fill, words) => {
    const swatch = svg("svg", { viewBox: "0 0 30 20", "aria-hidden": "true" });
    swatch.append(svg("rect", { width: 30, height: 20, fill }));
    return element("li", {}, swatch, ` ${words}`);
  };
  const only = new Set(
    communes.map((c) => figure(chosen.measure, chosen.month, c.place)).filter((v) => typeof v === "number"),
  );
  const isOfCity = ofCity(chosen.measure) !== null;
  const times = (i) => `${MULTIPLES[i].toLocaleString(say("vi-VN", "en-GB"))}×`;
  const bound = (i) => number(cuts[i], by) + (isOfCity ? ` (${times(i)})` : "");
  const range = (i) =>
    !cuts.length
      ? only.size === 1 ? number([...only][0], by) : say("mọi giá trị", "all values")
      : i === 0
      ? say(`dưới ${bound(0)}`, `below ${bound(0)}`)
      : i === cuts.length
      ? say(`từ ${bound(i - 1)}`, `${bound(i - 1)} and more`)
      : say(`từ ${bound(i - 1)} đến dưới ${bound(i)}`, `${bound(i - 1)} to below ${bound(i)}`);
  at("legend").replaceChildren(
    ...(isOfCity
      ? [element("li", { class: "note" }, say("Lần tỷ lệ của toàn thành phố:", "Multiples of the city's rate:"))]
      : []),
    legend("#fff", say("bằng 0", "zero")),
    ...[...cuts, null].map((_, i) => legend(shade(i, cuts), range(i))),
    legend("url(#unknown)", missing(null)),
    ...(data.restricted ? [] : [legend("url(#withheld)", missing("x"))]),
  );
}
