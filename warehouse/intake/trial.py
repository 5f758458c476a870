"""A file tried before it is sent: read, checked and judged as the intake would, and nothing is kept.

The file goes through a home that exists for that long, in memory where the machine has such a folder, under a key that
goes with it. Not here: what is printed or sent back of it.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from sources import gate
from sources.contracts.feeds import Feed, discover
from sources.reading.delivery import SUFFIX, Delivery, recognise
from sources.reading.processes import Readers, read_set_apart
from warehouse.intake.deliveries import Intake
from warehouse.zones import home_key, lake
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, Entry, Register

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of one's own is made in it


@dataclass(frozen=True)
class Tried:
    """What would become of a file: its entry, and the rows set apart (row number, sheet, reason codes).

    `unjudged` are names of measures for which there was nothing to compare with, or too little.
    """

    entry: Entry
    rows: list[tuple[int, str | None, str]]
    unjudged: list[str]


@dataclass(frozen=True)
class _Trial(Intake):
    """The station of a trial; it may know what another home took in before."""

    before: Register | None = None

    def _previous(self, delivery: Delivery) -> gate.Previous | None:
        return Intake(self.home, self.keyring, self.before)._previous(delivery) if self.before else None

    def _took_in(self, delivery: Delivery, sha256: str) -> bool:
        return not self.before or Intake(self.home, self.keyring, self.before)._took_in(delivery, sha256)


def feed_of(path: Path) -> Feed | None:
    """The feed in whose folders (department/feed) a file lies; None where they name none."""
    return discover().get(f"{path.resolve().parent.parent.name}/{path.resolve().parent.name}")


def tried(path: Path, feed: Feed, home: Home | None = None) -> Tried:
    """Try a file as a delivery of a feed; with a home it is compared with what that one took in before.

    Nothing in the home changes. `OSError` where the file cannot be read.
    """
    before = Register.open(home) if home else None
    with tempfile.TemporaryDirectory(prefix="cantho-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        place = Home.open(Path(folder) / "home", Path(folder) / "key")
        shutil.copyfile(path, place.landing / feed.id / path.name)
        if (manifest := path.with_name(path.name + SUFFIX)).exists():
            shutil.copyfile(manifest, place.landing / feed.id / manifest.name)
        register = Register.open(place)
        lake.prepare(place)
        (entry,) = _Trial(place, home_key.of_pipeline(place, register), register, before).take_in(feed)
        rows = lake.quarantined_rows(place, feed, entry) if entry.status == ACCEPTED else []
    unjudged = sorted(name for name, value in (entry.measures or {}).items() if value is None)
    return Tried(entry, rows, unjudged)


def set_apart(path: Path, feed: Feed) -> pa.Table:
    """The rows of a file that would be set apart, as they were sent: texts by contract column, `row_number`, `place`.

    Only the sender may see them. Rows that could not be laid out are not among them. `BrokenPromise` where the file
    would be refused.
    """
    reading = Readers(read=read_set_apart)
    try:
        return pa.concat_tables([table.cells for table, _ in reading.read(recognise(feed, path))])
    finally:
        reading.close()
