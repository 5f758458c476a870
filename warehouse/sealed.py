"""Files that only the key file's owner can open, in the age format.

Written beside and renamed into place, so that a file is whole or not there. Not here: what is in them.
"""

import io
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyrage

from warehouse.keyring import Keyring

SUFFIX = ".age"


def place(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one step that survives a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def seal(path: Path, content: bytes, keyring: Keyring) -> None:
    """Encrypt `content` to `path`, whose name ends in `.age`."""
    place(path, pyrage.encrypt(content, [keyring.identity().to_public()]))


def unseal(path: Path, keyring: Keyring) -> bytes:
    """The content of a sealed file."""
    return pyrage.decrypt(path.read_bytes(), [keyring.identity()])


def parquet_bytes(table: pa.Table) -> bytes:
    """`table` as the bytes of a Parquet file."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
