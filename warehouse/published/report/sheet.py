"""A commune's sheet: one A4 page in Vietnamese with its figures beside those of its neighbours and the city.

The page is drawn as SVG and becomes a PDF by the library that brings Vega to the report, which has the letters with it.
Not here: figures (`figures`), and the outlines that say who is whose neighbour (`report`).
"""

import html
import json
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import vl_convert

from sources import offline
from warehouse.published import report
from warehouse.published.report import figures
from warehouse.zones.home import SIMULATED

WIDTH, HEIGHT, MARGIN = 595, 842, 40  # A4 in points
FONT = "Liberation Sans, Arial, sans-serif"
RESTRICTED = "BẢN HẠN CHẾ: số liệu chính xác, không chuyển tiếp"
ROWS = (
    ("legal.households", "Hộ dân cư"),
    ("legal.poor_households", "Hộ nghèo đã công nhận"),
    ("legal.poor_rate_pct", "Tỷ lệ hộ nghèo (%)"),
    ("legal.near_poor_households", "Hộ cận nghèo đã công nhận"),
    ("legal.near_poor_rate_pct", "Tỷ lệ hộ cận nghèo (%)"),
    ("legal.multidimensional_rate_pct", "Tỷ lệ nghèo đa chiều (%)"),
    ("computed.reviewed_households", "Hộ được rà soát"),
    ("computed.poor_households", "Hộ nghèo tính từ phiếu, ít nhất"),
    ("computed.undetermined_households", "Hộ chưa xác định được loại"),
)


class NoSheet(Exception):
    """There is no such month or commune in the version; the message says what there is."""


def write(
    database: Path,
    out: Path,
    month: date,
    version: str,
    deliveries: list[str],
    commune: str | None = None,
    simulated: bool = False,
) -> list[Path]:
    """Write the sheet of a commune, or of all, into a folder, and return the files (CODE-YYYY-MM.pdf).

    `NoSheet` where the database has no such month or commune.
    """
    with offline.connect(database, read_only=True) as connection:
        data, is_public = figures.read(connection), figures.is_public(connection)
    months = [entry["month"] for entry in data["months"]]
    if f"{month:%Y-%m}" not in months:
        raise NoSheet(f"There is no {month:%Y-%m}; there are {', '.join(months)}.")
    places = {area["code"]: place for place, area in enumerate(data["areas"]) if area["level"] == "commune"}
    if commune and commune not in places:
        raise NoSheet(f"There is no commune {commune}. sources/reference/communes.csv has the codes.")
    banners = [*([] if is_public else [RESTRICTED]), *([SIMULATED] if simulated else [])]
    facts = _Facts(data, f"{month:%Y-%m}", report.freshness(deliveries), version, banners)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for code in [commune] if commune else sorted(places):
        path = out / f"{code}-{month:%Y-%m}.pdf"
        path.write_bytes(vl_convert.svg_to_pdf(_sheet(facts, places[code], places)))
        written.append(path)
    return written


def neighbours() -> dict[str, set[str]]:
    """Communes that share a part of their outline, by code."""
    topology = json.loads(report.BOUNDARIES.read_text(encoding="utf-8"))
    sharing: dict[int, set[str]] = defaultdict(set)
    (shapes,) = topology["objects"].values()
    for shape in shapes["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        for arc in (arc for polygon in polygons for ring in polygon for arc in ring):
            sharing[arc if arc >= 0 else ~arc].add(shape["properties"]["code"])
    neighbours: dict[str, set[str]] = defaultdict(set)
    for codes in sharing.values():
        for code in codes:
            neighbours[code] |= codes - {code}
    return neighbours


@dataclass(frozen=True)
class _Facts:
    """What all sheets of a month are made of."""

    data: dict[str, Any]
    month: str
    feeds: list[dict[str, Any]]
    version: str
    banners: list[str]
    near: dict[str, set[str]] = field(default_factory=neighbours)

    @property
    def standard(self) -> str:
        return next(entry["standard"] for entry in self.data["months"] if entry["month"] == self.month) or ""

    def value(self, series: str, place: int) -> float | str | None:
        """A figure of an area: a number, "x" where it is withheld, None where there is none."""
        by = self.data["series"].get(series, {}).get("by", {})
        values = by.get("" if "" in by else self.standard, {}).get(self.month)
        return values[place] if values else None

    def text(self, series: str, place: int) -> str:
        unit = self.data["series"].get(series, {}).get("unit")
        return _number(self.value(series, place), 2 if unit == "pct" else 0)

    def name(self, place: int) -> str:
        return self.data["areas"][place]["vi"]


def _number(value: float | str | None, digits: int) -> str:
    if value is None:
        return "không có số liệu"
    if isinstance(value, str):
        return "không công bố"
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def _sheet(facts: _Facts, place: int, places: dict[str, int]) -> str:
    page = _Page()
    area = facts.data["areas"][place]
    province = next(
        at
        for at, other in enumerate(facts.data["areas"])
        if other["level"] == "former_province" and other["code"] == area["province"]
    )
    for banner in facts.banners:
        page.line(banner, 9, bold=True, colour="#7a1f1f")
    page.line(f"{facts.name(place)}: tình hình nghèo đa chiều tháng {facts.month[5:]}/{facts.month[:4]}", 15, bold=True)
    standard = next((row["vi"] for row in facts.data["standards"] if row["id"] == facts.standard), "–")
    page.line(f"{standard}. Phiên bản {facts.version}.", 9, colour="#444")
    page.heading("Số liệu")
    columns = [place, province, 0]
    page.table(
        ["", *map(facts.name, columns)],
        [[words, *(facts.text(series, at) for at in columns)] for series, words in ROWS],
        (215, 100, 110, 90),
    )
    page.heading("Xã, phường giáp ranh: tỷ lệ hộ nghèo, hộ cận nghèo đã công nhận (%)")
    near = sorted(places[code] for code in facts.near[area["code"]])
    page.text(
        "; ".join(
            f"{facts.name(at)} {facts.text('legal.poor_rate_pct', at)} và {facts.text('legal.near_poor_rate_pct', at)}"
            for at in near
        )
        or "–",
        9,
    )
    page.heading("Thiếu hụt của hộ được rà soát (%; trong ngoặc: chưa biết)")
    page.bars(list(_lacks(facts, place)))
    page.heading("Khoảng trống, nơi có thể giải quyết và việc cần làm tiếp")
    page.table(["Nhu cầu", "%", "Nơi giải quyết", "Việc cần làm"], list(_gaps(facts, place)), (190, 75, 115, 135))
    page.heading("Dữ liệu chưa gửi")
    page.text(_not_sent(facts, area["code"]), 9)
    page.footer(
        "“Không công bố”: quá ít hộ. “Không có số liệu”: chưa biết, không phải bằng không. Hộ tính từ phiếu là số ít "
        "nhất: chỉ gồm hộ được rà soát. Nguồn: kho dữ liệu nghèo đa chiều thành phố Cần Thơ."
    )
    return page.svg()


def _lacks(facts: _Facts, place: int) -> Iterator[tuple[str, float | str | None, str]]:
    for indicator in facts.data["indicators"]:
        if indicator["standard"] == facts.standard:
            value = facts.value(f"{indicator['code']}.uncensored_headcount", place)
            unknown = facts.text(f"{indicator['code']}.unknown_share", place)
            yield indicator["vi"], value, f"{_number(value, 1)} ({unknown})"


def _gaps(facts: _Facts, place: int) -> Iterator[list[str]]:
    for gap in facts.data["gaps"]:
        value = facts.value(gap["series"], place)
        left = 100 - value if gap["is_reached"] and isinstance(value, int | float) else value
        yield [gap["vi"], _number(left, 1), gap["office_vi"], gap["step_vi"]]


def _not_sent(facts: _Facts, code: str) -> str:
    missing = [
        f"{feed['vi']} (tháng {feed['month']:%m/%Y})"
        for feed in facts.feeds
        if feed["month"] and code in (feed["missing"] or ())
    ]
    return "; ".join(missing) or "Xã, phường đã gửi đủ tháng mới nhất của mọi nguồn."


class _Page:
    """An A4 page that is filled from the top."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._y = float(MARGIN)

    def svg(self) -> str:
        size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><rect width="100%" height="100%" fill="#fff"/>{"".join(self._parts)}</svg>'  # noqa: E501 - one element

    def line(self, words: str, size: float, bold: bool = False, colour: str = "#111") -> None:
        self._y += size
        self._put(words, MARGIN, self._y, size, bold, colour)
        self._y += size * 0.4

    def heading(self, words: str) -> None:
        self._y += 7
        self.line(words, 11, bold=True, colour="#003f5c")

    def text(self, words: str, size: float) -> None:
        for part in _wrapped(words, WIDTH - 2 * MARGIN, size):
            self.line(part, size)

    def table(self, heads: Sequence[str], rows: list[list[str]], widths: Sequence[int]) -> None:
        """Columns of these widths in points; a cell that is too long goes on in the next line."""
        for is_head, row in [(True, heads), *((False, row) for row in rows)]:
            cells = [_wrapped(cell, width - 6, 8.5) for cell, width in zip(row, widths, strict=True)]
            top, x = self._y, float(MARGIN)
            for part, width in zip(cells, widths, strict=True):
                for number, words in enumerate(part):
                    self._put(words, x, top + 9 + 10 * number, 8.5, is_head, "#111")
                x += width
            self._y = top + 10 * max(map(len, cells)) + 3
            self._parts.append(
                f'<path d="M{MARGIN} {self._y:.1f}H{WIDTH - MARGIN}" stroke="#ccd3d8" stroke-width="0.6"/>'
            )

    def bars(self, rows: list[tuple[str, float | str | None, str]]) -> None:
        """A line for each, with a bar as long as its per cent where it is a number."""
        for words, value, note in rows:
            self._y += 11
            self._put(words, MARGIN, self._y, 8.5, False, "#111")
            if isinstance(value, int | float):
                size = f'y="{self._y - 7:.1f}" width="{1.6 * value:.1f}" height="7"'
                self._parts.append(f'<rect x="{MARGIN + 215}" {size} fill="#2a6f97"/>')
            self._put(note, MARGIN + 385, self._y, 8.5, False, "#111")
        self._y += 4

    def footer(self, words: str) -> None:
        parts = _wrapped(words, WIDTH - 2 * MARGIN, 7.5)
        for number, part in enumerate(parts):
            self._put(part, MARGIN, HEIGHT - MARGIN + 12 - 9 * (len(parts) - number), 7.5, False, "#444")

    def _put(self, words: str, x: float, y: float, size: float, bold: bool, colour: str) -> None:
        weight = ' font-weight="bold"' if bold else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="{size}"{weight} fill="{colour}">'
            f"{html.escape(words)}</text>"
        )


def _wrapped(words: str, width: float, size: float) -> list[str]:
    # A letter of this font is half as wide as it is high, on average.
    return textwrap.wrap(words, max(int(width / (0.5 * size)), 1)) or [""]
