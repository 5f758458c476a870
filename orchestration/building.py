"""What a build has to do: which deliveries it reads and which months it rebuilds.

Plain functions over the register and the published versions. Running dbt is `assets`'.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from orchestration.models import fingerprint
from warehouse import lake, publication, sealed
from warehouse.home import Home
from warehouse.register import Register


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

    A delivery changes its month and all later ones: records are carried forward. Changed models change everything.
    """
    register = Register(home.register)
    accepted = register.accepted()
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
    changed = set(deliveries).symmetric_difference(published["deliveries"]) & set(months)
    return Build(
        deliveries, code, _months(min(months[name] for name in changed), max(months.values())) if changed else []
    )


def begin(home: Home) -> Build:
    """Plan a build and freeze the deliveries it reads; what arrives later waits for the next one."""
    build = plan(home)
    lake.freeze_deliveries(home, Register(home.register))
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
