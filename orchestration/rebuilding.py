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


def rebuild(home: Home, months: list[str], feeds: list[str] | None = None, sent: list[str] | None = None) -> list[Done]:
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
                    written[statement.unique_id] = _write(live, statement, months)
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


def _write(live: duckdb.DuckDBPyConnection, model: Statement, months: list[str]) -> int:
    """Put a model's rows in place of those it replaces; returns how many."""
    if model.is_scratch:
        live.execute(f"CREATE TEMP TABLE {model.name} AS {model.sql}")
    elif not model.is_kept:
        live.execute(f"CREATE OR REPLACE TABLE {model.relation} AS {model.sql}")
    else:
        source = model.sql
        if model.replaced_by or (model.narrowed_by and not model.narrowed_to):
            live.execute(f"CREATE OR REPLACE TEMP TABLE newer AS {model.sql}")
            source = "FROM newer"
        # What a model found before must be gone when it reads itself.
        live.execute(f"DELETE FROM {model.relation} WHERE {' AND '.join(_replaced(model, months))}")
        live.execute(f"INSERT INTO {model.relation} {source}")
    (count,) = live.fetchone() or (0,)
    return count


def _replaced(model: Statement, months: list[str]) -> Generator[str]:
    """Conditions on the rows of a kept model that the new ones take the place of."""
    if model.replaced_by:
        yield f"{model.replaced_by} IN (SELECT newer.{model.replaced_by} FROM newer)"
    else:
        # Literals let DuckDB pass over what stands of other months.
        listed = ", ".join(f"DATE '{month}'" for month in months)
        yield f"period_month IN ({listed})"
    if column := model.narrowed_by:
        yield f"{column} IN (SELECT one.{column} FROM {model.narrowed_to or 'newer'} AS one)"
