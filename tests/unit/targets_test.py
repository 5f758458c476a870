"""What is said of the city's rates between two months."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse.published.targets import progress, reading

NOVEMBER, JANUARY = date(2026, 11, 1), date(2027, 1, 1)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """One standard, two communes, a city; lists of one commune in November and of both in January."""
    path = tmp_path / "restricted.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute("""
            create schema marts; create schema reference;
            create table marts.area_poverty as
            select period_month, area_level, area_code, 'S' as standard_id, basis, poor_households,
                100.0 * poor_households / 100 as poor_rate_pct, null::double as near_poor_rate_pct,
                null::double as multidimensional_rate_pct, null::double as minority_poor_rate_pct,
                case when basis = 'legal' then period_month end as newest_list_month, 2 as communes_total
            from (values
                (date '2026-11-01', 'city', '92', 'legal', 1), (date '2027-01-01', 'city', '92', 'legal', 5),
                (date '2026-11-01', 'commune', 'a', 'legal', 1), (date '2027-01-01', 'commune', 'a', 'legal', 1),
                (date '2026-11-01', 'commune', 'b', 'legal', null), (date '2027-01-01', 'commune', 'b', 'legal', 4),
                (date '2026-11-01', 'city', '92', 'computed', 6), (date '2027-01-01', 'city', '92', 'computed', 5)
            ) as said (period_month, area_level, area_code, basis, poor_households);
            create table marts.area_indicator (
                period_month date, area_level varchar, unit varchar, k integer, standard_id varchar,
                indicator_code varchar, poor_deprived_units bigint, poor_deprived_households bigint
            );
            create table marts.dim_indicator (
                standard_id varchar, indicator_code varchar, name_vi varchar, name_en varchar
            );
            create table marts.dim_commune as select 'a' as commune_code, 'Xã A' as name_vi;
            create table reference.standard as
            select 'S' as standard_id, 3 as poor_from_count, date '2022-01-01' as valid_from, null::date as valid_to;
            create table reference.target as
            select 'city' as area_level, 'S' as standard_id, 'poor_rate_pct' as measure, 'yearly_reduction' as aim,
                12.0 as target, 'press' as known_by, date '2026-12-01' as valid_from, date '2030-12-31' as valid_to;
        """)
    return path


def test_what_the_lists_of_more_communes_say_is_no_change(database: Path) -> None:
    rates, drivers = progress(database, JANUARY, NOVEMBER)
    change = {row["basis"]: (row["rate_pct"], row["change_points"]) for row in rates if row["rate_pct"] is not None}
    computed, official = reading(rates, drivers)

    assert change == {"legal": (5, None), "computed": (5, -1)}
    assert official[1] == "Official (S): poor rate 5.00 %; not to be compared: lists of 2 communes, before of 1."
    assert "danh sách của 2 xã, trước đó của 1 xã" in official[0]
    assert "down 1.00 percentage points" in computed[1]


def test_a_target_of_a_plan_that_nobody_saw_signed_is_said_to_be_one(database: Path) -> None:
    with duckdb.connect(str(database)) as opened:
        opened.execute("update reference.target set aim = 'rate'")
    doubted = reading(*progress(database, JANUARY, NOVEMBER))[0]
    with duckdb.connect(str(database)) as opened:
        opened.execute("update reference.target set known_by = 'signed'")
    sure = reading(*progress(database, JANUARY, NOVEMBER))[0]

    assert doubted[0].endswith("mục tiêu 12,00 % (chưa kiểm chứng).")
    assert doubted[1].endswith("target 12.00 % (not verified).")
    assert sure[1].endswith("target 12.00 %.")


def test_a_yearly_aim_counts_from_the_month_it_begins_with(database: Path) -> None:
    rates, _ = progress(database, JANUARY, NOVEMBER)
    with duckdb.connect(str(database)) as opened:
        opened.execute("update reference.target set valid_from = '2027-01-01'")
    later, _ = progress(database, JANUARY, NOVEMBER)

    asked, asked_later = ({row["target_change_points"] for row in found} for found in (rates, later))
    assert (asked, asked_later) == ({-2.0}, {-1.0})
