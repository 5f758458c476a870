"""Where everything lies: the folder that holds all state, and who else on the machine may enter it.

Only `published` is for others. Everything else is for the pipeline's user, whatever the umask of whoever starts it.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DEFAULT = Path(__file__).parents[1] / "home"
# What is said wherever figures of simulated people are shown.
SIMULATED = "SỐ LIỆU MÔ PHỎNG / SIMULATED DATA"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
# Others pass through the home to what is published, and see no other name in it.
PASSAGE, OPEN_FOLDER, OPEN_FILE = 0o711, 0o755, 0o644


class DamagedHome(Exception):
    """A home lacks something that it cannot do without, or that is another's.

    The message says what and where, who mends it, and how. Nothing has been changed.
    """

    def __init__(self, what: str, next_step: str, owner: str = "the data engineers") -> None:
        super().__init__(f"{what} Nothing was changed. Owner: {owner}. Next: {next_step} (docs/recovery.md)")


@dataclass(frozen=True)
class Home:
    """One warehouse's state. Two homes never touch each other. `key` is the key file, where it is not the usual one."""

    root: Path
    key: Path | None = None

    @classmethod
    def at(cls, root: Path | None = None) -> "Home":
        """The home at `root`, else at CANTHO_HOME, else the default, for who only reads: nothing is made."""
        return cls(Path(root or os.environ.get("CANTHO_HOME") or DEFAULT).resolve())

    @classmethod
    def open(cls, root: Path | None = None, key: Path | None = None) -> "Home":
        """The home as `at` finds it, for who writes: folders are made, modes set, leavings of killed runs removed."""
        # Imported here: it takes a fifth of a second, which who only reads need not wait for.
        from sources.contracts.feeds import discover

        home = cls(cls.at(root).root, key)
        # Files that libraries write are the pipeline's alone, too; what others may read is given to them by name.
        os.umask(0o077)
        for feed in discover().values():
            (home.landing / feed.department / feed.name).mkdir(parents=True, exist_ok=True)
        for folder in (
            home.lake,
            home.archive,
            home.quarantine,
            home.vault,
            home.live,
            home.pull,
            home.published,
            home.dagster,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        home.close_to_others()
        home._sweep()
        return home

    @property
    def exists(self) -> bool:
        """Whether a warehouse was ever opened here."""
        return self.published.is_dir()

    def close_to_others(self) -> None:
        """Set the modes of the home and what lies in it: all but `published` is for the pipeline's user."""
        self.root.chmod(PASSAGE)
        for path in self.root.iterdir():
            if path == self.published:
                path.chmod(OPEN_FOLDER)
            elif path.is_dir():
                path.chmod(PRIVATE_FOLDER)
            elif path != self.key_file:
                path.chmod(PRIVATE_FILE)

    @contextmanager
    def scratch(self, purpose: str) -> Generator[Path]:
        """A folder for files that exist while a process works; one that is killed leaves it to the next start."""
        with tempfile.TemporaryDirectory(prefix=f".{purpose}-{os.getpid()}-", dir=self.root) as folder:
            yield Path(folder)

    def _sweep(self) -> None:
        """Remove scratch whose process is gone: plain originals may lie in it."""
        for folder in self.root.glob(".*-*-*"):
            process = folder.name.split("-")[1]
            if folder.is_dir() and process.isdigit() and not Path(f"/proc/{process}").exists():
                remove(folder)

    @contextmanager
    def writing(self) -> Generator[None]:
        """Wait until no other process writes state, and keep others waiting meanwhile.

        Dagster's pool orders the runs of one instance; this holds for whatever else opens the home.
        """
        with (self.root / ".writing").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def is_simulated(self) -> bool:
        """Whether people that no department knows were ever taken in; whatever is shown of the home then says so."""
        return self._simulated.exists()

    def say_simulated(self) -> None:
        """Note that people of a simulation were taken in."""
        self._simulated.touch(PRIVATE_FILE)

    @property
    def _simulated(self) -> Path:
        return self.root / "simulated"

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def vault(self) -> Path:
        return self.root / "vault"

    @property
    def pull(self) -> Path:
        """Settings of the remote places, what was taken of them, and what is under way."""
        return self.root / "pull"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def register(self) -> Path:
        return self.root / "register.sqlite"

    @property
    def access_log(self) -> Path:
        """Who looked at what is restricted: only ever added to."""
        return self.root / "access.log"

    @property
    def live(self) -> Path:
        return self.root / "live"

    @property
    def warehouse(self) -> Path:
        """The live DuckDB file: private to the one writer."""
        return self.live / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def key_file(self) -> Path:
        return self.key or Path(os.environ.get("CANTHO_KEY_FILE") or self.root / "key")


def remove(written: Path) -> None:
    """Delete a folder of read-only files and folders, if it is there."""
    if written.exists():
        for folder in (written, *(path for path in written.rglob("*") if path.is_dir())):
            folder.chmod(PRIVATE_FOLDER)
        shutil.rmtree(written)
