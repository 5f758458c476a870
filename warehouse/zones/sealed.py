"""Files that only the key file's owner can open, in the age format.

Not here: how a file is written in one step (`files`), and what is in it.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage

from warehouse.zones.files import write_atomically
from warehouse.zones.keyring import Keyring

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIX = ".age"


class NotOpened(Exception):
    """A sealed file is cut, or was sealed under another key."""


def seal(path: Path, content: bytes, keyring: Keyring) -> None:
    """Encrypt `content` to `path`, whose name ends in `.age`."""
    write_atomically(path, pyrage.encrypt(content, [keyring.identity().to_public()]))


def unseal(path: Path, keyring: Keyring) -> bytes:
    """The content of a sealed file. Raises `NotOpened`, `FileNotFoundError`."""
    try:
        return pyrage.decrypt(path.read_bytes(), [keyring.identity()])
    except pyrage.DecryptError:
        raise NotOpened(f"{path.name} does not open with this key.") from None


def parquet_bytes(table: "pa.Table") -> bytes:
    """`table` as the bytes of a Parquet file."""
    # Imported here: whoever opens the register imports this module.
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
