"""What the public figures withhold cannot be worked out from them; and whoever tries could, were they less careful."""

from pathlib import Path

from attack import attack, learn, weaken
from pipeline.conftest import Warehouse

MONTH = "2026-10-01"


def test_an_attacker_recovers_no_withheld_count(warehouse: Warehouse) -> None:
    known = learn(warehouse.version / "public.duckdb", warehouse.version / "restricted.duckdb", [MONTH])

    found = attack(known, rounds=1, at_most=3)

    assert len(known.withheld) > 1000
    assert found == []


def test_the_same_attacker_recovers_counts_that_are_withheld_each_for_itself(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.duckdb"
    weaken(warehouse.version / "public.duckdb", warehouse.version / "restricted.duckdb", plain)

    found = attack(learn(plain, warehouse.version / "restricted.duckdb", [MONTH], pools=False), rounds=1, at_most=8)

    assert found
    assert all(one.low <= one.truth <= one.high for one in found)


def test_a_shown_count_is_rounded_and_a_withheld_one_is_named(warehouse: Warehouse) -> None:
    wrong = warehouse.public(
        """
        select * from marts.area_poverty
        where poor_households % 5 <> 0 or reviewed_households % 5 <> 0 or poor_persons % 5 <> 0
            or (poor_households is null and basis = 'computed' and not contains(protected_columns, 'poor_households'))
        """
    )

    assert wrong == []


def test_a_share_of_what_is_withheld_is_withheld_and_not_nothing(warehouse: Warehouse) -> None:
    """Coverage needs the undetermined, the share of a group needs all groups."""
    coverage = warehouse.public(
        """
        select count(*) from marts.area_poverty
        where undetermined_households is null and reviewed_households > 0
            and (coverage_pct is not null or not contains(protected_columns, 'coverage_pct'))
        """
    )
    shares = warehouse.public(
        """
        select period_month, area_code, group_kind from marts.area_mpi_group
        group by period_month, area_level, area_code, standard_id, unit, weights, group_kind
        having bool_or(units is null) and count(population_share) > 0
        """
    )

    assert coverage == [(0,)]
    assert shares == []
