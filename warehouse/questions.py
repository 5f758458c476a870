"""Questions people ask a published version about one household or one standard, and the rows that answer them.

Reads `restricted.duckdb` and computes nothing that dbt has not: evidence and rules stand beside each cell, and both
standards are published for every month. How answers are printed is the command line's.
"""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb


class Unknown(Exception):
    """The version knows no such household, month or standard."""


def rows(database: Path, sql: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The rows of a query on a published database, opened read-only."""
    offline = {"autoinstall_known_extensions": "false"}
    with duckdb.connect(str(database), read_only=True, config={**offline}) as connection:
        result = connection.execute(sql, parameters or {})
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


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
            deprivation_count, deprivation_count_max, poor_from_count, computed_class, legal_class, escaped_on,
            escaped_until
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
        select standard_id, indicator_code, deprived, evidence_feed, evidence_delivery, evidence_date,
            evidence_age_days, facts.household_indicator.rule, legal_reference
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


def replay(database: Path, standard: str, month: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(movements, households) between the standard in force in a month and another one, on the same facts.

    A movement counts the households of one class that have another class under `standard`; households that change are
    listed with the indicators of `standard` they are deprived in. Raises `Unknown`.
    """
    asked = {"standard": standard, "month": month}
    joined = """
        with in_force as (
            select judged.* from facts.household_deprivation as judged
            inner join reference.standard using (standard_id)
            where period_month = $month and $month between valid_from and valid_to and review_year is not null
        ),
        other as (
            select * from facts.household_deprivation where period_month = $month and standard_id = $standard
        )
    """
    movements = rows(
        database,
        joined
        + """
        select in_force.standard_id as from_standard, in_force.computed_class as from_class,
            other.standard_id as to_standard, other.computed_class as to_class,
            count(*) as households, sum(in_force.household_size)::bigint as persons
        from in_force inner join other using (household_key)
        group by all order by from_class, to_class
        """,
        asked,
    )
    if not movements:
        raise Unknown(f"Nothing is known under {standard} in {month:%Y-%m}.")
    households = rows(
        database,
        joined
        + """
        select in_force.household_key, in_force.commune_code, in_force.computed_class as from_class,
            other.computed_class as to_class,
            (
                select string_agg(indicator_code, ' ' order by indicator_code) from facts.household_indicator as cell
                where cell.household_key = in_force.household_key and cell.period_month = $month
                    and cell.standard_id = $standard and cell.deprived
            ) as deprived_in
        from in_force inner join other using (household_key)
        where in_force.computed_class <> other.computed_class
        order by all
        """,
        asked,
    )
    return movements, households


def progress(database: Path, month: date, since: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(rates, drivers) of the city between two months: how far the targets are, and what moved.

    Rates are official and computed, under the standard of each basis; a change is given only where one standard is in
    force in both months. Drivers are the indicators by which the adjusted headcount of households changed, and the
    communes by which the number of poor households did, largest first. Raises `Unknown`.
    """
    asked = {"month": month, "since": since}
    rates = rows(
        database,
        """
        with city as (
            select area_poverty.*, period_month as at from marts.area_poverty
            where area_level = 'city' and period_month in ($month, $since)
        )
        select
            now.standard_id, now.basis, measure.measure, measure.rate_pct, earlier.rate_pct as rate_pct_before,
            measure.rate_pct - earlier.rate_pct as change_points, target.target_pct, target.legal_reference
        from city as now
        cross join lateral (
            values ('poor_rate_pct', now.poor_rate_pct), ('near_poor_rate_pct', now.near_poor_rate_pct),
                ('multidimensional_rate_pct', now.multidimensional_rate_pct),
                ('minority_poor_rate_pct', now.minority_poor_rate_pct)
        ) as measure (measure, rate_pct)
        left join (
            unpivot city on poor_rate_pct, near_poor_rate_pct, multidimensional_rate_pct, minority_poor_rate_pct
            into name measure value rate_pct
        ) as earlier
            on earlier.at = $since and earlier.standard_id = now.standard_id and earlier.basis = now.basis
            and earlier.measure = measure.measure
        left join reference.target
            on target.area_level = 'city' and target.measure = measure.measure
            and last_day(now.at) between target.valid_from and target.valid_to
        where now.at = $month
        order by now.standard_id, now.basis, measure.measure
        """,
        asked,
    )
    if not rates:
        raise Unknown(f"Nothing is published for {month:%Y-%m}.")
    drivers = rows(
        database,
        """
        with indicator as (
            select
                area_indicator.standard_id, 'indicator' as driver, indicator_code as code, dim_indicator.name_vi,
                max(poor_deprived_units) filter (where period_month = $month)
                - max(poor_deprived_units) filter (where period_month = $since) as households,
                max(weight_legal * censored_headcount / 36) filter (where period_month = $month)
                - max(weight_legal * censored_headcount / 36) filter (where period_month = $since)
                    as adjusted_headcount_change
            from marts.area_indicator
            inner join marts.dim_indicator using (standard_id, indicator_code)
            inner join reference.standard using (standard_id)
            where area_level = 'city' and unit = 'household' and k = poor_from_count
                and period_month in ($month, $since)
            group by all
        ),
        commune as (
            select
                standard_id, 'commune' as driver, area_code as code, dim_commune.name_vi,
                max(poor_households) filter (where period_month = $month)
                - max(poor_households) filter (where period_month = $since) as households,
                null as adjusted_headcount_change
            from marts.area_poverty
            inner join marts.dim_commune on area_code = commune_code
            where area_level = 'commune' and basis = 'computed' and period_month in ($month, $since)
            group by all
        )
        select * from (from indicator union all from commune)
        where households <> 0
        qualify row_number() over (partition by standard_id, driver order by abs(households) desc, code) <= 12
        order by standard_id, driver desc, abs(households) desc, code
        """,
        asked,
    )
    return rates, drivers
