"""How the city stands against its targets, and what moved its rates between two months, in figures and in a sentence.

Reads `restricted.duckdb`: official figures from lists, computed ones from evidence, each under the standard of its own.
A change is told only within one standard. Questions about one household are `questions`'.
"""

from datetime import date
from pathlib import Path
from typing import Any

from warehouse.published.lists import Lists
from warehouse.published.questions import Unknown, rows

RATES = """
    with city as (
        select * from marts.area_poverty
        where area_level = 'city' and period_month in ($month, $since)
    ),
    -- A list of an earlier month says of this one what it said of its own.
    carried as (
        select standard_id, basis, newest_list_month as carried_from, communes_total
        from city where period_month = $month and newest_list_month < $month
    ),
    rate as (
        unpivot (
            select period_month, standard_id, basis, poor_rate_pct, near_poor_rate_pct, multidimensional_rate_pct,
                minority_poor_rate_pct
            from city
        )
        on poor_rate_pct, near_poor_rate_pct, multidimensional_rate_pct, minority_poor_rate_pct
        into name measure value rate_pct
    ),
    -- A commune that never sent a list is in no official count.
    listed as (
        select period_month, standard_id, basis, count(poor_households) as communes
        from marts.area_poverty
        where area_level = 'commune' and basis = 'legal' and period_month in ($month, $since)
        group by all
    ),
    aim as (
        select standard_id, measure, max(target) filter (where aim = 'rate') as target_pct,
            max(known_by) filter (where aim = 'rate') as target_known_by,
            max(target) filter (where aim = 'yearly_reduction') as yearly_reduction,
            max(valid_from) filter (where aim = 'yearly_reduction') as valid_from
        from reference.target
        where area_level = 'city' and last_day($month::date) between valid_from and valid_to
        group by all
    )
    select
        now.standard_id, now.basis, now.measure, now.rate_pct, earlier.rate_pct as rate_pct_before,
        case
            when listed.communes is not distinct from listed_before.communes and carried_from is null
                then round(now.rate_pct - earlier.rate_pct, 6) + 0.0
        end as change_points,
        listed.communes as listed_communes, listed_before.communes as listed_communes_before,
        carried.carried_from, carried.communes_total,
        aim.target_pct::double as target_pct, aim.target_known_by,
        -- A month's figures are those of its end: an aim counts from the end of the month before it.
        round(
            -aim.yearly_reduction / 12
            * date_diff('month', greatest($since::date, (aim.valid_from - interval 1 month)::date), $month::date), 6
        )::double as target_change_points
    from rate as now
    left join rate as earlier
        on earlier.period_month = $since and earlier.standard_id = now.standard_id and earlier.basis = now.basis
            and earlier.measure = now.measure
    left join listed
        on listed.period_month = $month and now.standard_id = listed.standard_id and now.basis = listed.basis
    left join listed as listed_before
        on listed_before.period_month = $since and now.standard_id = listed_before.standard_id
            and now.basis = listed_before.basis
    left join carried on now.standard_id = carried.standard_id and now.basis = carried.basis
    left join aim on now.standard_id = aim.standard_id and now.measure = aim.measure
    where now.period_month = $month
    order by now.standard_id, now.basis, now.measure
"""
# By indicator and by commune, on both bases: recognised households that lack it, or poor ones by the count.
DRIVERS = """
    with indicator as (
        select
            area_indicator.standard_id, basis, 'indicator' as driver, indicator_code as code, dim_indicator.name_vi,
            dim_indicator.name_en,
            sum(case when period_month = $month then households else -households end)::bigint as change
        from (
            select period_month, standard_id, indicator_code, 'computed' as basis, poor_deprived_units as households
            from marts.area_indicator inner join reference.standard using (standard_id)
            where area_level = 'city' and unit = 'household' and k = poor_from_count
            union all
            select period_month, standard_id, indicator_code, 'legal', poor_deprived_households
            from marts.area_indicator inner join reference.standard using (standard_id)
            where area_level = 'city' and unit = 'household' and k = 1
                and last_day(period_month) between valid_from and valid_to
        ) as area_indicator
        inner join marts.dim_indicator using (standard_id, indicator_code)
        where period_month in ($month, $since)
        group by all
        having count(*) = 2
    ),
    commune as (
        select
            standard_id, basis, 'commune' as driver, area_code as code, dim_commune.name_vi,
            dim_commune.name_vi as name_en,
            sum(case when period_month = $month then poor_households else -poor_households end)::bigint as change
        from marts.area_poverty
        inner join marts.dim_commune on area_code = commune_code
        where area_level = 'commune' and period_month in ($month, $since)
        group by all
        having count(poor_households) = 2
    )
    select standard_id, basis, driver, code, name_vi, name_en, change as households
    from (from indicator union all from commune)
    where change <> 0
    qualify row_number() over (partition by standard_id, basis, driver order by abs(change) desc, code) <= 12
    order by standard_id, basis, driver desc, abs(change) desc, code
"""
BASES = {"legal": ("Chính thức", "Official"), "computed": ("Tính toán", "Computed")}


def compared_by_default(database: Path) -> tuple[date, date]:
    """(month, since): the newest month and the one a year before, else the first. `Unknown` when there is one alone."""
    months = [row["month"] for row in rows(database, "select period_month as month from marts.dim_period order by 1")]
    if len(months) < 2:
        raise Unknown("Progress compares two months, and only one is published.")
    newest = months[-1]
    year_before = newest.replace(year=newest.year - 1)
    return newest, year_before if year_before in months else months[0]


def progress(database: Path, month: date, since: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(rates, drivers) of the city between two months: how far the targets are, and what moved.

    Rates are official and computed; a change is given only where one standard stands in both months, of an official
    rate where as many communes have sent lists (`listed_communes`) and one of them sent it for this month (else
    `carried_from` is the month of the newest). `target_pct` is the rate a plan aims at,
    `target_known_by` how the plan is known (`signed`, `header`, `press`, `assumed`), `target_change_points` the change
    a yearly aim asks for in as many months of its own. Drivers are the poor households that lack an indicator, and the
    poor households of a commune, by how many more or fewer, largest first, on each basis. Raises `Unknown`.
    """
    if since >= month:
        raise Unknown(f"{since:%Y-%m} is not before {month:%Y-%m}.")
    asked = {"month": month, "since": since}
    rates = rows(database, RATES, asked)
    if not rates:
        raise Unknown(f"Nothing is published for {month:%Y-%m}.")
    return rates, rows(database, DRIVERS, asked)


def reading(rates: list[dict[str, Any]], drivers: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Sentences (Vietnamese, English) that say what `progress` found of the poor rate, one per standard and basis."""
    sentences = []
    for row in rates:
        if row["measure"] != "poor_rate_pct" or row["rate_pct"] is None or row["rate_pct_before"] is None:
            continue
        vi, en = BASES[row["basis"]]
        vi_rate = f"{vi} ({row['standard_id']}): tỷ lệ hộ nghèo {_number(row['rate_pct'], ',')} %"
        en_rate = f"{en} ({row['standard_id']}): poor rate {_number(row['rate_pct'], '.')} %"
        if row["carried_from"]:
            vi_lists, en_lists = Lists(0, row["communes_total"], row["carried_from"]).said()
            vi_lists, en_lists = f"{vi_lists}; không có thay đổi để so sánh.", f"{en_lists}; no change to compare."
            sentences.append((f"{vi_rate}; {vi_lists}", f"{en_rate}; {en_lists}"))
            continue
        if row["change_points"] is None:
            now, before = row["listed_communes"], row["listed_communes_before"]
            vi_lists = f"chưa so sánh được: danh sách của {now} xã, trước đó của {before} xã."
            en_lists = f"not to be compared: lists of {now} communes, before of {before}."
            sentences.append((f"{vi_rate}; {vi_lists}", f"{en_rate}; {en_lists}"))
            continue
        own = [d for d in drivers if (d["standard_id"], d["basis"]) == (row["standard_id"], row["basis"])]
        moved = _moved(row["change_points"])
        sentence = [f"{vi_rate}, {moved[0]}", f"{en_rate}, {moved[1]}"]
        for driver, words in (("commune", ("xã", "commune")), ("indicator", ("chỉ số", "indicator"))):
            with_rate = [d for d in own if d["driver"] == driver and d["households"] * row["change_points"] >= 0][:2]
            for language, name in enumerate(("name_vi", "name_en")):
                if with_rate:
                    largest = ", ".join(
                        f"{d[name]} ({d['households']:+d} {('hộ', 'households')[language]})" for d in with_rate
                    )
                    sentence[language] += f"; {('nhiều nhất theo', 'most by')[language]} {words[language]}: {largest}"
        if row["target_pct"] is not None:
            vi_doubt, en_doubt = (
                ("", "") if row["target_known_by"] == "signed" else (" (chưa kiểm chứng)", " (not verified)")
            )
            sentence[0] += f"; mục tiêu {_number(row['target_pct'], ',')} %{vi_doubt}"
            sentence[1] += f"; target {_number(row['target_pct'], '.')} %{en_doubt}"
        sentences.append((sentence[0] + ".", sentence[1] + "."))
    return sentences


def _moved(points: float) -> tuple[str, str]:
    if abs(points) < 0.005:
        return "không đổi", "unchanged"
    vi, en = ("tăng", "up") if points > 0 else ("giảm", "down")
    return f"{vi} {_number(abs(points), ',')} điểm phần trăm", f"{en} {_number(abs(points), '.')} percentage points"


def _number(value: float, mark: str) -> str:
    return f"{value:.2f}".replace(".", mark)
