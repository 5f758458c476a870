"""Figures by old and by new boundaries: one city, before and after the communes of July 2025."""

from collections.abc import Generator

import pytest
from declared import public_columns
from pipeline.conftest import Copy, Warehouse, built

ADDS = "areas_of_every_level_add_up_to_the_city"
# What is declared to add up: mart to columns.
ADDED = {
    mart: [*public["counts"], *public.get("adds_up", [])]
    for mart, public in public_columns().items()
    if not mart.startswith("official_report")
}
for mart in ("area_mpi", "area_mpi_group"):
    ADDED[mart] += ["poor_score", "poor_score_max"]
NOT_A_COLUMN = {"poor_score": "adjusted_headcount", "poor_score_max": "adjusted_headcount_max"}


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The last month of the old units and the first of today's communes; no delivery of either is refused."""
    simulated = ["--months", "2025-06:2025-07", "--scale", "0.001", "--seed", "11", "--dirt", "1"]
    return built(tmp_path_factory.mktemp("merged"), simulated)


@pytest.fixture(scope="module")
def around_the_merger(merged: Warehouse) -> Generator[Copy]:
    marts = Copy(merged.version / "restricted.duckdb")
    yield marts
    marts.engine.close()


def test_old_and_new_boundaries_add_to_the_same_city(merged: Warehouse, around_the_merger: Copy) -> None:
    levels = dict(
        merged.restricted(
            "select strftime(period_month, '%Y-%m'), list(distinct area_level order by area_level) "
            "from marts.area_poverty group by all"
        )
    )

    assert around_the_merger.found(ADDS) == 0
    assert levels == {
        "2025-06": ["area_type", "city", "commune", "commune_then", "former_province"],
        # The commune of the month is the commune of today: it has no rows of its own any more.
        "2025-07": ["area_type", "city", "commune", "former_province"],
    }


@pytest.mark.parametrize(("mart", "column"), [(mart, column) for mart in ADDED for column in ADDED[mart]])
def test_a_figure_that_does_not_add_is_noticed(around_the_merger: Copy, mart: str, column: str) -> None:
    wrong = NOT_A_COLUMN.get(column, column)

    for level in ("commune", "commune_then"):
        assert around_the_merger.found_when(mart, wrong, ADDS, f"area_level = '{level}'") > 0
