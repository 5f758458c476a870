"""What is wrong with a home, said before it stops a run: key, modes, space, versions, files that wait.

Each finding says what was looked at, whether it is well, and the next step. Nothing is changed. Not here: mending
(`recovery`).
"""

import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

from sources.contracts.feeds import discover
from warehouse.intake.deliveries import files_not_readable, files_waiting
from warehouse.published import store
from warehouse.zones import home_key
from warehouse.zones.home import PASSAGE, DamagedHome, Home
from warehouse.zones.register import REFUSED, Register

# A build writes the live file and a version beside the last ones.
SPACE_NEEDED = 2 * 1024**3
PROGRAMS = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `next_step` is empty where it is well."""

    about: str
    said: str
    next_step: str = ""

    @property
    def is_well(self) -> bool:
        return not self.next_step


def findings(home: Home) -> list[Finding]:
    """All that was looked at in a home that exists, in the order in which a run needs it."""
    looks = {
        "programs": _programs,
        "key": _key,
        "modes": _modes,
        "space": _space,
        "versions": _versions,
        "files": _files,
    }
    return [finding for about, look in looks.items() for finding in _looked(about, look, home)]


def _looked(about: str, look: Callable[[Home], Iterator[Finding]], home: Home) -> Iterator[Finding]:
    try:
        yield from look(home)
    except DamagedHome as damaged:
        said, _, next_step = str(damaged).partition("Next: ")
        yield Finding(about, said.strip(), next_step)


def _programs(_: Home) -> Iterator[Finding]:
    named = ", ".join(f"{name} {version(name)}" for name in PROGRAMS)
    yield Finding("programs", f"Python {sys.version.split()[0]}, {named}")


def _key(home: Home) -> Iterator[Finding]:
    register = Register.open(home)
    fingerprint = register.key_fingerprint()
    if fingerprint is None:
        yield Finding("key", "nothing was sealed yet; the first run makes a key")
        return
    home_key.matching(home, fingerprint, home_key.some_sealed_file(home))
    mode = stat.S_IMODE(home.key_file.stat().st_mode)
    others = f"chmod 400 {home.key_file}" if mode & 0o077 else ""
    yield Finding("key", f"{home.key_file} fits the home; mode {mode:04o}", others)


def _modes(home: Home) -> Iterator[Finding]:
    opened = [
        path.name
        for path in sorted(home.root.iterdir())
        if path != home.published and stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]
    mode = stat.S_IMODE(home.root.stat().st_mode)
    if mode & ~PASSAGE or opened:
        named = ", ".join(opened) or home.root.name
        yield Finding("modes", f"others may read {named}", "`cantho run`, which sets the modes; see docs/access.md")
    else:
        yield Finding("modes", "only what is published is for others")


def _space(home: Home) -> Iterator[Finding]:
    free = shutil.disk_usage(home.root).free
    few = "`cantho versions --prune` and `cantho retention`, or a larger disk" if free < SPACE_NEEDED else ""
    yield Finding("space", f"{free / 1024**3:.1f} GB free", few)


def _versions(home: Home) -> Iterator[Finding]:
    whole = [manifest["version"] for manifest in store.versions(home, damaged_too=False)]
    damaged = sorted({path.name for path in home.published.glob("v*")} - set(whole))
    current = store.current(home)
    if current:
        store.folder(home)
    yield Finding("versions", f"{len(whole)} whole, current: {current or 'none'}")
    if damaged:
        yield Finding("versions", f"not whole: {', '.join(damaged)}", "`cantho rebuild` (docs/recovery.md)")


def _files(home: Home) -> Iterator[Finding]:
    waiting = {feed.id: len(files_waiting(home, feed)) for feed in discover().values()}
    unreadable = {feed.id: len(files_not_readable(home, feed)) for feed in discover().values()}
    register = Register.open(home)
    unanswered = [entry for entry in register.entries("status = ?", (REFUSED,)) if register.answer(entry) is None]
    yield _counted("waiting", waiting, "files in landing", "`cantho run`, or the sensor of `make ui`")
    yield _counted("unreadable", unreadable, "files in landing that may not be read", "let their sender set the mode")
    yield Finding(
        "refused",
        f"{len(unanswered)} deliveries that nobody sent again",
        "`cantho quarantine list`, and a letter to each sender" if unanswered else "",
    )


def _counted(about: str, counts: dict[str, int], what: str, next_step: str) -> Finding:
    named = ", ".join(f"{feed} {count}" for feed, count in counts.items() if count)
    total = sum(counts.values())
    return Finding(about, f"{total} {what}{f' ({named})' if named else ''}", next_step if total else "")
