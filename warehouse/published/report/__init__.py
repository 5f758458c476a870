"""The report of a version: one page that opens anywhere, with the figures of its database inside.

`write` asks the published marts and puts together `page.html`, `page.css` and the scripts, of which `page.js` is the
first. Vega draws the charts from a library that ships in the page, so nothing is fetched. Not here: figures that are in
no mart (`figures` reads those that are), and what may be shown (the database decides that).
"""

import base64
import functools
import gzip
import html
import itertools
import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import vl_convert

from sources import offline
from sources.contracts import code_lists
from sources.contracts.feeds import discover
from warehouse.published.report import figures

PARTS = Path(__file__).parent
BOUNDARIES = code_lists.FOLDER / "commune_boundaries.topojson"
WIDTH = 1000  # of the map, in the units its outlines are drawn in
MODULES = ("base", "tables", "map", "charts", "answers")  # that page.js imports by these names


@dataclass(frozen=True)
class Before:
    """What was published before: the version, the day (YYYY-MM-DD), and the deliveries it rests on."""

    version: str
    published: str
    deliveries: list[str]


def write(
    database: Path,
    page: Path,
    version: str,
    deliveries: list[str],
    gate: list[dict[str, Any]],
    refusals: list[dict],
    before: Before | None = None,
    simulated: bool = False,
) -> None:
    """Write the report of one published database to `page`.

    `gate` has a row per feed and month with what the gate counted (rows set apart in the restricted report alone),
    `refusals` one per refused delivery with its reason; neither has a value from a file. `before` is what the page says
    what is new against, and `simulated` whether the people of the home are.
    """
    with offline.connect(database, read_only=True) as connection:
        content = {
            "version": version,
            "published": date.today(),
            "restricted": not figures.is_public(connection),
            "simulated": simulated,
            "previous": before and news(before, deliveries),
            **figures.read(connection),
            "feeds": freshness(deliveries),
            "gate": gate,
            "refusals": refusals,
            "map": outlines(),
        }
    data = json.dumps(content, ensure_ascii=False, default=_plain, separators=(",", ":")).encode()
    # Without the time of writing, so that equal data are equal bytes.
    packed = base64.b64encode(gzip.compress(data, mtime=0)).decode()
    page.write_text(_shell().replace("/*data*/", packed), encoding="utf-8")


def notice(version: str, at: str, reason: str) -> str:
    """A page in place of a withdrawn report, Vietnamese first."""
    vietnamese = f"Số liệu công bố trong phiên bản {version} đã được thu hồi ngày {at[:10]}."
    english = f"The figures issued with version {version} were withdrawn on {at[:10]}."
    body = f"<h1>Số liệu đã thu hồi / Figures withdrawn</h1><p>{vietnamese}<p>{english}<p>{html.escape(reason)}"
    return f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>Đã thu hồi / Withdrawn</title>{body}'


@functools.cache
def _shell() -> str:
    """The page without its figures; the library alone takes seconds to bundle."""
    text = (PARTS / "page.html").read_text(encoding="utf-8")
    parts = {"style": _part("page.css"), "modules": _modules(), "page": _part("page.js"), "vega": library()}
    for name, part in parts.items():
        text = text.replace(f"/*{name}*/", part)
    return text


def _modules() -> str:
    """An import map with the scripts themselves in place of addresses: a file that is opened may fetch no other."""
    sources = {name: base64.b64encode(_part(f"{name}.js").encode()).decode() for name in MODULES}
    return json.dumps({"imports": {name: f"data:text/javascript;base64,{code}" for name, code in sources.items()}})


def _part(name: str) -> str:
    return (PARTS / name).read_text(encoding="utf-8")


@functools.cache
def library() -> str:
    """The JavaScript that draws charts."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


@functools.cache
def outlines() -> dict[str, Any]:
    """The communes as SVG paths by code, with the height that belongs to `WIDTH`, so that the map needs no library.

    Degrees become lengths by the cosine of the middle latitude; over one city no map projection differs visibly.
    """
    topology = json.loads(BOUNDARIES.read_text(encoding="utf-8"))
    arcs = [list(itertools.accumulate(arc, _moved)) for arc in topology["arcs"]]
    (scale_x, scale_y), (_, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    west, east = (pick(x for arc in arcs for x, _ in arc) for pick in (min, max))
    south, north = (pick(y for arc in arcs for _, y in arc) for pick in (min, max))
    wide = WIDTH / (east - west)
    high = wide * scale_y / scale_x / math.cos(math.radians(bottom + scale_y * (south + north) / 2))

    def ring(parts: list[int]) -> str:
        # An arc with the number ~n is arc n backwards; each begins where the one before it ended.
        points = [point for n in parts for point in (arcs[n] if n >= 0 else arcs[~n][::-1])[1:]]
        return "M" + "L".join(f"{(x - west) * wide:.0f} {(north - y) * high:.0f}" for x, y in points) + "Z"

    paths = {}
    (shapes,) = topology["objects"].values()
    for shape in shapes["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        paths[shape["properties"]["code"]] = "".join(ring(parts) for polygon in polygons for parts in polygon)
    return {"width": WIDTH, "height": math.ceil((north - south) * high), "paths": paths}


def _moved(point: list[int], step: list[int]) -> list[int]:
    return [point[0] + step[0], point[1] + step[1]]


def _plain(value: Any) -> str | float:
    return value.isoformat() if isinstance(value, date) else float(value)


def freshness(deliveries: list[str]) -> list[dict[str, Any]]:
    """Per feed the newest month among the deliveries of the version, who sent it, and when the next is due.

    `communes` counts those of today that sent the newest month and `missing` has the codes of the others; both are null
    where a file speaks for the whole city.
    """
    units: dict[str, dict[date, list[str]]] = {feed: defaultdict(list) for feed in discover()}
    for delivery in deliveries:
        table, year, month, unit = delivery.split("-")[:4]
        units[table.replace("__", "/")][date(int(year), int(month), 1)].append(unit)
    rows = []
    for feed in discover().values():
        sent = units[feed.id]
        newest = max(sent, default=None)
        communes = _communes(sent[newest], newest) if newest else None
        rows.append(
            {
                "feed": feed.id,
                "vi": feed.title_vi,
                "en": feed.title_en,
                "owner": feed.owner,
                "month": newest,
                "communes": None if communes is None else len(communes),
                "missing": None if communes is None else sorted(code_lists.communes() - communes),
                "deliveries": sum(map(len, sent.values())),
                "due": newest and feed.next_due(newest),
            }
        )
    return rows


def _communes(units: list[str], month: date) -> set[str] | None:
    """Communes of today that units of a month are: before the merger several were one. None for the city."""
    return None if "city" in units else {code_lists.place(unit, month)[0] for unit in units}


def news(before: Before, deliveries: list[str]) -> dict[str, Any]:
    """How many deliveries of which feed and month are new since a version."""
    new = Counter(tuple(delivery.split("-")[:3]) for delivery in set(deliveries) - set(before.deliveries))
    return {
        "version": before.version,
        "issued": before.published,
        "deliveries": [
            {"feed": table.replace("__", "/"), "month": f"{year}-{month}", "count": count}
            for (table, year, month), count in sorted(new.items())
        ],
    }
