"""The report shows the figures of its own file and no others, in two languages, and fetches nothing.

How it looks and behaves in a browser is seen by `python -m tests.opened`.
"""

import base64
import gzip
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pipeline.conftest import Warehouse

from sources.contracts.code_lists import successors
from warehouse.published import report
from warehouse.published.questions import rows
from warehouse.published.report import freshness

REPORTS = {"index.html": "public.duckdb", "restricted.html": "restricted.duckdb"}
# The rows that the series of a prefix are of; others are of area_<prefix>. Codes of indicators are prefixes too; needs
# have a test of their own.
SOURCES = {
    "legal": "area_poverty where basis = 'legal'",
    "list": "area_poverty where basis = 'legal'",
    "computed": "area_poverty where basis = 'computed'",
    "mpi": "area_mpi where unit = 'household' and k = 3 and weights = 'legal'",
    "poor": "area_movement where class = 'poor' and unit = 'household'",
    "near_poor": "area_movement where class = 'near_poor' and unit = 'household'",
}
DIGITS = {"pct": 2, "count": 0, "mvnd": 0, "index": 4}
SHARES = ("uncensored_headcount", "unknown_share", "headcount_ratio", "intensity")


def gzipped(text: str) -> bytes:
    """The data inside a page, as they stand there."""
    _, after = text.split('<script id="data" type="application/gzip;base64">')
    return base64.b64decode(after.split("</script>", maxsplit=1)[0])


def said(text: str) -> dict[str, Any]:
    """The data inside a page."""
    return json.loads(gzip.decompress(gzipped(text)))


def contradictions(text: str, database: Path) -> list[str]:
    """What of a page is not as the file has it: another figure, one that the file withholds, or a month left out."""
    page, wrong = said(text), []
    sources = SOURCES | {
        code: f"area_indicator where indicator_code = '{code}' and unit = 'household' and k = 3"
        for code in (indicator["code"] for indicator in page["indicators"])
    }
    read: dict[str, dict[tuple, dict]] = {}
    for name, series in page["series"].items():
        prefix, column = name.split(".")
        if column == "needs":
            continue
        source = sources.get(prefix, f"area_{prefix}")
        if source not in read:
            read[source] = {
                (row.get("standard_id", ""), f"{row['period_month']:%Y-%m}", row["area_level"], row["area_code"]): row
                for row in rows(database, f"select * from marts.{source}")
            }
        figures = read[source]
        shown = {(standard, month) for standard, months in series["by"].items() for month in months}
        wrong += [f"{name} {standard} {month}" for standard, month in {key[:2] for key in figures} - shown]
        factor = 100 if column in SHARES else 1e-6 if column.endswith("_vnd") else 1
        for standard, months in series["by"].items():
            for month, cells in months.items():
                for area, cell in zip(page["areas"], cells, strict=True):
                    row = figures.get((standard, month, area["level"], area["code"]), {})
                    value, withheld = row.get(column), (row.get("protected_columns") or "").split(", ")
                    if isinstance(value, date):
                        # Of a list the page has the age in months.
                        shown_month = row["period_month"]
                        value = 12 * (shown_month.year - value.year) + shown_month.month - value.month
                    if cell in (None, "x") or value is None:
                        same = cell == ("x" if column in withheld else None) and value is None
                    else:
                        same = abs(cell - float(value) * factor) <= 0.51 / 10 ** DIGITS[series["unit"]]
                    if not same:
                        wrong.append(f"{name} {standard} {month} {area['code']}")
    return wrong


def untranslated(text: str) -> list[str]:
    """What a page says in one language alone."""
    tags = re.findall(r"<[a-z0-9]+ [^>]*data-vi=[^>]*>", text.split("<script", 1)[0])
    lacking = [tag for tag in tags if not re.search(r'data-vi="[^"]+"', tag) or not re.search(r'data-en="[^"]+"', tag)]
    page = said(text)
    named = [
        *page["measures"],
        *page["months"],
        *page["groups"],
        *page["areas"],
        *page["standards"],
        *page["indicators"],
        *page["refusals"],
    ]
    named += [word for words in page["words"].values() for word in words]
    return lacking + [str(one) for one in named if not one.get("vi") or not one.get("en")]


def fetched(text: str) -> list[str]:
    """Addresses that a browser would load on opening a page."""
    return re.findall(r"""(?:src|href)=["']?(?:https?:)?//[^"'>]*|@import|url\(["']?http[^)]*""", text)


@pytest.fixture(params=REPORTS)
def page(request: pytest.FixtureRequest, warehouse: Warehouse) -> tuple[str, Path]:
    """The text of a report, and the file it is made from."""
    name = request.param
    return (warehouse.version / name).read_text(encoding="utf-8"), warehouse.version / REPORTS[name]


def test_every_figure_of_the_report_is_in_its_file(page: tuple[str, Path]) -> None:
    text, database = page

    assert contradictions(text, database) == []
    assert len(said(text)["series"]) > 90
    assert len([area for area in said(text)["areas"] if area["level"] == "commune"]) == 103


def test_exact_figures_in_the_public_report_are_found(warehouse: Warehouse) -> None:
    exact = (warehouse.version / "restricted.html").read_text(encoding="utf-8")

    assert contradictions(exact, warehouse.version / "public.duckdb")


def test_the_report_is_one_page_that_fetches_nothing(page: tuple[str, Path]) -> None:
    text, _ = page

    assert len(text.encode()) < 5_000_000
    assert fetched(text) == []
    assert fetched(text.replace("</head>", '<link rel="stylesheet" href="https://fonts.example/a.css"></head>'))


def test_the_second_of_writing_is_not_in_a_page(page: tuple[str, Path]) -> None:
    """Equal figures are equal bytes: gzip would note when it was called."""
    text, _ = page

    assert gzipped(text)[4:8] == bytes(4)


def test_the_report_speaks_both_languages(page: tuple[str, Path]) -> None:
    text, _ = page

    assert untranslated(text) == []
    assert untranslated(text.replace(' data-en="Ranking"', "", 1))


def test_no_household_is_in_a_report(page: tuple[str, Path], warehouse: Warehouse) -> None:
    text, _ = page
    keys = [key for (key,) in warehouse.restricted("select distinct household_key from facts.household_deprivation")]
    shown = text + json.dumps(said(text))

    assert keys
    assert [key for key in keys if key in shown] == []
    assert [key for key in keys if key in shown + keys[0]] == keys[:1]


def test_needs_that_support_has_not_reached_are_counted_without_their_households(warehouse: Warehouse) -> None:
    page = said((warehouse.version / "restricted.html").read_text(encoding="utf-8"))
    codes = [area["code"] for area in page["areas"] if area["level"] == "commune"]
    counted = warehouse.restricted(
        "select programme, strftime(period_month, '%Y-%m'), count(*) from facts.support_gap group by all"
    )
    reviewed = warehouse.restricted(
        "select distinct strftime(period_month, '%Y-%m'), area_code from marts.area_poverty "
        "where area_level = 'commune' and basis = 'computed' and reviewed_households > 0"
    )

    assert counted
    for programme, month, needs in counted:
        city, *others = page["series"][f"{programme}.needs"]["by"][""][month]
        communes = {code: cell for code, cell in zip(codes, others[-103:], strict=True) if cell is not None}
        assert city == needs == sum(communes.values())
        # Where nobody was reviewed, no need is known: that is no zero.
        assert communes.keys() == {code for at, code in reviewed if at == month}
    assert {f"{programme}.needs" for programme, _, _ in counted} == {
        one["id"] for one in page["measures"] if one["group"] == "gap"
    }
    assert not [name for name in said((warehouse.version / "index.html").read_text())["series"] if ".needs" in name]


def test_a_feed_says_how_many_communes_its_newest_month_has() -> None:
    feeds = {
        row["feed"]: row
        for row in freshness(
            [
                "labour__poverty_list-2026-09-31120-a",
                "labour__poverty_list-2026-09-31135-b",
                "labour__poverty_list-2026-10-31120-c",
                "labour__poverty_list-2026-10-31120-d",
                "health_insurance__cards-2026-10-city-e",
            ]
        )
    }

    assert feeds["labour/poverty_list"]["communes"] == 1
    assert feeds["labour/poverty_list"]["deliveries"] == 4
    assert feeds["health_insurance/cards"]["communes"] is None
    assert feeds["policy_bank/loans"]["month"] is None


def test_units_of_before_the_merger_are_counted_as_the_communes_they_became() -> None:
    became: dict[str, list[str]] = {}
    for unit, (commune, _) in successors().items():
        became.setdefault(commune, []).append(unit)
    units = [unit for commune in sorted(became)[:3] for unit in became[commune]]

    (row,) = [
        row
        for row in freshness([f"labour__poverty_list-2025-06-{unit}-a" for unit in units])
        if row["feed"] == "labour/poverty_list"
    ]

    assert len(units) > 3
    assert row["communes"] == 3


def test_why_a_delivery_was_refused_is_for_the_restricted_report(warehouse: Warehouse) -> None:
    pages = {name: said((warehouse.version / name).read_text(encoding="utf-8")) for name in REPORTS}

    assert pages["index.html"]["refusals"] == []
    for data in pages.values():
        assert {row["feed"] for row in data["gate"]} == {row["feed"] for row in data["feeds"]}
        # How many rows were accepted is how many households there are, and those set apart are few.
        counted = {"quarantined"} if data["restricted"] else set()
        assert all(row.keys() == {"feed", "month", "accepted", "refused"} | counted for row in data["gate"])
    assert sum(row["refused"] for row in pages["restricted.html"]["gate"]) == len(pages["restricted.html"]["refusals"])


def test_the_trend_draws_a_line_for_each_standard(page: tuple[str, Path]) -> None:
    """What the standards of 2022 and of 2027 measure is never joined by a line."""
    text, _ = page

    assert [month["standard"] for month in said(text)["months"]] == ["S2022", "S2022"]
    charts = (report.PARTS / "charts.js").read_text(encoding="utf-8")
    drawn = charts.split('"trend",')[1].split('"trend-table",')[0]
    assert base64.b64encode(charts.encode()).decode() in text
    assert re.search(r"line: row.series, aimed: false", drawn)
    assert re.search(r'detail: \{ field: "line"', drawn)
