"""A build of some months, or of some households of one: the models as dbt compiled them, run in one transaction.

dbt spends some 70 ms on each model and test beside the SQL, ten seconds for a delivery of one commune. So it compiles
the project once for the code as it stands (`models.statements`), and here the SQL runs on one connection, with the
months as a variable of the session. All tests run before the commit: the live file holds the build whole or not at
all. Builds of everything are dbt's own (`models.build`). Not here: what has to be built (`building`).
"""

import logging
import os
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import duckdb

from orchestration import models
from orchestration.models import Done, Statement
from sources import offline
from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home

log = logging.getLogger("cantho.build")


class NotBuilt(RuntimeError):
    """A model broke, or a test objects to what was built; nothing has changed."""


def rebuild(home: Home, months: list[str], feeds: list[str] | None = None, sent: list[str] | None = None) -> list[Done]:
    """Replace these months (YYYY-MM-01) in facts and marts; returns all tables and the tests that were run.

    With `feeds`, what does not depend on their deliveries stays as it is; with `sent`, so does every household that
    these deliveries cannot touch. `NotBuilt` names models, tests and a log, no values.
    """
    if sent is not None:
        try:
            return _rebuild(home, models.statements(home, of_households=True), months, feeds, sent)
        except NotBuilt as error:
            log.warning("%s The whole month is built instead.", error)
    return _rebuild(home, models.statements(home), months, feeds, [])


def _rebuild(
    home: Home, known: list[Statement], months: list[str], feeds: list[str] | None, sent: list[str]
) -> list[Done]:
    """One transaction on the live file with months and deliveries as variables; an error takes everything back."""
    live = build = None
    try:
        live = _opened(home, months, sent)
        build = _Build(live, {one.unique_id: one for one in known}, months, feeds, of_households=bool(sent))
        live.execute("BEGIN")
        if broken := build.run():
            raise NotBuilt(f"Tests object to the build: {', '.join(broken[:10])}. What stood before stands.")
        done = build.done()
        live.execute("COMMIT")
    except duckdb.Error as error:
        # It may quote what it met.
        errors, at = home.root / "dbt" / "errors.log", build.at if build else "The live file"
        write_atomically(errors, f"{at}: {error}".encode())
        raise NotBuilt(f"{at} failed. What stood before stands. Next: read {errors}.") from None
    finally:
        if live:
            # A query that a signal broke off goes on in DuckDB's threads, and keeps the file, until it is told.
            live.interrupt()
            with suppress(duckdb.Error):
                live.execute("ROLLBACK")
            live.close()
    return done


def _opened(home: Home, months: list[str], sent: list[str]) -> duckdb.DuckDBPyConnection:
    settings: dict[str, offline.Setting] = {
        "memory_limit": os.environ.get("CANTHO_MEMORY_LIMIT", "8GB"),
        "temp_directory": str(home.live / "temp"),
        "preserve_insertion_order": False,
    }
    live = offline.connect(home.warehouse, settings=settings)
    listed = ", ".join(f"DATE '{month}'" for month in months)
    live.execute(f"SET VARIABLE months = [{listed}]")
    live.execute(f"SET VARIABLE sent = {sent}::VARCHAR[]")
    return live


@dataclass
class _Build:
    """A build under way: what of the `known` statements was run, and what does not have the rows that it had.

    A statement is due that reads deliveries of `feeds` (None: any), or rows that were changed. A build of months takes
    all that it writes for changed. One of households looks: most of what a commune sends again says what it said
    before, and what follows from that stands. Scratch is made for what reads it, and has no rows from before; it
    changes with what it reads.
    """

    live: duckdb.DuckDBPyConnection
    known: dict[str, Statement]
    months: list[str]
    feeds: list[str] | None
    of_households: bool
    at: str = ""
    written: dict[str, int] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def run(self) -> list[str]:
        """Write what is due and run its tests; returns the names of those that object."""
        broken = []
        for one in self.known.values():
            if one.is_test:
                if self._is_due(one) and not self._passes(one):
                    broken.append(one.name)
            elif one.is_kept:
                if self._is_due(one) and self._replaces(one):
                    self.changed.add(one.unique_id)
            else:
                if self._is_due(one):
                    self.changed.add(one.unique_id)
                # What views read is small and always made anew; what narrows a build finds what stood before it.
                if not one.is_scratch or (self.of_households and one.name in models.NARROWING):
                    self._make(one)
        return broken

    def done(self) -> list[Done]:
        """All that was run, and all that stands as it was, in the order of the statements."""
        return [
            Done(name, stands=name not in self.written)
            if one.is_test
            else Done(
                name,
                self._count(f"SELECT count(*) FROM {one.relation}"),
                self.written.get(name, 0),
                ".".join(str(one.relation).replace('"', "").split(".")[-2:]),
                stands=name not in self.written,
            )
            for name, one in self.known.items()
            if name in self.written or not one.is_scratch
        ]

    def _is_due(self, one: Statement) -> bool:
        return self.feeds is None or bool({*self.feeds} & {*one.feeds}) or bool(self.changed & {*one.rows_of})

    def _prepare(self, one: Statement) -> None:
        """Make the scratch that a statement reads."""
        for name in one.reads:
            if name in self.known and self.known[name].is_scratch and name not in self.written:
                self._make(self.known[name])
        self.at = one.name

    def _make(self, one: Statement) -> None:
        self._prepare(one)
        kind = "TEMP TABLE" if one.is_scratch else "OR REPLACE TABLE"
        self.written[one.unique_id] = self._count(f"CREATE {kind} {one.relation} AS {one.sql}")

    def _passes(self, test: Statement) -> bool:
        self._prepare(test)
        self.written[test.unique_id] = 0
        return self._count(f"SELECT count(*) FROM ({test.sql})") == 0

    def _replaces(self, one: Statement) -> bool:
        """Put a kept model's rows in place of those they replace; whether they are others."""
        self._prepare(one)
        source = one.sql
        if one.replaced_by or self.of_households:
            self.live.execute(f"CREATE OR REPLACE TEMP TABLE newer AS {source}")
            source = "FROM newer"
        elif order := self._order(one):
            source = f"FROM ({source}) ORDER BY {', '.join(order)}"
        replaced = " AND ".join(self._replaced(one))
        if self.of_households and self._rows("newer") == self._rows(f"{one.relation} AS newer WHERE {replaced}"):
            return False
        self.live.execute(f"DELETE FROM {one.relation} WHERE {replaced}")
        self.written[one.unique_id] = self._count(f"INSERT INTO {one.relation} {source}")
        return True

    def _order(self, one: Statement) -> list[str]:
        """Columns by which a kept model's rows lie, as in a build from scratch (`macros/create_table_as.sql`)."""
        columns = self.live.execute(f"SELECT column_name FROM (DESCRIBE {one.relation})").fetchall()
        return [name for name in ("period_month", "commune_code") if (name,) in columns]

    def _replaced(self, one: Statement) -> Generator[str]:
        """Conditions on the rows of a kept model that the new ones take the place of."""
        if one.replaced_by:
            yield f"{one.replaced_by} IN (SELECT newer.{one.replaced_by} FROM newer)"
        else:
            # Literals let DuckDB pass over what stands of other months.
            listed = ", ".join(f"DATE '{month}'" for month in self.months)
            yield f"period_month IN ({listed})"
        if column := one.narrowed_by:
            yield f"{column} IN (SELECT one.{column} FROM {one.narrowed_to or 'newer'} AS one)"

    def _rows(self, relation: str) -> tuple[Any, ...] | None:
        """How many rows there are, and a sum that differs where the rows do."""
        return self.live.execute(f"SELECT count(*), sum(hash(newer)) FROM {relation}").fetchone()

    def _count(self, sql: str) -> int:
        (count,) = self.live.execute(sql).fetchone() or (0,)
        return count
