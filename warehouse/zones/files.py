"""Files written so that they are whole or not there. Not here: what is in them, and who may open them (`sealed`)."""

import os
from pathlib import Path

from warehouse.zones.home import PRIVATE_FILE


def write_atomically(path: Path, content: bytes, mode: int = PRIVATE_FILE) -> None:
    """Write `content` to `path` in one step that survives a crash; `mode` holds whatever the umask."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), mode)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def keep(written: Path, path: Path, mode: int = PRIVATE_FILE) -> None:
    """Put a file that was written aside, on the same disk, in its place, in one step that survives a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written.open("rb") as file:
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    written.replace(path)
