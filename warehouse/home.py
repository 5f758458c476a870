"""Where everything lies: the folder that holds all state, and nothing about what is in its files."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sources.contract import discover

DEFAULT = Path(__file__).parent / "home"


@dataclass(frozen=True)
class Home:
    """One warehouse's state. Two homes never touch each other."""

    root: Path

    @classmethod
    def open(cls, root: Path | None = None) -> "Home":
        """The home at `root`, else at CANTHO_HOME, else the default; its folders are made when missing."""
        home = cls(Path(root or os.environ.get("CANTHO_HOME") or DEFAULT).resolve())
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
        # Names and open files are for the pipeline's user alone; published versions are for others too.
        for folder in (home.landing, home.lake, home.archive, home.quarantine, home.vault, home.live, home.pull):
            folder.chmod(0o700)
        return home

    @contextmanager
    def writing(self) -> Generator[None]:
        """Wait until no other process writes state, and keep others waiting meanwhile.

        Dagster's pool orders the runs of one instance; this holds for whatever else opens the home.
        """
        with (self.root / ".writing").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

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
        return Path(os.environ.get("CANTHO_KEY_FILE") or self.root / "key")
