"""The work of a build: which deliveries it reads and which months it builds.

Plain functions over the register and the published versions. Not here: how it is built (`full`, `incremental`).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from warehouse.build import engines
from warehouse.build.project import fingerprint
from warehouse.published import store, writer
from warehouse.upkeep import recovery
from warehouse.zones import lake
from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home
from warehouse.zones.register import Counted, Register, delivery_of


@dataclass(frozen=True)
class Build:
    """One build: the deliveries that count, the code, and the months to rebuild (None: all, from scratch).

    `feeds` are those with deliveries that the last version did not have, None where the months have to be built for all
    of them. `place` is where the home lay, since views of the live file name the files of the lake. `follows` is the
    version that the live file had been published as before, None where it held something else; `changed` are the tables
    (schema.name) that a finished build wrote, None for any.
    """

    deliveries: list[str]
    code: str
    months: list[date] | None
    feeds: list[str] | None = None
    place: str = ""
    follows: str | None = None
    changed: list[str] | None = None
    finished: bool = False

    @property
    def needed(self) -> bool:
        return self.months is None or bool(self.months)


def _begun(home: Home) -> Path:
    return home.live / "build.json"


def next_build(home: Home) -> Build:
    """Compare the register with the current version.

    A delivery changes its month and all later ones: records are carried forward. Months between the last one built and
    a later one are new with it, whoever has sent them. Changed models change everything.
    """
    return _planned(home, Register.open(home).counted())


def is_owed(home: Home) -> bool:
    """Whether deliveries were taken in and not built: the run broke off, or another feed had everything refused.

    A change of code alone waits for a delivery or the first of the month.
    """
    build, begun, version = next_build(home), last(home), store.current(home)
    if build.months is None and version and (begun.months is not None or begun.finished):
        return set(build.deliveries) != set(store.manifest(home, version)["deliveries"])
    return build.needed


def _planned(home: Home, accepted: Sequence[Counted]) -> Build:
    deliveries, code = [entry.content for entry in accepted], fingerprint()
    if not accepted:
        return Build([], code, [])
    version, built = store.current(home), last(home)
    if version is None or not _is_base(home, built, code) or store.manifest(home, version)["code"] != code:
        return Build(deliveries, code, None)
    entries = {entry.content: entry for entry in accepted}
    published = set(store.manifest(home, version)["deliveries"])
    # The live file may hold more than the version, of a build that was not published, or less, where it was put back.
    changed = (published ^ entries.keys()) | (set(built.deliveries) ^ entries.keys())
    if {delivery_of(name) for name in changed} - {entry.delivery_id for entry in accepted}:
        # Of a delivery that counts no longer nobody knows the months that its rows changed.
        return Build(deliveries, code, None)
    changed &= entries.keys()
    if not changed:
        return Build(deliveries, code, [])
    if engines.is_spark():
        return Build(deliveries, code, None)
    first, final = min(entries[name].month for name in changed), max(entries[name].month for name in changed)
    built_months = [entries[name].month for name in published & set(built.deliveries) & entries.keys()] or [first]
    if min(built_months) <= first and final <= max(built_months):
        feeds = {entries[name].feed for name in changed}
        return Build(deliveries, code, _months(first, max(built_months)), sorted(feeds))
    # A month that had no figures yet gets those of every feed.
    gap = _months(max(built_months), final)[1:]
    return Build(deliveries, code, _months(min([first, *gap]), max(entry.month for entry in accepted)))


def _is_base(home: Home, built: Build, code: str) -> bool:
    """Whether the live file was built by these models, in this place and to the end, so that months can be added."""
    broke_off = built.months is None and not built.finished
    return home.warehouse.exists() and (built.code, built.place) == (code, str(home.root)) and not broke_off


def begin(home: Home, also: Sequence[date] = ()) -> Build:
    """Plan a build and freeze the deliveries it reads; what arrives later waits for the next one.

    `also` are months to rebuild although nothing of them has changed. Raises `DamagedHome` when a delivery
    that counts has lost its rows.
    """
    _publish_what_was_ready(home)
    while True:
        accepted = Register.open(home).counted()
        build = _planned(home, accepted)
        if build.months is not None and also:
            build = replace(build, months=sorted({*build.months, *also}), feeds=None)
        if not build.needed:
            return build
        # Rows that had to be made again can be others than before: then their months are to be built, too.
        if not recovery.ensure_rows(home, build.months):
            break
    build = replace(build, place=str(home.root), follows=_published(home))
    lake.freeze_deliveries(home, accepted)
    lake.prepare_months(home, build.months or [])
    _note(home, build)
    return build


def _publish_what_was_ready(home: Home) -> None:
    """Make the version current that lies in its place and is not named, since the run was killed in between."""
    work, version, newest = last(home), store.current(home), store.newest(home)
    if work.finished and newest and newest != version:
        staged = store.manifest(home, newest)
        if staged["follows"] == version and staged["deliveries"] == work.deliveries and not no_longer_counted(home):
            writer.flip(home, newest)


def finish(home: Home, changed: list[str] | None = None) -> None:
    """Say that the build that was begun last stands complete in the live file, and which tables it wrote."""
    _note(home, replace(last(home), finished=True, changed=changed))


def no_longer_counted(home: Home) -> list[str]:
    """Deliveries that the build begun last read and the register counts no more: their figures must not go out."""
    counted = {entry.content for entry in Register.open(home).counted()}
    return [name for name in last(home).deliveries if name not in counted]


def to_publish(home: Home) -> list[str] | None:
    """The tables (schema.name) in which the live file can differ from the current version, None for any."""
    work = last(home)
    return work.changed if work.follows and work.follows == store.current(home) else None


def _published(home: Home) -> str | None:
    """The current version, if the live file holds what it was published from."""
    work, version = last(home), store.current(home)
    is_live = work.finished and version and store.manifest(home, version)["deliveries"] == work.deliveries
    return version if is_live else None


def last(home: Home) -> Build:
    """The build that was begun last; an empty one before the first.

    Where its record cannot be read, it counts as one of everything that broke off, so that everything is built.
    """
    path = _begun(home)
    if not path.exists():
        return Build([], "", [])
    try:
        noted = json.loads(path.read_text())
        months = noted["months"] and [date.fromisoformat(month) for month in noted["months"]]
        return Build(**noted | {"months": months})
    except (ValueError, TypeError, KeyError):
        return Build([], "", None)


def _note(home: Home, build: Build) -> None:
    """Write down a build; `last` reads it."""
    write_atomically(_begun(home), json.dumps(asdict(build), default=date.isoformat).encode())


def _months(first: date, final: date) -> list[date]:
    """Every month from `first` to `final`."""
    months = range(12 * first.year + first.month - 1, 12 * final.year + final.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months]
