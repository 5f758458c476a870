"""The lake: accepted rows as one immutable Parquet file per delivery, where every engine can read them.

`raw/<table>/month=YYYY-MM/<delivery>.parquet` holds the rows past the identity zone, `quarantined/...` the keys and
reasons of rejected rows, `deliveries.parquet` the deliveries that count, in order, as of the last build. The personal
part of the rows goes to the vault with the same path, sealed. A file without an accepted delivery in the register
is invisible.
"""

import hashlib
import itertools
import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sources.contracts.feeds import Feed, discover
from sources.reading.rows import COMMUNE
from sources.reading.table import PLACE, ROW_NUMBER
from warehouse.zones import sealed
from warehouse.zones.files import keep, write_atomically
from warehouse.zones.home import Home
from warehouse.zones.identity import PERSON_KEY, raw_schema
from warehouse.zones.keyring import Keyring
from warehouse.zones.register import Counted, Entry

RAW, QUARANTINE, PERSONAL = "raw", "quarantined", "personal"
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
    return folder.joinpath(feed.table, f"month={month:%Y-%m}", f"{delivery_id}.parquet")


def _vault_file(folder: Path, feed: Feed, month: date, delivery_id: str) -> Path:
    return _file(folder, feed, month, delivery_id + ".parquet").with_suffix(sealed.SUFFIX)


def _with_provenance(rows: pa.Table, schema: pa.Schema, **constants: object) -> pa.Table:
    for name, value in constants.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value, schema.field(name).type), rows.num_rows))
    return rows.select(schema.names).cast(schema)


class Rows:
    """A delivery's rows on their way: written aside table by table, and put in their places when it is accepted.

    Aside, too, the personal part of them is sealed.
    """

    def __init__(self, aside: Path, feed: Feed, month: date, delivery_id: str, keyring: Keyring) -> None:
        """Begin to write in a folder of their own, `aside`."""
        self._aside, self._feed, self._month, self._delivery_id = aside, feed, month, delivery_id
        self._keyring, self._writing = keyring, ExitStack()
        self._writers: dict[str, pq.ParquetWriter] = {}
        aside.mkdir()

    def add(self, raw: pa.Table, personal: pa.Table, rejected: pa.Table) -> None:
        """Accepted rows, parted in what may be seen of them and what is personal, and rejected ones."""
        provenance = {"delivery_id": self._delivery_id, "period_month": self._month}
        self._write(RAW, _with_provenance(raw, raw_schema(self._feed), **provenance))
        self._write(PERSONAL, personal)
        if rejected.num_rows:
            self._write(QUARANTINE, _with_provenance(rejected, QUARANTINED, **provenance, feed=self._feed.id))

    def _write(self, zone: str, rows: pa.Table) -> None:
        if zone not in self._writers:
            path: Any = self._aside / zone
            if zone == PERSONAL:
                path = self._writing.enter_context(sealed.sealing(path, self._keyring))
            self._writers[zone] = pq.ParquetWriter(path, rows.schema, compression="zstd")
            self._writing.callback(self._writers[zone].close)
        self._writers[zone].write_table(rows)

    def close(self) -> None:
        """Write the files to their ends; nothing can be added after it."""
        self._writing.close()

    @property
    def files(self) -> dict[str, str]:
        """Bytes and SHA-256 of the files by zone of the lake, as the register keeps them."""
        return {zone: _stated(self._aside / zone) for zone in (RAW, QUARANTINE) if zone in self._writers}

    def place(self, home: Home) -> None:
        """Put them in their places; visible once the register accepts the delivery."""
        for zone in (RAW, QUARANTINE):
            path = _file(home.lake / zone, self._feed, self._month, self._delivery_id)
            if zone in self._writers:
                keep(self._aside / zone, path)
            else:
                path.unlink(missing_ok=True)
        keep(self._aside / PERSONAL, _vault_file(home.vault, self._feed, self._month, self._delivery_id))


def is_whole(home: Home, feed: Feed, entry: Entry, thorough: bool = True) -> bool:
    """Whether the lake holds the rows of an accepted delivery as the register says, and the vault theirs.

    Bytes are hashed when `thorough`, else their number has to do. Of a delivery that was taken in before its files were
    written down, the number of rows is compared.
    """
    if not entry.expired_on and not _vault_file(home.vault, feed, entry.period_month, entry.delivery_id).exists():
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
    return {zone: _stated(path) for zone, path in _zones(home, feed, entry).items() if path.exists()}


def _zones(home: Home, feed: Feed, entry: Entry) -> dict[str, Path]:
    return {zone: _file(home.lake / zone, feed, entry.period_month, entry.delivery_id) for zone in (RAW, QUARANTINE)}


def _stated(path: Path) -> str:
    with path.open("rb") as file:
        return f"{path.stat().st_size} {hashlib.file_digest(file, 'sha256').hexdigest()}"


def _row_count(path: Path) -> int | None:
    """Rows of a Parquet file, None where there is none or it is cut."""
    try:
        return pq.read_metadata(path).num_rows
    except (FileNotFoundError, pa.ArrowInvalid):
        return None


def quarantined_rows(home: Home, feed: Feed, entry: Entry) -> list[tuple[int, str | None, str]]:
    """Row number, sheet and reasons of a delivery's rows that were set apart."""
    path = _file(home.lake / "quarantined", feed, entry.period_month, entry.delivery_id)
    if not path.exists():
        return []
    rows = pq.read_table(path, columns=[ROW_NUMBER, PLACE, "reasons"], partitioning=None).sort_by(ROW_NUMBER)
    return [(row[ROW_NUMBER], row[PLACE], row["reasons"]) for row in rows.to_pylist()]


def forget_personal(home: Home, feed: Feed, entry: Entry) -> None:
    """Delete the personal part of a delivery's rows; what passed the identity zone stays."""
    _vault_file(home.vault, feed, entry.period_month, entry.delivery_id).unlink(missing_ok=True)


def copy_rows(home: Home, other: Home, feed: Feed, entry: Entry) -> None:
    """Put a delivery's rows past the identity zone into another home's lake, as they are."""
    for zone in ("raw", "quarantined"):
        path = _file(home.lake / zone, feed, entry.period_month, entry.delivery_id)
        if path.exists():
            with other.scratch("copy") as folder:
                keep(Path(shutil.copyfile(path, folder / path.name)), other.lake / path.relative_to(home.lake))


def freeze_deliveries(home: Home, accepted: Iterable[Counted]) -> None:
    """Write down which deliveries count, in this order, for one build to read."""
    counted = list(accepted)
    columns = {
        "delivery_id": [delivery.delivery_id for delivery in counted],
        "feed": [delivery.feed for delivery in counted],
        "period_month": [delivery.month for delivery in counted],
        "commune_code": [delivery.commune for delivery in counted],
        "seq": range(1, len(counted) + 1),
        "is_supplement": [bool(delivery.supplement) for delivery in counted],
        "received_at": [datetime.fromisoformat(delivery.first_seen) for delivery in counted],
        "row_count": [delivery.rows for delivery in counted],
        "quarantined_count": [delivery.quarantined for delivery in counted],
    }
    write_atomically(home.lake / "deliveries.parquet", sealed.parquet_bytes(pa.table(columns, schema=DELIVERIES)))
