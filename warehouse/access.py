"""Who looked at what is restricted: a line is added to the access log of the home before anything is handed over.

Not here: who may look. That is for the modes of files and the key of the vault.
"""

import getpass
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime

from warehouse.home import Home

NOT_STATED = "not stated"


class NotLogged(Exception):
    """The access log cannot be written; whoever asked is told nothing else."""


@dataclass(frozen=True)
class Access:
    """Who looks, and what for."""

    home: Home
    purpose: str = NOT_STATED

    def log(self, what: str, count: int) -> None:
        """Add a line: who, when, why, what and how many rows; never whom it was about. Raises `NotLogged`."""
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": os.environ.get("SUDO_USER") or getpass.getuser(),
            "purpose": self.purpose,
            "what": what,
            "rows": count,
        }
        try:
            descriptor = os.open(self.home.access_log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        except OSError as error:
            raise NotLogged(
                f"{self.home.access_log} cannot be written ({error.strerror}), so nothing is shown."
            ) from None
