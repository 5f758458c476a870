"""Files that only the key file's owner can open, in the age format.

Written beside and renamed into place, so that a file is whole or not there. Not here: what is in them.
"""

import io
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyrage

from warehouse.zones.home import PRIVATE_FILE
from warehouse.zones.keyring import Keyring

SUFFIX = ".age"


class NotOpened(Exception):
    """A sealed file is cut, or was sealed under another key."""


def place(path: Path, content: bytes, mode: int = PRIVATE_FILE) -> None:
    """Write `content` to `path` in one step that survives a crash; `mode` holds whatever the umask."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), mode)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def seal(path: Path, content: bytes, keyring: Keyring) -> None:
    """Encrypt `content` to `path`, whose name ends in `.age`."""
    place(path, pyrage.encrypt(content, [keyring.identity().to_public()]))


def unseal(path: Path, keyring: Keyring) -> bytes:
    """The content of a sealed file. Raises `NotOpened`, `FileNotFoundError`."""
    try:
        return pyrage.decrypt(path.read_bytes(), [keyring.identity()])
    except pyrage.DecryptError:
        raise NotOpened(f"{path.name} does not open with this key.") from None


def parquet_bytes(table: pa.Table) -> bytes:
    """`table` as the bytes of a Parquet file."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
