"""Rebuilding from the archive: proof that what is published follows from what departments sent.

A temporary home receives the archived originals in the order in which they were first seen (of those kept no longer
the rows in the lake), and goes through the same pipeline; every fact and mart is then compared with the published
ones, in the restricted file and the public one, row by row, both ways.
"""

import itertools
import os
import shutil
from collections.abc import Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from orchestration import running
from sources import offline
from sources.contracts.feeds import discover
from warehouse.intake.deliveries import Intake
from warehouse.published import issues, store
from warehouse.zones import lake
from warehouse.zones.home import Home


@dataclass(frozen=True)
class Difference:
    """How many rows of a table only one side has; a table of the public file has `public.` before its name."""

    table: str
    published: int
    only_published: int
    only_rebuilt: int


def verify(home: Home, month: date | None = None, version: str | None = None) -> list[Difference]:
    """Rebuild a version, the current one by default, from the archive and compare, one month or all.

    One entry per table, equal ones included. The public tables are rebuilt from the deliveries of the issue that the
    version carries; a notice in their place has none. An older version is rebuilt from the deliveries its manifest
    names, with the models of today: where these have changed since, the manifest's `code` says so and figures may
    differ.
    """
    compared, manifest = store.folder(home, version), store.manifest(home, version)
    issue = issues.carried_by(manifest)
    exact, public = store.RESTRICTED, () if issue.withdraws else (store.PUBLIC,)
    if set(issue.deliveries) == set(manifest["deliveries"]):
        return _rebuilt_and_compared(home, compared, manifest["deliveries"], (exact, *public), month)
    differences = _rebuilt_and_compared(home, compared, manifest["deliveries"], (exact,), month)
    return differences + (_rebuilt_and_compared(home, compared, issue.deliveries, public, month) if public else [])


def _rebuilt_and_compared(
    home: Home, compared: Path, deliveries: Collection[str], databases: Collection[str], month: date | None
) -> list[Difference]:
    with home.scratch("verify") as folder, _environment_kept():
        rebuilt = Home.open(folder, key=home.key_file)
        _take_in_archive(home, rebuilt, set(deliveries))
        result = running.run(rebuilt)
        if result.failure:
            raise RuntimeError(f"The rebuild failed: {result.failure}")
        return compare(compared, store.folder(rebuilt), month, databases=databases)


@contextmanager
def _environment_kept() -> Generator[None]:
    """What a run sets for dbt and Dagster is of the temporary home, and nobody's after it."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _take_in_archive(home: Home, rebuilt: Home, deliveries: Collection[str]) -> None:
    original, intake = Intake.open(home), Intake.open(rebuilt)
    counted = [entry for entry in original.register.accepted() if entry.content in deliveries]
    for _, batch in itertools.groupby(counted, key=lambda entry: entry.first_seen):
        entries = list(batch)
        for entry in entries:
            if entry.expired_on:
                # Kept no longer, as promised: its rows are taken for what they are.
                lake.copy_rows(home, rebuilt, discover()[entry.feed], entry)
                intake.register.record(entry)
            else:
                with original.original(entry) as path:
                    shutil.copyfile(path, rebuilt.landing / entry.feed / entry.file)
        for feed_id in sorted({entry.feed for entry in entries}):
            intake.take_in(discover()[feed_id])


def compare(
    published: Path,
    rebuilt: Path,
    month: date | None = None,
    ignored: Collection[str] = (),
    databases: Collection[str] = (store.RESTRICTED, store.PUBLIC),
) -> list[Difference]:
    """Every fact and mart of two versions' folders, row by row, both ways, but for the `ignored` columns."""
    return [
        replace(difference, table=f"{'public.' if name == store.PUBLIC else ''}{difference.table}")
        for name in databases
        for difference in _compared(published / name, rebuilt / name, month, ignored)
    ]


def _compared(published: Path, rebuilt: Path, month: date | None, ignored: Collection[str]) -> list[Difference]:
    differences = []
    with offline.connect() as engine:
        engine.execute(f"ATTACH '{published}' AS published (READ_ONLY)")
        engine.execute(f"ATTACH '{rebuilt}' AS rebuilt (READ_ONLY)")
        tables = engine.execute(
            "select distinct schema_name, table_name from duckdb_columns() "
            "where schema_name in ('facts', 'marts') and database_name in ('published', 'rebuilt') order by all"
        ).fetchall()
        monthly = {
            tuple(row)
            for row in engine.execute(
                "select schema_name, table_name from duckdb_columns() where column_name = 'period_month'"
            ).fetchall()
        }
        for schema, table in tables:
            columns = f"columns(lambda name: not list_contains({sorted(ignored)}, name))" if ignored else "*"
            where = f"where period_month = date '{month}'" if month and (schema, table) in monthly else ""
            sides = [f"select {columns} from {side}.{schema}.{table} {where}" for side in ("published", "rebuilt")]
            counts = [
                engine.execute(f"select count(*) from ({query})").fetchone()
                for query in (sides[0], f"{sides[0]} except all {sides[1]}", f"{sides[1]} except all {sides[0]}")
            ]
            differences.append(Difference(f"{schema}.{table}", *(count[0] if count else 0 for count in counts)))
    return differences
