// What people ask first, answered in sentences for the area and month chosen: who is poor, since when, against which
// target, what they lack, what moved, who has not sent. Not here: tables and pictures of all figures.
import {
  around,
  at,
  change,
  chosen,
  communes,
  data,
  day,
  element,
  feedName,
  figure,
  list,
  measure,
  missing,
  named,
  number,
  officeName,
  ofLists,
  say,
  sinceMonth,
  standardName,
  standardOf,
  unit,
  unitName,
  valued,
} from "base";
import { targetsOf } from "charts";

const points = (difference) => number(Math.abs(difference), "pct");
const moved = (difference) =>
  Math.abs(difference) < 0.005
    ? say("không đổi", "unchanged")
    : difference > 0
    ? say(`tăng ${points(difference)} điểm phần trăm`, `up ${points(difference)} percentage points`)
    : say(`giảm ${points(difference)} điểm phần trăm`, `down ${points(difference)} percentage points`);
function sinceThen(series) {
  const since = sinceMonth();
  if (since === null) return "";
  const then = day(data.months[since].month), difference = change(series, chosen.area);
  return difference === null
    ? say(` Chưa so được với ${then}.`, ` No comparison with ${then} is possible.`)
    : say(` So với ${then}: ${moved(difference)}.`, ` Since ${then}: ${moved(difference)}.`);
}
const households = (n) =>
  typeof n === "number" ? say(`${number(n, "count")} hộ`, `${number(n, "count")} households`) : missing(n);

// Three figures, each with a sentence; for a commune beside those of the areas around it.
function figures() {
  const { area, month } = chosen;
  return [
    ["poor_households", "poor_rate_pct", "Hộ nghèo", "Poor"],
    ["near_poor_households", "near_poor_rate_pct", "Hộ cận nghèo", "Near-poor"],
    [null, "multidimensional_rate_pct", "Hộ nghèo và cận nghèo", "Poor and near-poor together"],
  ].map(([count, rate, vi, en]) => {
    const series = `legal.${rate}`, value = figure(series, month, area);
    const counted = count && figure(`legal.${count}`, month, area);
    const residents = figure("legal.households", month, area);
    const behind = typeof counted === "number"
      ? households(counted) +
        (typeof residents === "number"
          ? say(` trong ${number(residents, "count")} hộ dân cư.`, ` of ${number(residents, "count")} resident.`)
          : ".")
      : "";
    const others = around(area).map((place) =>
      `${named(data.areas[place])} ${valued(figure(series, month, place), "pct")}`
    );
    return element(
      "div",
      {},
      element("h3", {}, say(vi, en)),
      element(
        "p",
        { class: typeof value === "number" ? "figure" : `figure ${value === "x" ? "withheld" : "missing"}` },
        valued(value, "pct"),
      ),
      element(
        "p",
        {},
        typeof value === "number" ? behind + sinceThen(series) : "",
        others.length ? ` ${say("Để so sánh", "Beside it")}: ${list(others)}.` : "",
      ),
    );
  });
}

// A household that is not determined may be poor or not: what is counted is the least, with these the most.
function found(standard, month = chosen.month) {
  const [least, open, reviewed] = ["poor_households", "undetermined_households", "reviewed_households"].map((name) =>
    figure(`computed.${name}`, month, chosen.area, standard)
  );
  if (typeof reviewed !== "number") return null;
  const most = typeof least === "number" && typeof open === "number" ? least + open : null;
  const bounds = typeof least !== "number"
    ? say(`số hộ nghèo: ${missing(least)}`, `poor households: ${missing(least)}`)
    : most === null
    ? say(`ít nhất ${households(least)} nghèo`, `at least ${households(least)} are poor`)
    : most === least
    ? say(`${households(least)} nghèo`, `${households(least)} are poor`)
    : say(
      `ít nhất ${number(least, "count")} và nhiều nhất ${number(most, "count")} hộ nghèo`,
      `at least ${number(least, "count")} and at most ${number(most, "count")} are poor`,
    );
  return say(
    `Trong ${households(reviewed)} được rà soát, ${bounds}.`,
    `Among the ${households(reviewed)} reviewed, ${bounds}.`,
  );
}

function targets() {
  const stated = data.measures.filter((one) => one.group === "legal").flatMap((one) =>
    targetsOf(one.id).filter((asked) => asked.m === chosen.month).map((asked) => [one, asked])
  );
  if (!stated.length) {
    return [
      say("Không có mục tiêu nào được biết cho khu vực và tháng này.", "No target is known for this area and month."),
    ];
  }
  return stated.map(([one, asked]) => {
    const value = figure(one.id, chosen.month, chosen.area);
    const aim = `${named(one)}: ${say("mục tiêu", "target")} ${valued(asked.value, "pct")}`;
    if (typeof value !== "number") return `${aim}; ${missing(value)}.`;
    return value <= asked.value
      ? say(`${aim}; hiện ${valued(value, "pct")}: đạt.`, `${aim}; now ${valued(value, "pct")}: reached.`)
      : say(
        `${aim}; hiện ${valued(value, "pct")}: còn ${points(value - asked.value)} điểm phần trăm.`,
        `${aim}; now ${valued(value, "pct")}: ${points(value - asked.value)} points to go.`,
      );
  });
}

// Of the recognised poor, what most of them lack, and of how many of the reviewed it is unknown.
function lacks() {
  const standard = standardOf(chosen.month), poor = figure("legal.poor_households", chosen.month, chosen.area);
  const value = (code, column) => figure(`${code}.${column}`, chosen.month, chosen.area, standard);
  const counted = data.indicators.filter((i) => i.standard === standard).map((i) => ({
    ...i,
    poor: value(i.code, "poor_deprived_households"),
    unknown: value(i.code, "unknown_share"),
  })).filter((i) => typeof i.poor === "number" && i.poor > 0).sort((a, b) => b.poor - a.poor).slice(0, 3);
  if (!counted.length) {
    return say(
      "Hộ nghèo thiếu hụt gì nhiều nhất: không có số liệu được công bố.",
      "What the poor lack most: no figure is published.",
    );
  }
  const each = counted.map((i) => {
    const unknown = typeof i.unknown === "number"
      ? say(
        `chưa biết ở ${valued(i.unknown, "pct")} hộ được rà soát`,
        `unknown for ${valued(i.unknown, "pct")} of the reviewed`,
      )
      : say("chưa biết ở bao nhiêu hộ: không công bố", "how many are unknown is not published");
    return `${named(i)} (${households(i.poor)}; ${unknown})`;
  });
  const of = typeof poor === "number"
    ? say(` trong ${households(poor)} nghèo`, ` of ${households(poor)} that are poor`)
    : "";
  return say(`Hộ nghèo thiếu hụt nhiều nhất${of}: ${list(each)}.`, `What the poor lack most,${of}: ${list(each)}.`);
}

/** Feeds of which a delivery is overdue for an area, each with since when; of the city all, of a commune its own. */
function silent() {
  const area = data.areas[chosen.area];
  const overdue = data.feeds.flatMap((f) => {
    if (!f.month) return [say(`${named(f)} (chưa gửi lần nào)`, `${named(f)} (never)`)];
    const due = f.due < data.published
      ? say(`sau ${day(f.month.slice(0, 7))}`, `after ${day(f.month.slice(0, 7))}`)
      : null;
    if (area.level === "commune" && f.missing) {
      return f.missing.includes(area.code)
        ? [
          say(`${named(f)} (chưa có ${day(f.month.slice(0, 7))})`, `${named(f)} (not for ${day(f.month.slice(0, 7))})`),
        ]
        : due
        ? [`${named(f)} (${due})`]
        : [];
    }
    const left = f.missing?.length
      ? say(
        `${f.missing.length} xã, phường chưa có ${day(f.month.slice(0, 7))}`,
        `${f.missing.length} communes not for ${day(f.month.slice(0, 7))}`,
      )
      : null;
    return due || left ? [`${named(f)} (${[due, left].filter(Boolean).join("; ")})`] : [];
  });
  return overdue.length
    ? say(`Chưa gửi đúng hạn: ${list(overdue)}.`, `Not sent in time: ${list(overdue)}.`)
    : say("Các nguồn đều đã gửi đúng hạn.", "Every feed was sent in time.");
}

function sinceIssue() {
  const { previous } = data;
  if (!previous) return say("Đây là lần công bố đầu tiên.", "This is the first issue.");
  const each = previous.deliveries.map((one) =>
    say(
      `${feedName(one.feed)} ${day(one.month)}: ${one.count} lần gửi`,
      `${feedName(one.feed)} ${day(one.month)}: ${one.count}`,
    )
  );
  const what = each.length ? list(each) : say("không có lần gửi nào mới", "no new delivery");
  return say(
    `Từ lần công bố trước (${previous.version}, ${day(previous.issued)}): ${what}.`,
    `New since the issue before (${previous.version}, ${day(previous.issued)}): ${what}.`,
  );
}

// Communes of the area chosen in which the chosen measure rose and fell most.
function changes() {
  const since = sinceMonth(), own = data.areas[chosen.area];
  if (since === null) return [];
  const inside = communes.filter((c) =>
    own.level === "commune" || own.level === "city" ||
    (own.level === "area_type" ? c.kind === (own.code === "urban" ? "ward" : "commune") : c.province === own.code)
  ).map((c) => ({ ...c, change: change(chosen.measure, c.place) })).filter((c) => c.change);
  const said = (some) =>
    list(some.map((c) => `${named(c)} (${number(c.change ?? 0, unit(chosen.measure), "exceptZero")})`));
  const rose = inside.filter((c) => (c.change ?? 0) > 0).sort((a, b) => (b.change ?? 0) - (a.change ?? 0)).slice(0, 5);
  const fell = inside.filter((c) => (c.change ?? 0) < 0).sort((a, b) => (a.change ?? 0) - (b.change ?? 0)).slice(0, 5);
  const head = `${named(measure())}, ${unitName(unit(chosen.measure))}, ${day(data.months[since].month)} – ${
    day(data.months[chosen.month].month)
  }: `;
  return [
    rose.length ? head + say("tăng nhiều nhất: ", "rose most: ") + said(rose) + "." : null,
    fell.length ? head + say("giảm nhiều nhất: ", "fell most: ") + said(fell) + "." : null,
    rose.length + fell.length
      ? null
      : head + say("không nơi nào có thay đổi được biết.", "no change of a commune is known."),
  ].filter((line) => line !== null);
}

/** Show the answers for the choice. */
export function showAnswers() {
  const { area, month } = chosen, standard = standardOf(month);
  at("answers-title").textContent = `${named(data.areas[area])}, ${day(data.months[month].month)}`;
  at("figures").replaceChildren(...figures());
  const now = found(standard), others = data.standards.filter((s) => s.id !== standard);
  const recognised = figure("legal.poor_households", month, area);
  const lines = [
    `${ofLists(month)} ${
      now
        ? `${now} ${standardName(standard)}. ` + (typeof recognised === "number"
          ? say(
            `Danh sách đã công nhận (${
              households(recognised)
            }) gồm cả hộ không được rà soát, nên hai số không so trực tiếp được.`,
            `The recognised lists (${
              households(recognised)
            }) have households that were not reviewed, too, so the two are not one figure.`,
          )
          : "")
        : say("Không hộ nào được rà soát.", "No household was reviewed.")
    }`,
    ...others.map((s) => [s, found(s.id)]).filter(([, words]) => words).map(([s, words]) =>
      say(`Nếu theo ${named(s)}: ${words}`, `Under the ${named(s)}: ${words}`)
    ),
    ...targets(),
    lacks(),
    ...changes(),
    silent(),
    sinceIssue(),
  ];
  at("sentences").replaceChildren(...lines.map((line) => element("li", {}, line)));
}

/** Who publishes, as of when, and what the figures are made of. */
export function showOrigin() {
  at("version").textContent = say(
    `Văn phòng giảm nghèo thành phố công bố ngày ${day(data.published)}, phiên bản ${data.version}, từ dữ liệu của ${
      list([...new Set(data.feeds.filter((f) => f.month).map((f) => officeName(f.owner)))])
    }.`,
    `Published by the city's office for poverty reduction on ${
      day(data.published)
    }, version ${data.version}, from data of ${
      list([...new Set(data.feeds.filter((f) => f.month).map((f) => officeName(f.owner)))])
    }.`,
  );
}
