"""What a build has to do: which deliveries it reads and which months it rebuilds.

Plain functions over the register and the published versions. Running dbt is `assets`'.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from orchestration.models import fingerprint
from warehouse import lake, publication, sealed
from warehouse.home import Home
from warehouse.register import Entry, Register


@dataclass(frozen=True)
class Build:
    """One build: the deliveries that count, the code, and the months to rebuild (None: all, from scratch)."""

    deliveries: list[str]
    code: str
    months: list[str] | None
    finished: bool = False

    @property
    def needed(self) -> bool:
        return self.months is None or bool(self.months)


def _begun(home: Home) -> Path:
    return home.live / "build.json"


def plan(home: Home) -> Build:
    """Compare the register with the current version.

    A delivery changes its month and all later ones: records are carried forward. Months between the last one built and
    a later one are new with it, whoever has sent them. Changed models change everything.
    """
    return _planned(home, Register(home.register).accepted())


def is_owed(home: Home) -> bool:
    """Whether deliveries were taken in and not built, by the code that built last: a run broke off between the two."""
    build = plan(home)
    return build.needed and last(home).code in ("", build.code)


def _planned(home: Home, accepted: Sequence[Entry]) -> Build:
    deliveries, code = [entry.content for entry in accepted], fingerprint()
    version = publication.current(home)
    if not accepted:
        return Build([], code, [])
    if version is None or not home.warehouse.exists() or last(home).code != code:
        # Nothing to build on, or what stands in the live file was built by other models.
        return Build(deliveries, code, None)
    published = publication.manifest(home, version)
    if published["code"] != code:
        return Build(deliveries, code, None)
    months = {entry.content: str(entry.month) for entry in accepted}
    known = set(published["deliveries"])
    changed = {months[name] for name in known.symmetric_difference(deliveries) & set(months)}
    if not changed:
        return Build(deliveries, code, [])
    built = max((months[name] for name in known & set(months)), default=min(changed))
    gap = _months(built, max(changed))[1:]
    return Build(deliveries, code, _months(min(changed.union(gap)), max(months.values())))


def begin(home: Home) -> Build:
    """Plan a build and freeze the deliveries it reads; what arrives later waits for the next one."""
    accepted = Register(home.register).accepted()
    build = _planned(home, accepted)
    lake.freeze_deliveries(home, accepted)
    lake.prepare_months(home, map(date.fromisoformat, build.months or []))
    sealed.place(_begun(home), json.dumps(asdict(build)).encode())
    return build


def finish(home: Home) -> None:
    """Say that the build that was begun last stands complete in the live file."""
    sealed.place(_begun(home), json.dumps(asdict(replace(last(home), finished=True))).encode())


def last(home: Home) -> Build:
    """The build that was begun last; an empty one before the first."""
    path = _begun(home)
    return Build(**json.loads(path.read_text())) if path.exists() else Build([], "", [])


def _months(first: str, final: str) -> list[str]:
    found, year, month = [], int(first[:4]), int(first[5:7])
    while (text := f"{year}-{month:02d}-01") <= final:
        found.append(text)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found
