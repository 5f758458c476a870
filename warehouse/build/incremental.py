"""An incremental build: the models as dbt compiled them, run for some months in one transaction.

All tests run before the commit: the live file holds the build whole or not at all. Each kept table is computed and
compared with what it held: only communes in which a row differs are written, and what follows from a table that did not
change is not run. Not here: what has to be built (`plan`), the SQL (`compiled`), builds of everything (`full`).

The scope of a build is months x communes. A build of all communes begins with every commune in scope. One of communes'
own deliveries begins with none: every table that says who belongs to which household is computed for the whole month,
and each commune in which a row differs comes into scope. Facts of households, and what is counted of them by commune,
ask for the scope (`macros/scope.sql`). So nothing has to be foreseen: a link between two communes is a row that differs
in both.
"""

import logging
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import date

import duckdb

from warehouse.build import compiled, live_file
from warehouse.build.compiled import SCOPE, Statement
from warehouse.build.node import NodeResult
from warehouse.build.project import BuildFailed
from warehouse.zones.home import Home

log = logging.getLogger("cantho.build")


class NotBuilt(BuildFailed):
    """An incremental build failed; nothing has changed."""


def build_months(home: Home, months: list[date], feeds: list[str] | None = None) -> list[NodeResult]:
    """Replace these months in facts and marts; returns all tables and the tests that were run.

    With `feeds`, what does not depend on their deliveries stays as it is; where those are feeds that staging keeps and
    there is one month, the scope is the communes in which something differs. `NotBuilt` names models, tests and a log,
    no values.
    """
    statements = compiled.statements(home)
    if len(months) == 1 and feeds is not None and _compared_feeds(statements).issuperset(feeds):
        try:
            return _build(home, statements, months, feeds, of_all_communes=False)
        except NotBuilt as error:
            log.warning("%s The whole month is built instead.", error)
    return _build(home, statements, months, feeds, of_all_communes=True)


def _compared_feeds(statements: list[Statement]) -> set[str]:
    """Feeds whose rows staging keeps: two deliveries can be compared row by row."""
    return {
        feed
        for statement in statements
        if statement.is_kept and statement.name.startswith(("base_", "stg_"))
        for feed in statement.feeds
    }


def _build(
    home: Home, statements: list[Statement], months: list[date], feeds: list[str] | None, of_all_communes: bool
) -> list[NodeResult]:
    """One transaction on the live file; an error takes everything back."""
    build = None
    try:
        with live_file.opened(home) as live:
            _set_scope(live, months, of_all_communes)
            build = _Build(live, {statement.unique_id: statement for statement in statements}, months, feeds)
            live.execute("BEGIN")
            if broken := build.run():
                raise NotBuilt(f"Tests object to the build: {', '.join(broken[:10])}. What stood before stands.")
            results = build.results()
            live.execute("COMMIT")
    except duckdb.Error as error:
        at = build.at if build else "The live file"
        log_file = live_file.log_error(home, f"{at}: {error}")
        raise NotBuilt(f"{at} failed. What stood before stands. Next: read {log_file}.") from None
    return results


def _set_scope(live: duckdb.DuckDBPyConnection, months: list[date], of_all_communes: bool) -> None:
    live.execute(f"SET VARIABLE months = [{', '.join(_dates(months))}]")
    live.execute(
        f"CREATE TEMP TABLE scope AS SELECT code AS commune_code FROM reference.communes WHERE {of_all_communes}"
    )


def _dates(months: list[date]) -> list[str]:
    """As literals, which let DuckDB pass over what stands of other months."""
    return [f"DATE '{month}'" for month in months]


@dataclass
class _Build:
    """A build under way: rows `written`, tables `changed`, and for how many communes scratch was made.

    A statement is due that reads deliveries of `feeds` (None: any), or rows that were changed. Scratch is made for what
    reads it, and made again where the scope has grown; it changes with what it reads.
    """

    live: duckdb.DuckDBPyConnection
    statements: dict[str, Statement]
    months: list[date]
    feeds: list[str] | None
    at: str = ""
    written: dict[str, int] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    made_for: dict[str, int] = field(default_factory=dict)

    def run(self) -> list[str]:
        """Write what is due and run its tests; returns the names of those that object."""
        broken = []
        for statement in self.statements.values():
            is_due = self._is_due(statement)
            if statement.is_test:
                if is_due and not self._passes(statement):
                    broken.append(statement.name)
            elif statement.is_kept:
                if is_due and self._replaces(statement):
                    self.changed.add(statement.unique_id)
            else:
                if is_due:
                    self.changed.add(statement.unique_id)
                # What views read is small and always made anew.
                if not statement.is_scratch:
                    self._make(statement)
        return broken

    def results(self) -> list[NodeResult]:
        """All that was run, and all that is as it was, in the order of the statements."""
        return [
            NodeResult(name, unchanged=name not in self.written)
            if statement.is_test
            else NodeResult(
                name,
                self._count(f"SELECT count(*) FROM {statement.relation}"),
                self.written.get(name, 0),
                ".".join(str(statement.relation).replace('"', "").split(".")[-2:]),
                unchanged=name not in self.written,
            )
            for name, statement in self.statements.items()
            if name in self.written or not statement.is_scratch
        ]

    def _is_due(self, statement: Statement) -> bool:
        return (
            self.feeds is None
            or not set(self.feeds).isdisjoint(statement.feeds)
            or not self.changed.isdisjoint(statement.rows_of)
        )

    def _prepare(self, statement: Statement) -> None:
        """Make the scratch that a statement reads."""
        for name in statement.reads:
            scratch = self.statements.get(name)
            if scratch and scratch.is_scratch and self._is_outgrown(scratch):
                self._make(scratch)
        self.at = statement.name

    def _is_outgrown(self, scratch: Statement) -> bool:
        """Whether scratch was not made yet, or for fewer communes than are in scope now."""
        made_for = self.made_for.get(scratch.unique_id)
        return made_for is None or (scratch.is_scoped and made_for < self._scope())

    def _scope(self) -> int:
        """How many communes are in scope."""
        return self._count(f"SELECT count(*) FROM {SCOPE}")

    def _make(self, statement: Statement) -> None:
        self._prepare(statement)
        kind = "TEMP TABLE" if statement.is_scratch else "TABLE"
        rows = self._count(f"CREATE OR REPLACE {kind} {statement.relation} AS {statement.sql}")
        self.written[statement.unique_id], self.made_for[statement.unique_id] = rows, self._scope()

    def _passes(self, test: Statement) -> bool:
        self._prepare(test)
        self.written[test.unique_id] = 0
        return self._count(f"SELECT count(*) FROM ({test.sql})") == 0

    def _replaces(self, statement: Statement) -> bool:
        """Put a kept model's rows in place of those of the scope that differ; whether there are such."""
        if statement.is_scoped and not self._scope():
            return False
        self._prepare(statement)
        described = self.live.execute(f"DESCRIBE {statement.relation}").fetchall()
        columns = [name for name, *_ in described]
        communes = [name for name in columns if name.endswith("commune_code")] or ["NULL::VARCHAR"]
        replaced = " AND ".join(self._replaced(statement, columns))
        self.live.execute(f"CREATE OR REPLACE TEMP TABLE newer AS {statement.sql}")
        # Hashes of the same rows add up to zero.
        compared = f"""
            CREATE OR REPLACE TEMP TABLE differing AS SELECT [{", ".join(communes)}] AS communes FROM (
                SELECT *, hash(newer) AS content, 1 AS sign FROM newer
                UNION ALL
                SELECT *, hash(older) AS content, -1 AS sign FROM {statement.relation} AS older WHERE {replaced}
            ) GROUP BY ALL HAVING sum(sign) <> 0 OR sum(sign * content::HUGEINT) <> 0
        """
        if not self._count(compared):
            return False
        differs = f"coalesce({communes[0]}, '') IN (SELECT coalesce(communes[1], '') FROM differing)"
        order = [name for name in ("period_month", "commune_code") if name in columns]
        self.live.execute(f"DELETE FROM {statement.relation} WHERE {replaced} AND {differs}")
        self.written[statement.unique_id] = self._count(
            # As they lie in a build from scratch.
            f"INSERT INTO {statement.relation} FROM newer WHERE {differs} ORDER BY {', '.join(order) or 'ALL'}"
        )
        self.live.execute(
            f"INSERT INTO {SCOPE} SELECT commune FROM (SELECT DISTINCT unnest(communes) AS commune FROM differing) "
            f"WHERE commune IN (SELECT code FROM reference.communes) AND commune NOT IN (FROM {SCOPE})"
        )
        return True

    def _replaced(self, statement: Statement, columns: list[str]) -> Generator[str]:
        """Conditions on the rows of a kept model that the new ones take the place of."""
        if "period_month" in columns:
            yield f"period_month IN ({', '.join(_dates(self.months))})"
        else:
            yield f"review_year IN ({', '.join(sorted({str(month.year) for month in self.months}))})"
        if statement.is_scoped:
            yield f"commune_code IN (FROM {SCOPE})"

    def _count(self, sql: str) -> int:
        return live_file.count(self.live, sql)
