"""Files that only the key file's owner can open, in the age format.

Not here: how a file is written in one step (`files`), and what is in it.
"""

import hashlib
import io
import os
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyrage
from pyrage import x25519

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


@contextmanager
def sealing(path: Path, keyring: Keyring) -> Generator[IO[bytes]]:
    """A file to write to, of which `path` holds the encrypted bytes: nothing of it lies in the clear meanwhile."""
    reading, writing = os.pipe()
    with path.open("wb") as file, ThreadPoolExecutor(1) as encrypting:
        recipients = [keyring.identity().to_public()]
        done = encrypting.submit(lambda: _drained(os.fdopen(reading, "rb"), file, recipients))
        with os.fdopen(writing, "wb") as clear:
            yield clear
        done.result()


def _drained(clear: IO[bytes], file: IO[bytes], recipients: list[x25519.Recipient]) -> None:
    # Closed whatever happens: who writes to it would wait for ever.
    with clear:
        pyrage.encrypt_io(clear, file, recipients)


def seal_file(path: Path, clear: IO[bytes], keyring: Keyring) -> str:
    """Encrypt what a file holds to `path`; returns the SHA-256 of what was read."""
    hashed = _Hashed(clear)
    with path.open("wb") as file:
        pyrage.encrypt_io(hashed, file, [keyring.identity().to_public()])
    return hashed.sha256.hexdigest()


def unseal_file(path: Path, clear: Path, keyring: Keyring) -> None:
    """Decrypt a sealed file to another. Raises `NotOpened`, `FileNotFoundError`."""
    try:
        with path.open("rb") as file, clear.open("wb") as out:
            pyrage.decrypt_io(file, out, [keyring.identity()])
    except (pyrage.DecryptError, OSError) as error:
        # The library says so, too, of what was changed or cut: an error of the system has a number.
        if isinstance(error, OSError) and error.errno:
            raise
        raise NotOpened(f"{path.name} does not open with this key.") from None


class _Hashed(io.RawIOBase):
    """What is read from a file, with its hash."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sha256 = file, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.sha256.update(content)
        return content


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
