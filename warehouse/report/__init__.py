"""The report of a version: one page that opens anywhere, with the figures of its database inside.

`write` asks the published marts and fills `page.html`; Vega draws the pictures from a library that ships in the page,
so nothing is fetched. Not here: figures that are in no mart, and what may be shown (the database decides that).
"""

import functools
import json
from datetime import date
from pathlib import Path
from typing import Any

import vl_convert

from sources.code_lists import FOLDER
from warehouse.questions import rows

PAGE = Path(__file__).parent / "page.html"
BOUNDARIES = FOLDER / "commune_boundaries.topojson"

# Measures of area_poverty: column, basis, Vietnamese and English name.
POVERTY = [
    ("poor_rate_pct", "legal", "Tỷ lệ hộ nghèo (đã công nhận)", "Poor households, as recognised"),
    ("near_poor_rate_pct", "legal", "Tỷ lệ hộ cận nghèo (đã công nhận)", "Near-poor households, as recognised"),
    (
        "multidimensional_rate_pct",
        "legal",
        "Tỷ lệ nghèo đa chiều (đã công nhận)",
        "Multidimensional poverty, as recognised",
    ),
    (
        "poor_rate_pct",
        "computed",
        "Tỷ lệ hộ nghèo (tính từ phiếu rà soát)",
        "Poor households, as computed from reviews",
    ),
    ("coverage_pct", "computed", "Tỷ lệ hộ rà soát đã xác định", "Reviewed households whose class is determined"),
]
PROGRAMMES = [
    ("poor_persons_insured_pct", "Người nghèo có thẻ BHYT", "Poor persons insured"),
    ("poor_households_with_loan_pct", "Hộ nghèo có vay vốn chính sách", "Poor households with a policy loan"),
]


def write(database: Path, page: Path, version: str, deliveries: list[str]) -> None:
    """Write the report of one published database to `page`."""
    said = {
        "version": version,
        "measures": _measures(database),
        "communes": rows(
            database, "select commune_code, name_vi, name_en, former_province_name from marts.dim_commune"
        ),
        "months": rows(
            database,
            "select period_month as month, standard_in_force as standard from marts.dim_period order by period_month",
        ),
        "values": _values(database),
        "feeds": _freshness(deliveries),
        "boundaries": json.loads(BOUNDARIES.read_text(encoding="utf-8")),
    }
    # A closing tag inside a string would end the script.
    data = json.dumps(said, ensure_ascii=False, default=_plain, separators=(",", ":")).replace("</", "<\\/")
    text = PAGE.read_text(encoding="utf-8")
    page.write_text(text.replace("/*vega*/", library()).replace("/*data*/", data), encoding="utf-8")


@functools.cache
def library() -> str:
    """The JavaScript that draws; bundled once in a process, since it takes seconds."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


def _plain(value: Any) -> str | float:
    return value.isoformat() if isinstance(value, date) else float(value)


def _measures(database: Path) -> list[dict[str, str]]:
    indicators = rows(
        database,
        "select distinct on (indicator_code) indicator_code, name_vi, name_en from marts.dim_indicator "
        "order by indicator_code, standard_id",
    )
    return [
        *({"id": f"{basis}.{column}", "vi": vi, "en": en} for column, basis, vi, en in POVERTY),
        *(
            {
                "id": f"indicator.{row['indicator_code']}",
                "vi": f"Thiếu hụt: {row['name_vi']}",
                "en": f"Deprived: {row['name_en']}",
            }
            for row in indicators
        ),
        *({"id": f"programme.{column}", "vi": vi, "en": en} for column, vi, en in PROGRAMMES),
    ]


def _values(database: Path) -> list[list[Any]]:
    """Rows of [measure, month, area code, value] for the city and its communes, under the standard in force."""
    in_force = "inner join marts.dim_standard using (standard_id)"
    where = "area_level in ('city', 'commune') and period_month between valid_from and valid_to"
    poverty = " union all ".join(
        f"select '{basis}.{column}' as measure, period_month, area_code, {column} as value "
        f"from marts.area_poverty {in_force} where basis = '{basis}' and {where}"
        for column, basis, _, _ in POVERTY
    )
    programmes = " union all ".join(
        f"select 'programme.{column}', period_month, area_code, {column} from marts.area_programme "
        "where area_level in ('city', 'commune')"
        for column, _, _ in PROGRAMMES
    )
    found = rows(
        database,
        f"""
        select measure, period_month, area_code, round(value, 2) as value from (
            {poverty}
            union all
            select 'indicator.' || indicator_code, period_month, area_code, 100 * uncensored_headcount
            from marts.area_indicator {in_force} where unit = 'household' and k = 3 and {where}
            union all
            {programmes}
        )
        where value is not null
        order by all
        """,
    )
    return [list(row.values()) for row in found]


def _freshness(deliveries: list[str]) -> list[dict[str, str | int]]:
    """Per feed the newest month among the deliveries of the version, and how many deliveries it has."""
    feeds: dict[str, list[str]] = {}
    for delivery in deliveries:
        table, year, month = delivery.split("-")[:3]
        feeds.setdefault(table.replace("__", "/"), []).append(f"{year}-{month}")
    return [{"feed": feed, "month": max(months), "deliveries": len(months)} for feed, months in sorted(feeds.items())]
