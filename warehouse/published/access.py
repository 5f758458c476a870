"""Who looked at what is restricted: a line is added to the access log of the home before anything is handed over.

Not here: who may look. That is for the modes of files and the key of the vault.
"""

import json
import os
import pwd
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.zones.home import PRIVATE_FILE, Home

NOT_STATED = "not stated"
# The kernel keeps it from login on, also behind sudo; this is its word for nobody.
LOGIN_UID, NO_LOGIN = Path("/proc/self/loginuid"), 4294967295


class NotLogged(Exception):
    """The access log cannot be written; whoever asked is told nothing else."""


@dataclass(frozen=True)
class Access:
    """Who looks, and what for."""

    home: Home
    purpose: str = NOT_STATED

    def log(self, what: str, count: int) -> None:
        """Add a line: who, when, why, what and how many rows; never whom it was about. Raises `NotLogged`."""
        self._add(what=what, rows=count)

    @contextmanager
    def asking(self, what: str) -> Generator[list[int]]:
        """Add a line before a question is put, and one with its outcome after, also when it fails.

        Gives the list that takes the numbers of rows it came to. Raises `NotLogged` before anything is asked.
        """
        request, counts = uuid.uuid4().hex[:12], list[int]()
        self._add(what=what, request=request, outcome="asked", rows=None)
        outcome = "failed"
        try:
            yield counts
            outcome = "answered"
        finally:
            self._add(what=what, request=request, outcome=outcome, rows=sum(counts))

    def _add(self, **fields: Any) -> None:
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": pwd.getpwuid(os.getuid()).pw_name,
            "login_uid": login_uid(),
            "purpose": self.purpose,
            **fields,
        }
        try:
            descriptor = os.open(self.home.access_log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, PRIVATE_FILE)
            with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        except OSError as error:
            raise NotLogged(
                f"{self.home.access_log} cannot be written ({error.strerror}), so nothing is shown."
            ) from None


def login_uid() -> int | None:
    """Number of the user who logged in, whatever user they have become since; None for a service or without audit."""
    try:
        number = int(LOGIN_UID.read_text())
    except (OSError, ValueError):
        return None
    return None if number == NO_LOGIN else number
