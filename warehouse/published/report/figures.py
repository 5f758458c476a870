"""The figures of the report: which columns of which marts, by what name, and how precisely the page gets them.

A series is a column of a mart for all areas in all months. Per standard and month the page gets a list with a value
per area: a number, null where there is no figure, "x" where the row withholds it. Not here: how they are shown
(`page.js`).
"""

import json
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from sources import offline
from warehouse.published.lists import Lists, of_months


class Unit(NamedTuple):
    """A kind of figure, and to how many digits after the point it is rounded."""

    name: str
    digits: int


PERCENT, COUNT, MILLION_DONG, INDEX = Unit("pct", 2), Unit("count", 0), Unit("mvnd", 0), Unit("index", 4)
# Columns that hold a share of one or whole dong, as the page shows them.
SHARE, DONG = "100 * {}", "{} / 1e6"

RATES = {
    "poor_rate_pct": ("Tỷ lệ hộ nghèo", "Share of poor households"),
    "near_poor_rate_pct": ("Tỷ lệ hộ cận nghèo", "Share of near-poor households"),
    "multidimensional_rate_pct": (
        "Tỷ lệ nghèo đa chiều (nghèo và cận nghèo)",
        "Share of the poor and near-poor",
    ),
    "minority_poor_rate_pct": ("Tỷ lệ hộ nghèo dân tộc thiểu số", "Share of poor households of minorities"),
    "coverage_pct": (
        "Tỷ lệ hộ rà soát đã xác định được loại",
        "Share of reviewed households determined",
    ),
}
HOUSEHOLDS = {
    "households": ("Tổng số hộ dân cư", "Resident households"),
    "reviewed_households": ("Hộ được rà soát", "Reviewed households"),
    "poor_households": ("Hộ nghèo", "Poor households"),
    "near_poor_households": ("Hộ cận nghèo", "Near-poor households"),
    "average_households": ("Hộ có mức sống trung bình", "Households of average living standard"),
    "other_households": ("Hộ khác được rà soát", "Other reviewed households"),
    "undetermined_households": ("Hộ chưa xác định được", "Households not determined"),
    "poor_persons": ("Nhân khẩu hộ nghèo", "Persons in poor households"),
    "near_poor_persons": ("Nhân khẩu hộ cận nghèo", "Persons in near-poor households"),
}
BASES = {"legal": ("Đã công nhận", "As recognised"), "computed": ("Tính từ phiếu rà soát", "As computed from reviews")}
# The lists of communes know two classes, and everybody on them is determined.
ONLY_COMPUTED = ("average_households", "coverage_pct")
ALKIRE_FOSTER = {
    "headcount_ratio": ("Tỷ lệ hộ thiếu hụt từ 3 chỉ số (H)", "Households deprived in 3 or more indicators (H)"),
    "intensity": ("Mức độ thiếu hụt bình quân (A)", "Average intensity of deprivation (A)"),
    "adjusted_headcount": ("Chỉ số nghèo đa chiều (M0)", "Adjusted headcount (M0)"),
}
PROGRAMMES = {
    "poor_persons_insured_pct": ("Người nghèo có thẻ BHYT", "Poor persons insured"),
    "near_poor_persons_insured_pct": ("Người cận nghèo có thẻ BHYT", "Near-poor persons insured"),
    "poor_households_with_loan_pct": ("Hộ nghèo có vay vốn chính sách", "Poor households with a policy loan"),
    "trained_with_job_pct": ("Người học nghề có việc làm", "Trained persons with a job"),
}
STOCKS = {
    "poor_persons_on_file": ("Người nghèo trong hồ sơ", "Poor persons on file"),
    "poor_persons_insured": ("Người nghèo có thẻ BHYT", "Poor persons insured"),
    "near_poor_persons_on_file": ("Người cận nghèo trong hồ sơ", "Near-poor persons on file"),
    "near_poor_persons_insured": ("Người cận nghèo có thẻ BHYT", "Near-poor persons insured"),
    "poor_households": ("Hộ nghèo", "Poor households"),
    "poor_households_with_loan": ("Hộ nghèo có vay vốn", "Poor households with a loan"),
    "houses_supported": ("Nhà ở được hỗ trợ", "Houses supported"),
    "houses_completed": ("Nhà ở đã hoàn thành", "Houses completed"),
    "trained_persons": ("Người đã học nghề", "Persons trained"),
    "trained_persons_with_job": ("Người học nghề có việc làm", "Trained persons with a job"),
    "loans_open": ("Khoản vay đang còn dư nợ", "Open loans"),
}
MONEY = {
    "house_support_vnd": ("Kinh phí hỗ trợ nhà ở", "Support to houses"),
    "loan_balance_vnd": ("Dư nợ vốn chính sách", "Debt of policy loans"),
    "overdue_vnd": ("Nợ quá hạn", "Overdue debt"),
    "frozen_vnd": ("Nợ khoanh", "Frozen debt"),
}
FLOWS = {
    "opening": ("Đầu kỳ", "Opening"),
    "moved_to_other_class": ("Chuyển sang loại khác", "Moved to the other class"),
    "rose_above": ("Thoát nghèo, thoát cận nghèo", "Rose above both classes"),
    "other_decrease": ("Giảm khác", "Other decrease"),
    "came_from_other_class": ("Từ loại khác chuyển đến", "Came from the other class"),
    "relapsed": ("Tái nghèo, tái cận nghèo", "Relapsed"),
    "newly_arising": ("Phát sinh mới", "Newly arising"),
    "other_increase": ("Tăng khác", "Other increase"),
    "closing": ("Cuối kỳ", "Closing"),
}
GAPS = {
    "insurance_card": ("Thẻ bảo hiểm y tế", "Insurance cards"),
    "house_support": ("Hỗ trợ nhà ở", "House support"),
    "vocational_training": ("Đào tạo nghề", "Vocational training"),
    "water_and_sanitation_loan": ("Vay vốn nước sạch và vệ sinh", "Loans for water and sanitation"),
}
# Offices that can act, and the words of the field.
WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
GROUPS = {
    **BASES,
    "indicator": ("Hộ được rà soát thiếu hụt", "Reviewed households that lack"),
    "mpi": ("Đo lường Alkire-Foster, hộ được rà soát", "Alkire-Foster measures, reviewed households"),
    "programme": ("Chính sách hỗ trợ", "Programmes"),
    "gap": ("Nhu cầu chưa được hỗ trợ", "Needs that support has not reached"),
}

AREAS = """
    create temp table area as
    select *, row_number() over (order by rank, code) as place from (
        select dim_area.display_order as rank, dim_area.area_level as level, dim_area.area_code as code,
            dim_area.name_vi as vi, dim_area.name_en as en,
            if(area_level = 'commune', dim_area.former_province_code, null) as province, dim_commune.kind
        from marts.dim_area left join marts.dim_commune on area_level = 'commune' and area_code = commune_code
        where area_level <> 'commune_then'
    )
"""


def is_public(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether this is the file for everybody: there alone rows say what they withhold."""
    return bool(connection.execute("select 1 from duckdb_columns() where column_name = 'protected_columns'").fetchall())


Series = dict[str, dict[str, Any]]


def read(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What the page needs of a published database: months, areas, names of measures and the series."""
    connection.execute(AREAS)
    indicators = offline.rows(
        connection,
        "select standard_id as standard, indicator_code as code, name_vi as vi, name_en as en, "
        "legal_reference as law_en, legal_reference_vi as law_vi from marts.dim_indicator "
        "order by standard_id, display_order",
    )
    measures, series = _poverty(connection)
    for group in (
        _indicators(connection, indicators),
        _alkire_foster(connection),
        _programmes(connection),
        _gaps(connection),
    ):
        measures += group[0]
        series |= group[1]
    series |= _movement(connection)
    months = offline.rows(
        connection,
        "select strftime(period_month, '%Y-%m') as month, standard_in_force as standard "
        "from marts.dim_period order by period_month",
    )
    lists = of_months(connection)
    # Of needs, which are those of the restricted file alone, no more are measures than there are.
    measures = [measure for measure in measures if measure["group"] != "gap" or measure["id"] in series]
    return {
        "months": [row | _said(lists[row["month"]]) for row in months],
        "areas": offline.rows(connection, "select level, code, vi, en, province, kind from area order by place"),
        "standards": offline.rows(
            connection,
            "select standard_id as id, name_vi as vi, name_en as en, known_by, legal_reference as law_en, "
            "legal_reference_vi as law_vi from marts.dim_standard order by valid_from",
        ),
        "targets": offline.rows(
            connection,
            "select area_level as level, area_code as code, standard_id as standard, measure, aim, "
            "strftime(valid_from, '%Y-%m') as first, strftime(valid_to, '%Y-%m') as last, target, "
            "legal_reference_vi as vi, legal_reference as en, known_by "
            "from marts.dim_target order by all",
        ),
        "indicators": indicators,
        "groups": _named(GROUPS),
        "words": {
            "households": _named(HOUSEHOLDS),
            "stocks": _named(STOCKS | MONEY),
            "flows": _named(FLOWS),
            "glossary": WORDS["term"],
        },
        "gaps": WORDS["gap"],
        "measures": measures,
        "series": series,
    }


def _said(lists: Lists) -> dict[str, Any]:
    vi, en = lists.said()
    return {"are_carried": lists.are_carried, "vi": vi, "en": en}


def _named(names: dict[str, tuple[str, str]]) -> list[dict[str, str]]:
    return [{"id": name, "vi": vi, "en": en} for name, (vi, en) in names.items()]


Measures = list[dict[str, str]]


def _measure(group: str, series: str, names: tuple[str, str]) -> dict[str, str]:
    return {"id": series, "group": group, "vi": names[0], "en": names[1]}


def _series(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    prefix: str,
    columns: dict[str, tuple[Unit, str]],
    standard: str = "''",
) -> Series:
    """Series `prefix.column` of these rows, by standard and month; `columns` say what is asked of each.

    `rows`, `prefix` and `standard` are SQL. A month that has no row of a standard is not in its series.
    """
    hidden = "', ' || protected_columns || ','" if is_public(connection) else "null::varchar"
    # As JSON, a list has numbers and marks side by side.
    values = ", ".join(
        f"to_json(list(case when {column} is not null then to_json(round({how.format(column)}, {unit.digits})) "
        f"when contains(hidden, ', {column},') then to_json('x') end order by place))"
        for column, (unit, how) in columns.items()
    )
    lists = connection.execute(
        f"""
        with source as (
            select *, {prefix} as prefix, {standard} as standard, {hidden} as hidden from ({rows})
        ),
        every as (select distinct prefix, standard, period_month from source)
        select every.prefix, every.standard, strftime(every.period_month, '%Y-%m'), {values}
        from every
        cross join area
        left join source as figure
            on figure.prefix = every.prefix and figure.standard = every.standard
                and figure.period_month = every.period_month and figure.area_level = area.level
                and figure.area_code = area.code
        group by all
        order by all
        """
    ).fetchall()
    series: Series = {}
    for name, standard_id, month, *texts in lists:
        for column, text in zip(columns, texts, strict=True):
            own = series.setdefault(f"{name}.{column}", {"unit": columns[column][0].name, "by": {}})
            own["by"].setdefault(standard_id, {})[month] = json.loads(text)
    return series


def _poverty(connection: duckdb.DuckDBPyConnection) -> tuple[Measures, Series]:
    measures = [
        _measure(basis, f"{basis}.{column}", names)
        for basis in BASES
        for column, names in RATES.items()
        if basis == "computed" or column not in ONLY_COMPUTED
    ]
    columns = dict.fromkeys(RATES, (PERCENT, "{}")) | dict.fromkeys(HOUSEHOLDS, (COUNT, "{}"))
    series = _series(connection, "from marts.area_poverty", "basis", columns, "standard_id")
    for column in ONLY_COMPUTED:
        series.pop(f"legal.{column}", None)
    # How old the newest list of an area is: of one that is carried, that figures do not move says nothing.
    age = (COUNT, "date_diff('month', {}, every.period_month)")
    rows = "from marts.area_poverty where basis = 'legal'"
    return measures, series | _series(connection, rows, "'list'", {"newest_list_month": age}, "standard_id")


def _indicators(connection: duckdb.DuckDBPyConnection, indicators: list[dict[str, Any]]) -> tuple[Measures, Series]:
    names = {row["code"]: (row["vi"], row["en"]) for row in indicators}
    measures = [_measure("indicator", f"{code}.uncensored_headcount", both) for code, both in names.items()]
    rows = "from marts.area_indicator where unit = 'household' and k = 3"
    columns = {
        "uncensored_headcount": (PERCENT, SHARE),
        "contribution_pct": (PERCENT, "{}"),
        "unknown_share": (PERCENT, SHARE),
        "poor_deprived_households": (COUNT, "{}"),
    }
    return measures, _series(connection, rows, "indicator_code", columns, "standard_id")


def _alkire_foster(connection: duckdb.DuckDBPyConnection) -> tuple[Measures, Series]:
    measures = [_measure("mpi", f"mpi.{column}", names) for column, names in ALKIRE_FOSTER.items()]
    rows = "from marts.area_mpi where unit = 'household' and k = 3 and weights = 'legal'"
    columns = {
        "headcount_ratio": (PERCENT, SHARE),
        "intensity": (PERCENT, SHARE),
        "adjusted_headcount": (INDEX, "{}"),
    }
    return measures, _series(connection, rows, "'mpi'", columns, "standard_id")


def _programmes(connection: duckdb.DuckDBPyConnection) -> tuple[Measures, Series]:
    measures = [_measure("programme", f"programme.{column}", names) for column, names in PROGRAMMES.items()]
    columns = dict.fromkeys(PROGRAMMES, (PERCENT, "{}")) | dict.fromkeys(STOCKS, (COUNT, "{}"))
    columns |= dict.fromkeys(MONEY, (MILLION_DONG, DONG))
    return measures, _series(connection, "from marts.area_programme", "'programme'", columns)


def _movement(connection: duckdb.DuckDBPyConnection) -> Series:
    rows = "from marts.area_movement where unit = 'household'"
    return _series(connection, rows, "class", dict.fromkeys(FLOWS, (COUNT, "{}")), "standard_id")


def _gaps(connection: duckdb.DuckDBPyConnection) -> tuple[Measures, Series]:
    """Needs of households that no support has reached, which the restricted file alone has by area."""
    if is_public(connection):
        return [], {}
    measures = [_measure("gap", f"{programme}.needs", names) for programme, names in GAPS.items()]
    columns = {"needs": (COUNT, "{}")}
    return measures, _series(connection, "from marts.area_support_gap", "programme", columns)
