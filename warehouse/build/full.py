"""A full build: seeds, every month of every model and all tests, in a live file that begins with the seeds alone.

The live file is DuckDB's, whoever computes: with Spark its tables are filled from the rows that Spark wrote. Not here:
the SQL (`compiled`), the work of Spark (`spark`), and builds of some months (`incremental`).
"""

import logging
import shutil
import time
from collections.abc import Generator
from contextlib import nullcontext

import duckdb

from warehouse.build import compiled, live_file, spark
from warehouse.build.compiled import Step
from warehouse.build.node import NodeResult
from warehouse.build.project import BuildFailed
from warehouse.zones.home import Home

log = logging.getLogger("cantho.build")

# How often a build says how far it is.
LOG_SECONDS = 5
# How a table that keeps months is written: month by month, and commune by commune where it has them. A build of one
# month then reads the row groups of that month, and one of some communes few of these.
BY_MONTH = "ORDER BY COLUMNS('^(period_month|commune_code)$')"


def build(home: Home, on_spark: bool = False) -> Generator[NodeResult]:
    """Build every month of every model from scratch and run all tests; yields each node when it is done.

    `BuildFailed` at the first model that breaks, or after the last test when some objected: those names, no values.
    """
    steps, at = compiled.steps(home), "The live file"
    broken: dict[str, int] = {}
    last_logged = time.monotonic()
    with spark.built(home) if on_spark else nullcontext() as computed:
        # A table of a model that is gone would be published on.
        home.warehouse.with_suffix(".duckdb.wal").unlink(missing_ok=True)
        shutil.copyfile(compiled.seeds(home), home.warehouse)
        try:
            with live_file.opened(home) as live:
                for done, step in enumerate(steps):
                    at = step.name
                    if time.monotonic() > last_logged + LOG_SECONDS:
                        last_logged = time.monotonic()
                        now = step.name if step.relation else "tests"
                        log.info("%s of %s models and tests done; now %s", done, len(steps), now)
                    if step.relation is None:
                        objections = computed.objections[step.unique_id] if computed else _count(live, step.sql)
                        if objections:
                            broken[step.name] = objections
                        yield NodeResult(step.unique_id, passed=not objections)
                    else:
                        _make(live, step, computed)
                        rows = None if step.is_view else _count(live, f"FROM {step.relation}")
                        yield NodeResult(step.unique_id, rows, rows)
        except duckdb.Error as error:
            errors = live_file.log_error(home, f"{at}: {error}")
            raise BuildFailed(f"{at} failed. Next: read {errors}.") from None
    if broken:
        errors = live_file.log_error(home, "\n".join(f"{name}: {rows} rows" for name, rows in broken.items()))
        raise BuildFailed(f"Tests object to the build: {', '.join([*broken][:10])}. Next: read {errors}.")


def _make(live: duckdb.DuckDBPyConnection, step: Step, computed: spark.Computed | None) -> None:
    """Make a relation and say what it means; a seed is there."""
    if not step.sql:
        return
    order = BY_MONTH if step.is_kept else ""
    if step.is_view:
        made = f"CREATE VIEW {step.relation} AS {step.sql}"
    elif computed:
        # The model says names and types of the columns; Spark has no integers of 128 bits.
        made = f"CREATE TABLE {step.relation} AS {step.sql} WITH NO DATA; "
        made += f"INSERT INTO {step.relation} FROM {computed.rows(step)} {order}"
    else:
        made = f"CREATE TABLE {step.relation} AS SELECT * FROM (\n{step.sql}\n) AS built {order}"
    live.execute("BEGIN")
    live.execute(f"CREATE SCHEMA IF NOT EXISTS {str(step.relation).rpartition('.')[0]}")
    live.execute(";\n".join([made, *step.comments]))
    live.execute("COMMIT")


def _count(live: duckdb.DuckDBPyConnection, sql: str) -> int:
    return live_file.count(live, f"SELECT count(*) FROM ({sql})")
