"""What two versions say of each other."""

import duckdb

from warehouse.published.versions import _tables


def test_versions_of_other_code_are_compared_by_the_columns_that_both_have() -> None:
    with duckdb.connect() as engine:
        for side, columns in (("before", "period_month, poor"), ("after", "poor, period_month, 7 as more")):
            engine.execute(f"attach ':memory:' as {side}; create schema {side}.marts")
            engine.execute(
                f"create table {side}.marts.area_poverty as select {columns} "
                f"from (values (date '2026-09-01', 1), (date '2026-10-01', {2 if side == 'before' else 3})) "
                "as rows (period_month, poor)"
            )

        engine.execute("create temp table compared as select unnest([date '2026-09-01', date '2026-10-01'])")

        found = _tables(engine, area=None)

    assert found == [{"table": "area_poverty", "month": "2026-10", "rows_gone": 1, "rows_new": 1}]
