"""The live file open to a build: how it is opened and closed, and where errors are written.

Not here: what builds do in it (`full`, `incremental`).
"""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from sources import offline
from warehouse.zones import memory
from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home


@contextmanager
def opened(home: Home) -> Generator[duckdb.DuckDBPyConnection]:
    """A connection for one build; what it did not commit is taken back. Raises `duckdb.Error`."""
    settings = memory.settings(home) | {"preserve_insertion_order": False}
    live = offline.connect(home.warehouse, settings=settings)
    try:
        yield live
    finally:
        # A query that a signal broke off goes on in DuckDB's threads, and keeps the file, until it is told.
        live.interrupt()
        with suppress(duckdb.Error):
            live.execute("ROLLBACK")
        live.close()


def count(live: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The one number that a statement answers."""
    (number,) = live.execute(sql).fetchone() or (0,)
    return number


def log_error(home: Home, text: str) -> Path:
    """Keep what may quote a value; returns where."""
    log = home.root / "dbt" / "errors.log"
    write_atomically(log, text.encode())
    return log
