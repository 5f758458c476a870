"""A full build: seeds, every month of every model and all tests, in a live file that begins with the seeds alone.

Not here: the SQL (`compiled`), and builds of some months (`incremental`).
"""

import shutil
from collections.abc import Generator

import duckdb

from warehouse.build import compiled, live_file
from warehouse.build.compiled import Step
from warehouse.build.node import NodeResult
from warehouse.build.project import BuildFailed
from warehouse.zones.home import Home


def build(home: Home) -> Generator[NodeResult]:
    """Build every month of every model from scratch and run all tests; yields each node when it is done.

    `BuildFailed` at the first model that breaks, or after the last test when some objected: those names, no values.
    """
    steps, at = compiled.steps(home), "The live file"
    # A table of a model that is gone would be published on.
    home.warehouse.with_suffix(".duckdb.wal").unlink(missing_ok=True)
    shutil.copyfile(compiled.seeds(home), home.warehouse)
    broken: dict[str, int] = {}
    try:
        with live_file.opened(home) as live:
            for step in steps:
                at = step.name
                if step.relation is None:
                    objections = live_file.count(live, f"SELECT count(*) FROM ({step.sql})")
                    if objections:
                        broken[step.name] = objections
                    yield NodeResult(step.unique_id, passed=not objections)
                else:
                    rows = _make(live, step)
                    yield NodeResult(step.unique_id, rows, rows)
    except duckdb.Error as error:
        log = live_file.log_error(home, f"{at}: {error}")
        raise BuildFailed(f"{at} failed. Next: read {log}.") from None
    if broken:
        log = live_file.log_error(home, "\n".join(f"{name}: {rows} rows" for name, rows in broken.items()))
        raise BuildFailed(f"Tests object to the build: {', '.join([*broken][:10])}. Next: read {log}.")


def _make(live: duckdb.DuckDBPyConnection, step: Step) -> int | None:
    """Make a relation; returns its rows, None for a view."""
    if step.sql:
        live.execute("BEGIN")
        live.execute(step.sql)
        live.execute("COMMIT")
    return None if step.is_view else live_file.count(live, f"SELECT count(*) FROM {step.relation}")
