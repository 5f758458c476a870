"""Questions people ask a published version about one household or one standard, and the rows that answer them.

Reads `restricted.duckdb`, where evidence and rules stand beside each cell. Only `what_if` judges anew, from published
cells, incomes and rules, so that it proves the published classes. What moved the city's rates is `targets`'s; how
answers are printed is the command line's.
"""

from datetime import date
from pathlib import Path
from typing import Any

from sources import offline


class Unknown(Exception):
    """The version knows no such household, month or standard."""


def rows(database: Path, sql: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The rows of a query on a published database, opened read-only."""
    with offline.connect(database, read_only=True) as connection:
        return offline.rows(connection, sql, parameters)


def explain(
    database: Path, household: str, month: date, standard: str | None = None, indicator: str | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(classes, cells) of a household in a month: what is known per indicator, from what, by which rule.

    Beside its class stand the income or score it rests on, and the line, cut-offs and count these are compared with; a
    household known from a list alone has no cells. Without `standard`, all standards; without `indicator`, all
    indicators. Raises `Unknown`.
    """
    asked = {"household": household, "month": month, "standard": standard, "indicator": indicator}
    classes = rows(
        database,
        """
        select standard_id, commune_code, review_year, household_size, judged.area_type, income_source,
            income_per_capita_vnd, line_vnd, average_income_pct, score_a, score_cutoff, below_income_line,
            deprivation_count, deprivation_count_max, poor_from_count, computed_class, legal_class, list_standard_id,
            escaped_on, escape_is_estimated, escaped_until
        from facts.household_deprivation as judged
        inner join reference.standard using (standard_id)
        left join reference.income_line using (standard_id, area_type)
        where household_key = $household and period_month = $month and standard_id = coalesce($standard, standard_id)
        order by standard_id
        """,
        {name: asked[name] for name in ("household", "month", "standard")},
    )
    if not classes:
        raise Unknown(f"No household {household} in {month:%Y-%m}{f' under {standard}' if standard else ''}.")
    cells = rows(
        database,
        """
        select standard_id, indicator_code, deprived, judged_value, unknown_because, evidence_feed, evidence_delivery,
            evidence_date, evidence_age_days, facts.household_indicator.rule, legal_reference
        from facts.household_indicator
        inner join reference.indicator using (standard_id, indicator_code)
        where household_key = $household and period_month = $month
            and standard_id = coalesce($standard, standard_id)
            and indicator_code = coalesce($indicator, indicator_code)
        order by standard_id, display_order
        """,
        asked,
    )
    if indicator and not cells:
        raise Unknown(f"No indicator {indicator} for household {household} in {month:%Y-%m}.")
    return classes, cells


def _only(listed: str, others: str) -> str:
    """SQL for what a list of questions has and another has not, as text; null where it is nothing."""
    return f"""nullif(array_to_string(list_sort(list_filter(
        coalesce({listed}, []), lambda one: not list_contains(coalesce({others}, []), one)
    )), ', '), '')"""


THERE = "list_concat(there.lacks, there.open)"
# Classes from cells, incomes and the dated rules of a standard; not from the classes that dbt published. Twice: as the
# figures read the law, and by another standard or another reading of one rule.
JUDGED = f"""
    with reading as (
        select * from reference.reading
        where reading_id = $reading and last_day($month::date) between valid_from and valid_to
    ),
    side as (
        select 'from' as side, $from_standard as standard_id
        union all
        select 'to' as side, $to_standard as standard_id
    ),
    line as (
        select side, standard_id, area_type, average_income_pct, poor_from_count,
            coalesce(case area_type when 'rural' then rural_line_vnd else urban_line_vnd end, line_vnd) as line_vnd,
            -- A score stands for the line of the law, and for no other.
            case when rural_line_vnd is null then score_cutoff end as score_cutoff
        from side
        inner join reference.income_line using (standard_id)
        inner join reference.standard using (standard_id)
        left join reading on side = 'to' and reading.subject = 'income'
    ),
    cell as (
        select side, household_key, predicate,
            case when side = 'to' and reading_id is not null then other.deprived else used.deprived end as deprived
        from side
        inner join facts.household_indicator as used using (standard_id)
        inner join reference.indicator using (standard_id, indicator_code)
        left join (from facts.household_reading where period_month = $month and reading_id = $reading) as other
            using (period_month, household_key, standard_id, indicator_code)
        where period_month = $month
    ),
    answer as (
        select side, household_key, count(*) filter (where deprived) as deprivations,
            count(*) filter (where deprived is null) as unknown,
            list(predicate) filter (where deprived) as lacks, list(predicate) filter (where deprived is null) as open,
            list(predicate) as asked
        from cell group by all
    ),
    judged as (
        select
            side, household_key, standard_id, commune_code, household_size, lacks, open, asked,
            case
                when income_per_capita_vnd is not null then income_per_capita_vnd <= line_vnd
                else score_a <= score_cutoff
            end as below_line,
            case
                when not below_line and 100 * income_per_capita_vnd <= average_income_pct * line_vnd then 'average'
                when not below_line then 'other'
                when below_line and deprivations >= poor_from_count then 'poor'
                when below_line and deprivations + unknown < poor_from_count then 'near_poor'
                else 'undetermined'
            end as class
        from facts.household_deprivation
        inner join line using (standard_id, area_type)
        inner join answer using (side, household_key)
        where period_month = $month
    ),
    changed as (
        select
            here.household_key, here.commune_code, here.household_size, here.standard_id as from_standard,
            here.class as from_class, there.standard_id as to_standard, there.class as to_class,
            nullif(concat_ws(
                '; ',
                case
                    when here.below_line is not null and there.below_line is null then 'income is not known'
                    when here.below_line is distinct from there.below_line then 'income line'
                end,
                case when here.class = 'average' and there.class = 'other' then 'no class of average income' end,
                'lacks ' || {_only("there.lacks", "here.lacks")},
                'not known: ' || {_only("there.open", "here.open")},
                'no longer lacks ' || {_only("list_intersect(here.lacks, there.asked)", THERE)},
                'no longer unknown: ' || {_only("list_intersect(here.open, there.asked)", THERE)},
                'no longer asked: ' || {_only("list_concat(here.lacks, here.open)", "there.asked")}
            ), '') as reason
        from (from judged where side = 'from') as here
        inner join (from judged where side = 'to') as there using (household_key)
    )
"""


def what_if(
    database: Path, month: date, standard: str | None = None, reading: str | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(movements, households) of a month between the law as the figures read it and another one, on the same facts.

    The other one is a `standard`, against the one in force, or a `reading` of an unsettled rule (seed `reading`),
    against the reading in use under its standard. A movement counts the households of one class that have another class
    then; households that change are listed with the reason: that they fall on the other side of the income line, or
    nobody knows on which; what they lack then and lacked not before, and the other way round. Raises `Unknown`.
    """
    asked = {"month": month, "reading": reading} | _compared(database, month, standard, reading)
    movements = rows(
        database,
        JUDGED
        + """
        select from_standard, from_class, to_standard, to_class, count(*) as households,
            sum(household_size)::bigint as persons
        from changed group by all order by from_class, to_class
        """,
        asked,
    )
    if not movements:
        raise Unknown(f"Nothing is known under {reading or standard} in {month:%Y-%m}.")
    households = rows(
        database,
        JUDGED
        + """
        select household_key, commune_code, from_class, to_class, reason
        from changed where from_class <> to_class order by all
        """,
        asked,
    )
    return movements, households


def _compared(database: Path, month: date, standard: str | None, reading: str | None) -> dict[str, Any]:
    """The two standards that are compared: of a reading both are its own."""
    if reading is None:
        in_force = rows(
            database,
            "select standard_id from reference.standard where last_day($month::date) between valid_from and valid_to",
            {"month": month},
        )
        return {"from_standard": in_force[0]["standard_id"] if in_force else None, "to_standard": standard}
    readings = rows(
        database,
        "select reading_id, standard_id from reference.reading "
        "where not is_used and last_day($month::date) between valid_from and valid_to order by reading_id",
        {"month": month},
    )
    standards = {row["reading_id"]: row["standard_id"] for row in readings}
    if reading not in standards:
        raise Unknown(f"No other reading {reading} in {month:%Y-%m}. There are: {', '.join(standards) or 'none'}.")
    return {"from_standard": standards[reading], "to_standard": standards[reading]}
