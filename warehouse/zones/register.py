"""The register of deliveries: what came, when it was first seen, and what became of it.

One row per delivery, keyed by what makes it one: feed, month, commune or city, and bytes. The rows of the deliveries
are the lake's. Nothing personal is kept here: file names, counts and reasons only.
"""

import json
import sqlite3
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from warehouse.zones import sealed
from warehouse.zones.home import DamagedHome, Home

ACCEPTED, REFUSED = "accepted", "refused"


@dataclass(frozen=True)
class Entry:
    """One delivery. `month` is its first day, None for a refused file whose name says none.

    `commune` is the unit as in force that month, None for the city.

    `promise`, `place` and `next_step` say why a refused delivery was refused, `vietnamese` the same for its letter.
    `measures` are the figures the gate saw; `revision` counts how often its rows were read anew, with another result.
    `lake_files` are number of bytes and SHA-256 of the files of its rows by zone of the lake, empty for one that was
    refused, or taken in before they were written down. `expired_on` is the day its sealed file was let go
    (`retention`), None while it is kept.
    """

    delivery_id: str
    feed: str
    file: str
    month: date | None
    commune: str | None
    supplement: bool
    sha256: str
    first_seen: str
    status: str
    rows: int = 0
    quarantined: int = 0
    revision: int = 0
    place: str | None = None
    promise: str | None = None
    owner: str | None = None
    next_step: str | None = None
    vietnamese: dict[str, str] = field(default_factory=dict)
    encoding: str | None = None
    ignored_columns: list[str] = field(default_factory=list)
    quarantine_reasons: dict[str, int] = field(default_factory=dict)
    measures: dict[str, float | None] = field(default_factory=dict)
    lake_files: dict[str, str] = field(default_factory=dict)
    expired_on: str | None = None
    processed_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="microseconds"))

    @property
    def content(self) -> str:
        """Names the rows that count of this delivery: another name when they were read anew."""
        return _content(self)

    @property
    def period_month(self) -> date:
        """The month of a delivery that was read. `ValueError` for a refused file that has none."""
        if self.month is None:
            raise ValueError(f"{self.feed}/{self.file} has no month.")
        return self.month

    def stated(self) -> dict[str, Any]:
        """What is written down of it: the month as YYYY-MM-01."""
        return asdict(self) | {"month": self.month and self.month.isoformat()}

    @classmethod
    def read(cls, stated: Mapping[str, Any]) -> "Entry":
        """The entry that was written down so. `KeyError`, `TypeError` or `ValueError` for another text."""
        values: dict[str, Any] = {name: stated[name] for name in COLUMNS if name in stated}
        values["month"] = values["month"] and date.fromisoformat(values["month"])
        return cls(**values)


class Counted(NamedTuple):
    """What a build reads of an accepted delivery, named as in `Entry`: of years of deliveries the rest is much."""

    delivery_id: str
    feed: str
    month: date
    commune: str | None
    supplement: bool
    first_seen: str
    rows: int
    quarantined: int
    revision: int | None

    @property
    def content(self) -> str:
        """As that of the `Entry`."""
        return _content(self)


def _content(delivery: Entry | Counted) -> str:
    return f"{delivery.delivery_id}+{delivery.revision}" if delivery.revision else delivery.delivery_id


def delivery_of(content: str) -> str:
    """The id of the delivery whose rows `content` names."""
    return content.partition("+")[0]


ORDER = "first_seen, file"
COLUMNS = [column.name for column in fields(Entry)]
_JSON = ("vietnamese", "ignored_columns", "quarantine_reasons", "measures", "lake_files")


class Register:
    """The register in its SQLite file. Readers never block the writer, nor the writer readers."""

    @classmethod
    def open(cls, home: Home) -> "Register":
        """The register of a home, made in one that has none yet. Raises `DamagedHome` when it is gone or cut."""
        try:
            is_empty = not home.register.exists() or _is_blank(home.register)
            if is_empty and (standing := _stands_without_register(home)):
                raise DamagedHome(
                    f"The register {home.register} is gone or empty, while {standing} stands: nobody says which "
                    "deliveries count.",
                    "run `cantho rebuild`.",
                )
            return cls(home.register)
        except sqlite3.DatabaseError as damaged:
            raise DamagedHome(
                f"The register {home.register} cannot be read: {damaged}.",
                "run `cantho rebuild`.",
            ) from None

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as database:
            database.execute("pragma journal_mode = wal")
            database.execute("create table if not exists sealed_under (fingerprint text not null)")
            declared = ", ".join(f"{name} {'primary key' if name == 'delivery_id' else ''}" for name in COLUMNS)
            database.execute(f"create table if not exists delivery ({declared})")
            # A register of an older version lacks the newer columns.
            present = {row["name"] for row in database.execute("pragma table_info(delivery)")}
            for name in [name for name in COLUMNS if name not in present]:
                database.execute(f"alter table delivery add column {name}")

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=60)
        database.row_factory = sqlite3.Row
        try:
            with database:
                yield database
        finally:
            database.close()

    def key_fingerprint(self) -> str | None:
        """Fingerprint of the key that deliveries are sealed under, None before the first."""
        with self._open() as database:
            row = database.execute("select fingerprint from sealed_under").fetchone()
            return row["fingerprint"] if row else None

    def record_key(self, fingerprint: str) -> None:
        """Write down the key that deliveries are sealed under from now on."""
        with self._open() as database:
            database.execute("delete from sealed_under")
            database.execute("insert into sealed_under values (?)", (fingerprint,))

    def record(self, entry: Entry) -> None:
        """Add or replace a delivery. The time it was first seen stays."""
        values = entry.stated() | {name: json.dumps(getattr(entry, name), ensure_ascii=False) for name in _JSON}
        updates = ", ".join(
            f"{name} = excluded.{name}" for name in COLUMNS if name not in ("delivery_id", "first_seen")
        )
        with self._open() as database:
            database.execute(
                f"insert into delivery ({', '.join(COLUMNS)}) values ({', '.join(':' + name for name in COLUMNS)}) "
                f"on conflict (delivery_id) do update set {updates}",
                values,
            )

    def entries(self, where: str = "true", parameters: Iterable[object] = ()) -> list[Entry]:
        """Deliveries in the order in which they count: first seen, then file name."""
        with self._open() as database:
            rows = database.execute(f"select * from delivery where {where} order by {ORDER}", tuple(parameters))
            return [_entry(row) for row in rows]

    def accepted(self) -> list[Entry]:
        return self.entries("status = ?", (ACCEPTED,))

    def counted(self) -> list[Counted]:
        """The accepted deliveries, in the same order, without what a build has no use for."""
        with self._open() as database:
            database.row_factory = None
            rows = database.execute(
                f"select {', '.join(Counted._fields)} from delivery where status = ? order by {ORDER}", (ACCEPTED,)
            )
            month = Counted._fields.index("month")
            return [Counted(*row)._replace(month=date.fromisoformat(row[month])) for row in rows]

    def get(self, delivery_id: str) -> Entry | None:
        return next(iter(self.entries("delivery_id = ?", (delivery_id,))), None)

    def by_month(self) -> list[dict[str, Any]]:
        """What the gate did, counted by feed and month: deliveries accepted and refused, and rows set apart."""
        with self._open() as database:
            rows = database.execute(
                """
                select
                    feed, substr(month, 1, 7) as month, sum(status = ?) as accepted, sum(status = ?) as refused,
                    sum(quarantined) as quarantined
                from delivery group by 1, 2 order by 1, 2
                """,
                (ACCEPTED, REFUSED),
            )
            return [dict(row) for row in rows]

    def previous(self, feed: str, commune: str | None, month: date) -> Entry | None:
        """The last accepted full delivery of this feed and commune up to this month."""
        entries = self.entries(
            "feed = ? and commune is ? and status = ? and not supplement and month <= ?",
            (feed, commune, ACCEPTED, month.isoformat()),
        )
        return max(entries, key=lambda entry: (entry.period_month, entry.first_seen, entry.file), default=None)

    def answer(self, entry: Entry) -> Entry | None:
        """The first delivery that was accepted after `entry` for the same feed, commune and month."""
        entries = self.entries(
            "feed = ? and commune is ? and month = ? and status = ? and first_seen > ?",
            (entry.feed, entry.commune, entry.month and entry.month.isoformat(), ACCEPTED, entry.first_seen),
        )
        return next(iter(entries), None)

    def unanswered(self, feed: str | None = None) -> list[Entry]:
        """Refused deliveries, of one feed or of all, that no accepted one has answered."""
        refused = self.entries("status = ? and feed = coalesce(?, feed)", (REFUSED, feed))
        return [entry for entry in refused if self.answer(entry) is None]

    def same_bytes_elsewhere(self, feed: str, sha256: str, month: date) -> Entry | None:
        """An accepted delivery of another month with the same bytes."""
        entries = self.entries(
            "feed = ? and sha256 = ? and status = ? and month <> ?", (feed, sha256, ACCEPTED, month.isoformat())
        )
        return next(iter(entries), None)


def _stands_without_register(home: Home) -> str | None:
    """Something in a home that only a register explains."""
    for pattern in (f"archive/**/*{sealed.SUFFIX}", f"quarantine/*/*{sealed.SUFFIX}", "published/v*/manifest.json"):
        if path := next(home.root.glob(pattern), None):
            return str(path.relative_to(home.root))
    return None


def _is_blank(path: Path) -> bool:
    """Whether a register that stands knows neither a delivery nor the key: the key is written before any delivery."""
    database = sqlite3.connect(path, timeout=60)
    try:
        tables = {name for (name,) in database.execute("select name from sqlite_master")}
        filled = [name for name in ("delivery", "sealed_under") if name in tables]
        return not any(database.execute(f"select 1 from {name} limit 1").fetchone() for name in filled)
    finally:
        database.close()


def _entry(row: sqlite3.Row) -> Entry:
    values: dict[str, Any] = {name: row[name] for name in COLUMNS}
    values |= {name: json.loads(values[name]) if values[name] else {} for name in _JSON}
    values["revision"] = values["revision"] or 0
    values["supplement"] = bool(values["supplement"])
    return Entry.read(values)
