"""Coming back after a loss: rows of the lake from sealed originals, and the register from the manifests beside them.

`ensure_rows` runs before every build, so that nothing is published from less than what counts; `rebuild` makes a home
from archive, quarantine, manifests and key. Both name everything they lack and then change nothing that is published.
Not here: the key (`home_key`), and building figures.
"""

import itertools
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sources.contracts.feeds import discover
from sources.contracts.refusal import BrokenPromise
from sources.reading.delivery import SUFFIX
from warehouse.intake.deliveries import Intake
from warehouse.published import store, writer
from warehouse.zones import home_key, lake, sealed
from warehouse.zones.home import DamagedHome, Home, remove
from warehouse.zones.register import ACCEPTED, Entry, Register, delivery_of

# More names than these fit on no screen; the register has all.
NAMED = 10


def ensure_rows(home: Home, months: Collection[date] | None = None) -> list[Entry]:
    """Make the rows again that lake or vault lack of deliveries that count; returns those made again.

    `months` are those that a build makes anew, None for all: their files are hashed, of the others their
    size is looked at. Raises `DamagedHome` when some cannot be made.
    """
    intake, feeds = Intake.open(home), discover()
    accepted = intake.register.accepted()
    due = [
        entry
        for entry in accepted
        if not lake.is_whole(home, feeds[entry.feed], entry, months is None or entry.month in months)
    ]
    made, lost = _restored(intake, due)
    if lost:
        raise _lacking(lost)
    _refuse_older_register(intake, accepted)
    return made


def _refuse_older_register(intake: Intake, accepted: Iterable[Entry]) -> None:
    """`DamagedHome` when the archive has originals that the register does not know: it was put back, and is older.

    What a killed run sealed and did not register lies in landing still, and is taken in again.
    """
    home = intake.home
    unregistered = set(home.archive.rglob(f"*{sealed.SUFFIX}")) - {intake.sealed_file(entry) for entry in accepted}
    # There are thousands of manifests, and hardly ever one to read.
    manifests = _manifests(home.archive)[0].values() if unregistered else ()
    waiting = {intake.sealed_file(entry) for entry in manifests if (home.landing / entry.feed / entry.file).exists()}
    if unknown := sorted(unregistered - waiting):
        raise DamagedHome(
            f"The register does not know {len(unknown)} originals of the archive, the first of them "
            f"{unknown[0].relative_to(home.root)}: it is older than they are.",
            "run `cantho rebuild`.",
        )


def _restored(intake: Intake, entries: Iterable[Entry]) -> tuple[list[Entry], list[str]]:
    """(entries whose rows were made again, what is lost of the others and why)."""
    made, lost = [], []
    for entry in entries:
        try:
            made.append(intake.restore(entry))
        except BrokenPromise as broken:
            lost.append(f"{_name(entry)} ({broken.promise} Sender: {broken.owner})")
    return made, lost


def _name(entry: Entry) -> str:
    return f"{entry.feed}/{entry.file} of {entry.month:%Y-%m}"


def _lacking(lost: list[str]) -> DamagedHome:
    more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
    return DamagedHome(
        f"{len(lost)} deliveries that count have lost their rows: {'; '.join(lost[:NAMED])}{more}.",
        "put `archive/` or `lake/` of these deliveries back from the backup, or have the same files sent again; "
        "then run again.",
    )


@dataclass(frozen=True)
class Rebuilt:
    """What `rebuild` found: deliveries that count and refused ones; folders and files it set aside as damaged."""

    accepted: int
    refused: int
    set_aside: list[str]


def rebuild(home: Home) -> Rebuilt:
    """Make register, lake and vault again from archive, quarantine, manifests and key, for a build from scratch.

    The caller holds `home.writing()` and builds after it. A register that stands adds what no manifest says any more.
    Raises `DamagedHome`, naming what is lacking; the register stays as it was then.
    """
    named = _known_entries(home)
    manifests, fingerprints = _manifests(home.archive, home.quarantine)
    entries = named | manifests
    if not entries:
        raise DamagedHome(f"There is no delivery in {home.archive}.", "put `archive/` back from the backup.")
    unnamed = _named_by_versions(home) - {name for name, entry in entries.items() if entry.status == ACCEPTED}
    keyring = home_key.matching(home, next(iter(fingerprints), None), home_key.some_sealed_file(home))
    lake.prepare(home)
    with home.scratch("register") as folder:
        register = Register(folder / "register.sqlite")
        register.record_key(keyring.fingerprint)
        intake, lost = Intake(home, keyring, register), [f"{name} (no manifest)" for name in sorted(unnamed)]
        kept = {intake.sealed_file(entry) for entry in entries.values()}
        lost += [
            f"{path.name} (no manifest that can be read)"
            for path in _originals(home)
            # A refusal that was answered can have been left behind in quarantine.
            if path not in kept and path.parent.name not in entries
        ]
        ordered = sorted(entries.values(), key=lambda entry: (entry.first_seen, entry.file))
        for entry in ordered:
            register.record(entry)
            if entry.status != ACCEPTED:
                continue
            if not entry.expired_on:
                lost += _restored(intake, [entry])[1]
            elif not lake.is_whole(home, discover()[entry.feed], entry):
                lost.append(f"{_name(entry)} (its original has expired, and its rows are gone)")
        if lost:
            raise _lacking(lost)
        set_aside = _set_aside(home)
        (folder / "register.sqlite").replace(home.register)
    for path in home.live.glob("*"):
        remove(path) if path.is_dir() else path.unlink()
    accepted = sum(entry.status == ACCEPTED for entry in ordered)
    return Rebuilt(accepted, len(ordered) - accepted, set_aside)


def _known_entries(home: Home) -> dict[str, Entry]:
    """What a register that stands and can be read says, by delivery."""
    if not home.register.exists():
        return {}
    try:
        return {entry.delivery_id: entry for entry in Register.open(home).entries()}
    except DamagedHome:
        return {}


def _manifests(*zones: Path) -> tuple[dict[str, Entry], set[str]]:
    """(entries by delivery, fingerprints of keys) as the manifests in these zones say; none of cut ones."""
    entries, fingerprints = {}, set()
    for path in itertools.chain.from_iterable(zone.rglob(f"*{SUFFIX}") for zone in zones):
        try:
            stated = json.loads(path.read_text(encoding="utf-8"))
            entry = Entry.read(stated)
        except (ValueError, TypeError, KeyError):
            continue
        # Accepted in the end, it may have been refused before, and a kill have left both.
        if entry.delivery_id not in entries or entry.status == ACCEPTED:
            entries[entry.delivery_id] = entry
        if stated.get("key"):
            fingerprints.add(stated["key"])
    return entries, fingerprints


def _originals(home: Home) -> list[Path]:
    return sorted(path for zone in (home.archive, home.quarantine) for path in zone.rglob(f"*{sealed.SUFFIX}"))


def _named_by_versions(home: Home) -> set[str]:
    """Deliveries that the newest version was made of whose manifest can be read."""
    whole = store.versions(home, damaged_too=False)
    return {delivery_of(name) for name in whole[-1]["deliveries"]} if whole else set()


def _set_aside(home: Home) -> list[str]:
    """Rename what is damaged and would be in the way; returns the new names."""
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    register = [path for path in (home.register, *home.root.glob(f"{home.register.name}-*")) if path.exists()]
    renamed = [path.rename(path.with_name(f".before-{now}-{path.name}")) for path in register]
    renamed += writer.set_aside_damaged(home, f".before-{now}-")
    return [str(path.relative_to(home.root)) for path in renamed]
