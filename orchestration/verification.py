"""Rebuilding from the archive: proof that what is published follows from what departments sent.

A temporary home receives the archived originals in the order in which they were first seen (of those kept no longer
the rows in the lake), and goes through the same pipeline; what it publishes is then compared (`comparison`).
"""

import itertools
import os
import shutil
from collections.abc import Collection, Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from orchestration import running
from sources.contracts.feeds import discover
from warehouse.intake.deliveries import Intake
from warehouse.published import issues, store
from warehouse.published.comparison import Difference, compare
from warehouse.zones import lake
from warehouse.zones.home import Home


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
