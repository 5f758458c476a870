"""No build compares every row of one large table with every row of another, whatever the size of the test's city.

DuckDB does so, in a block-wise join, where it finds no condition that is equal on both sides alone. At the size of the
tests nobody would notice; at the size of the city the build would stand still.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import duckdb
import pytest
from pipeline.conftest import Warehouse

from warehouse.build import incremental
from warehouse.build.compiled import Statement
from warehouse.zones.home import Home

ALL_WITH_ALL = "BLOCKWISE_NL_JOIN"
# Both sides of their joins are areas, classes or groups: a few hundred rows at most.
OF_AREAS = {"int_place_area", "area_movement", "area_mpi_group"}


def test_no_statement_of_a_build_compares_all_rows_with_all(
    warehouse: Warehouse, copy_of: Callable[[Warehouse], Warehouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.open(copy_of(warehouse).home)
    plans: dict[str, set[str]] = {}
    prepare = incremental._Build._prepare

    def explained(build: incremental._Build, statement: Statement) -> None:
        prepare(build, statement)
        plans[statement.name] = set(_operators(build.live, statement.sql))

    monkeypatch.setattr(incremental._Build, "_prepare", explained)
    incremental.build_months(home, [date(2026, 10, 1)])

    assert {"int_member_month", "person_month", "household_condition", "area_poverty"} <= plans.keys()
    assert {name for name, operators in plans.items() if ALL_WITH_ALL in operators} == OF_AREAS


def test_a_condition_on_one_side_alone_is_such_a_comparison() -> None:
    joined = "select * from sent left join known on sent.is_usable and sent.code = known.code"
    with duckdb.connect() as engine:
        engine.execute("create table sent as select range as code, range > 5 as is_usable from range(9)")
        engine.execute("create table known as select range as code from range(9)")

        assert ALL_WITH_ALL in set(_operators(engine, joined))
        assert ALL_WITH_ALL not in set(_operators(engine, joined.replace("sent.is_usable and", "")))


def _operators(engine: duckdb.DuckDBPyConnection, sql: str) -> Iterator[str]:
    """Names of all operators in the plan of a query."""
    ((_, plan),) = engine.execute(f"EXPLAIN (FORMAT json) {sql}").fetchall()
    waiting: list[Any] = json.loads(plan)
    while waiting:
        operator = waiting.pop()
        yield operator["name"].strip()
        waiting += operator["children"]
