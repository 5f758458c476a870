"""A build of some months, or of some households of one: the models as dbt compiled them, run in one transaction.

dbt spends some 70 ms on each model and test beside the SQL, ten seconds for a delivery of one commune. So it compiles
the project once for the code as it stands (`models.statements`), and here the SQL runs on one connection, with the
months as a variable of the session. All tests run before the commit: the live file holds the build whole or not at
all. Builds of everything are dbt's own (`models.build`). Not here: what has to be built (`building`).
"""

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager

import duckdb

from orchestration import models
from orchestration.models import Done, Statement
from warehouse import sealed
from warehouse.home import Home

log = logging.getLogger("cantho.build")

HOUSEHOLD = "household_key"


def rebuild(
    home: Home, months: list[str], feeds: list[str] | None = None, sent: list[str] | None = None
) -> list[Done]:
    """Replace these months (YYYY-MM-01) in facts and marts; returns all tables and the tests that were run.

    With `feeds`, what does not depend on their deliveries stays as it is; with `sent`, so does every household that
    these deliveries cannot touch. `RuntimeError` when a model breaks or a test objects, naming models, tests and a
    log, no values; then nothing has changed.
    """
    if sent is not None:
        try:
            return _rebuild(home, models.statements(home, of_households=True), months, feeds, sent)
        except RuntimeError as error:
            log.warning("%s The whole month is built instead.", error)
    return _rebuild(home, models.statements(home), months, feeds, [])


def _rebuild(
    home: Home, known: list[Statement], months: list[str], feeds: list[str] | None, sent: list[str]
) -> list[Done]:
    written, broken, at = {}, [], ""
    try:
        with _writing(home, months, sent) as live:
            for statement in due(known, feeds):
                at = statement.name
                if not statement.is_test:
                    written[statement.unique_id] = _write(live, statement)
                elif live.execute(f"SELECT count(*) FROM ({statement.sql})").fetchone() != (0,):
                    broken.append(at)
                else:
                    written[statement.unique_id] = 0
            if broken:
                raise RuntimeError(f"Tests object to the build: {', '.join(broken[:10])}. What stood before stands.")
            return [
                Done(one.unique_id)
                if one.is_test
                else Done(one.unique_id, _rows(live, one), written.get(one.unique_id, 0))
                for one in known
                if one.unique_id in written or one.is_kept
            ]
    except duckdb.Error as error:
        # It may quote what it met.
        log = home.root / "dbt" / "errors.log"
        sealed.place(log, f"{at}: {error}".encode())
        raise RuntimeError(f"{at} failed. What stood before stands. Next: read {log}.") from None


def due(statements: list[Statement], feeds: list[str] | None) -> list[Statement]:
    """The statements that new deliveries of these feeds (None: of any) make necessary, and the scratch they read.

    What views read is small and always made anew.
    """
    if feeds is None:
        return statements
    found: list[Statement] = []
    read: set[str] = set()
    # What is read comes before its reader.
    for one in reversed(statements):
        if one.is_scratch:
            is_due = one.unique_id in read
        else:
            is_due = bool(set(feeds) & set(one.feeds)) or not (one.is_kept or one.is_test)
        if is_due:
            read.update(one.reads)
            found.append(one)
    return found[::-1]


@contextmanager
def _writing(home: Home, months: list[str], sent: list[str]) -> Generator[duckdb.DuckDBPyConnection]:
    """A transaction on the live file with months and deliveries as variables; an error in it takes everything back."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": os.environ.get("CANTHO_MEMORY_LIMIT", "8GB"),
        "temp_directory": str(home.live / "temp"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(str(home.warehouse), config=settings) as live:
        listed = ", ".join(f"DATE '{month}'" for month in months)
        live.execute(f"SET VARIABLE months = [{listed}]")
        live.execute(f"SET VARIABLE sent = {sent}::VARCHAR[]")
        live.execute("BEGIN")
        try:
            yield live
        except BaseException:
            live.execute("ROLLBACK")
            raise
        live.execute("COMMIT")


def _rows(live: duckdb.DuckDBPyConnection, model: Statement) -> int:
    (count,) = live.execute(f"SELECT count(*) FROM {model.relation}").fetchone() or (0,)
    return count


def _write(live: duckdb.DuckDBPyConnection, model: Statement) -> int:
    """Put a model's rows in place of those it replaces; returns how many."""
    if model.is_scratch:
        live.execute(f"CREATE TEMP TABLE {model.name} AS {model.sql}")
    elif not model.is_kept:
        live.execute(f"CREATE OR REPLACE TABLE {model.relation} AS {model.sql}")
    elif model.narrowed_by:
        _write_narrowed(live, model)
    elif model.replaced_by is None:
        live.execute(f"DELETE FROM {model.relation} WHERE list_contains(getvariable('months'), period_month)")
        live.execute(f"INSERT INTO {model.relation} {model.sql}")
    else:
        live.execute(f"CREATE OR REPLACE TEMP TABLE newer AS {model.sql}")
        live.execute(
            f"DELETE FROM {model.relation} WHERE {model.replaced_by} IN (SELECT {model.replaced_by} FROM newer)"
        )
        live.execute(f"INSERT INTO {model.relation} FROM newer")
    (count,) = live.fetchone() or (0,)
    return count


def _write_narrowed(live: duckdb.DuckDBPyConnection, model: Statement) -> None:
    """Replace the rows of what is touched, and of what takes its place.

    A row that would be replaced without being touched says that the touched ones were not all found.
    """
    column = model.narrowed_by
    newer, touched = f"SELECT {column} FROM newer", "SELECT key FROM temp.main.touched_key WHERE kind = 'household'"
    of_months = f"DELETE FROM {model.relation} WHERE list_contains(getvariable('months'), period_month)"
    live.execute(f"CREATE OR REPLACE TEMP TABLE newer AS {model.sql}")
    if column == HOUSEHOLD:
        live.execute(f"{of_months} AND {column} IN ({touched})")
        if live.execute(f"{of_months} AND {column} IN ({newer})").fetchone() != (0,):
            raise RuntimeError(f"{model.name} has rows of households that were not found to be touched.")
    else:
        live.execute(f"{of_months} AND {column} IN ({newer})")
    live.execute(f"INSERT INTO {model.relation} FROM newer")
