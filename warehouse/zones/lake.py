"""The lake: accepted rows as one immutable Parquet file per delivery, where every engine can read them.

`raw/<table>/month=YYYY-MM/<delivery>.parquet` holds the rows past the identity zone, `quarantined/...` the keys and
reasons of rejected rows, `deliveries.parquet` the deliveries that count, in order, as of the last build. The personal
part of the rows goes to the vault with the same path, sealed. A file without an accepted delivery in the register
is invisible.
"""

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sources.contracts.feeds import Feed, discover
from sources.reading.rows import COMMUNE
from sources.reading.table import PLACE, ROW_NUMBER
from warehouse.zones import sealed
from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home
from warehouse.zones.identity import PERSON_KEY, raw_schema
from warehouse.zones.keyring import Keyring
from warehouse.zones.register import Counted, Entry

DELIVERIES = pa.schema(
    [
        ("delivery_id", pa.string()),
        ("feed", pa.string()),
        ("period_month", pa.date32()),
        ("commune_code", pa.string()),
        ("seq", pa.int64()),
        ("is_supplement", pa.bool_()),
        ("received_at", pa.timestamp("us", "UTC")),
        ("row_count", pa.int64()),
        ("quarantined_count", pa.int64()),
    ]
)
QUARANTINED = pa.schema(
    [
        ("delivery_id", pa.string()),
        ("feed", pa.string()),
        (ROW_NUMBER, pa.int64()),
        (PLACE, pa.string()),
        ("period_month", pa.date32()),
        (COMMUNE, pa.string()),
        (PERSON_KEY, pa.string()),
        ("reasons", pa.string()),
    ]
)


def prepare(home: Home) -> None:
    """Give every feed a file without rows, so that its table exists before its first delivery."""
    for feed in discover().values():
        for folder, schema in ((home.lake / "raw", raw_schema(feed)), (home.lake / "quarantined", QUARANTINED)):
            _place_schema(folder / feed.table / "schema.parquet", schema)


def prepare_months(home: Home, months: Iterable[date]) -> None:
    """Give every feed a file without rows in these months, so that a build may ask for them whoever has sent."""
    for feed, month in itertools.product(discover().values(), months):
        _place_schema(_file(home.lake / "raw", feed, month, "schema"), raw_schema(feed))


def _place_schema(path: Path, schema: pa.Schema) -> None:
    content = sealed.parquet_bytes(schema.empty_table())
    if not path.exists() or path.read_bytes() != content:
        write_atomically(path, content)


def _file(folder: Path, feed: Feed, month: date, delivery_id: str) -> Path:
    return folder / feed.table / f"month={month:%Y-%m}" / f"{delivery_id}.parquet"


def _vault_file(folder: Path, feed: Feed, month: date, delivery_id: str) -> Path:
    return _file(folder, feed, month, delivery_id + ".parquet").with_suffix(sealed.SUFFIX)


def _with_provenance(rows: pa.Table, schema: pa.Schema, **constants: object) -> pa.Table:
    for name, value in constants.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value, schema.field(name).type), rows.num_rows))
    return rows.select(schema.names).cast(schema)


@dataclass(frozen=True)
class Rows:
    """A delivery's rows as files of lake and vault; `zones` by their path in the lake, None where there are none."""

    zones: dict[Path, bytes | None]
    vault: Path
    personal: bytes

    @classmethod
    def of(
        cls, feed: Feed, month: date, delivery_id: str, raw: pa.Table, personal: pa.Table, rejected: pa.Table
    ) -> "Rows":
        """The accepted rows, parted in what may be seen of them and what is personal, and the rejected ones."""
        raw = _with_provenance(raw, raw_schema(feed), delivery_id=delivery_id, period_month=month)
        content = {"raw": sealed.parquet_bytes(raw), "quarantined": None}
        if rejected.num_rows:
            provenance = {"delivery_id": delivery_id, "feed": feed.id, "period_month": month}
            content["quarantined"] = sealed.parquet_bytes(_with_provenance(rejected, QUARANTINED, **provenance))
        return cls(
            {_file(Path(zone), feed, month, delivery_id): rows for zone, rows in content.items()},
            _vault_file(Path(), feed, month, delivery_id),
            sealed.parquet_bytes(personal),
        )

    @property
    def files(self) -> dict[str, str]:
        """Bytes and SHA-256 of the files by zone of the lake, as the register keeps them."""
        return {path.parts[0]: _stated(content) for path, content in self.zones.items() if content}

    def write(self, home: Home, keyring: Keyring) -> None:
        """Put them in their places; visible once the register accepts the delivery."""
        for path, content in self.zones.items():
            if content is None:
                (home.lake / path).unlink(missing_ok=True)
            else:
                write_atomically(home.lake / path, content)
        sealed.seal(home.vault / self.vault, self.personal, keyring)


def is_whole(home: Home, feed: Feed, entry: Entry, thorough: bool = True) -> bool:
    """Whether the lake holds the rows of an accepted delivery as the register says, and the vault theirs.

    Bytes are hashed when `thorough`, else their number has to do. Of a delivery that was taken in before its files were
    written down, the number of rows is compared.
    """
    month = date.fromisoformat(str(entry.month))
    if not entry.expired_on and not _vault_file(home.vault, feed, month, entry.delivery_id).exists():
        return False
    paths = _zones(home, feed, entry)
    if not entry.lake_files:
        counts = {"raw": entry.rows, "quarantined": entry.quarantined}
        return all(_row_count(paths[zone]) == count for zone, count in counts.items() if count or zone == "raw")
    if thorough:
        return files(home, feed, entry) == entry.lake_files
    sizes = {zone: int(stated.split()[0]) for zone, stated in entry.lake_files.items()}
    return {zone: path.stat().st_size for zone, path in paths.items() if path.exists()} == sizes


def files(home: Home, feed: Feed, entry: Entry) -> dict[str, str]:
    """Size and hash (`Rows.files`) of the files of a delivery's rows that stand, by zone of the lake."""
    return {zone: _stated(path.read_bytes()) for zone, path in _zones(home, feed, entry).items() if path.exists()}


def _zones(home: Home, feed: Feed, entry: Entry) -> dict[str, Path]:
    month = date.fromisoformat(str(entry.month))
    return {zone: _file(home.lake / zone, feed, month, entry.delivery_id) for zone in ("raw", "quarantined")}


def _stated(content: bytes) -> str:
    return f"{len(content)} {hashlib.sha256(content).hexdigest()}"


def _row_count(path: Path) -> int | None:
    """Rows of a Parquet file, None where there is none or it is cut."""
    try:
        return pq.read_metadata(path).num_rows
    except (FileNotFoundError, pa.ArrowInvalid):
        return None


def quarantined_rows(home: Home, feed: Feed, entry: Entry) -> list[tuple[int, str | None, str]]:
    """Row number, sheet and reasons of a delivery's rows that were set apart."""
    path = _file(home.lake / "quarantined", feed, date.fromisoformat(str(entry.month)), entry.delivery_id)
    if not path.exists():
        return []
    rows = pq.read_table(path, columns=[ROW_NUMBER, PLACE, "reasons"], partitioning=None).sort_by(ROW_NUMBER)
    return [(row[ROW_NUMBER], row[PLACE], row["reasons"]) for row in rows.to_pylist()]


def forget_personal(home: Home, feed: Feed, entry: Entry) -> None:
    """Delete the personal part of a delivery's rows; what passed the identity zone stays."""
    _vault_file(home.vault, feed, date.fromisoformat(str(entry.month)), entry.delivery_id).unlink(missing_ok=True)


def copy_rows(home: Home, other: Home, feed: Feed, entry: Entry) -> None:
    """Put a delivery's rows past the identity zone into another home's lake, as they are."""
    for zone in ("raw", "quarantined"):
        path = _file(home.lake / zone, feed, date.fromisoformat(str(entry.month)), entry.delivery_id)
        if path.exists():
            write_atomically(other.lake / path.relative_to(home.lake), path.read_bytes())


def freeze_deliveries(home: Home, accepted: Iterable[Counted]) -> None:
    """Write down which deliveries count, in this order, for one build to read."""
    counted = list(accepted)
    columns = {
        "delivery_id": [delivery.delivery_id for delivery in counted],
        "feed": [delivery.feed for delivery in counted],
        "period_month": pa.array([delivery.month for delivery in counted], pa.string()).cast(pa.date32()),
        "commune_code": [delivery.commune for delivery in counted],
        "seq": range(1, len(counted) + 1),
        "is_supplement": [bool(delivery.supplement) for delivery in counted],
        "received_at": [datetime.fromisoformat(delivery.first_seen) for delivery in counted],
        "row_count": [delivery.rows for delivery in counted],
        "quarantined_count": [delivery.quarantined for delivery in counted],
    }
    write_atomically(home.lake / "deliveries.parquet", sealed.parquet_bytes(pa.table(columns, schema=DELIVERIES)))
