"""Issues of the public files: when they change, and what the ones that a version carries rest on.

Exact figures change with every delivery, public ones by the release calendar in `issues.toml`. Not here: how files are
written (`writer`).
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CALENDAR = Path(__file__).with_name("issues.toml")
FIRST, NEW_CODE, BY_CALENDAR = "first version", "new code or rules", "release calendar"


@dataclass(frozen=True)
class Issue:
    """The public files that a version carries.

    `version` is the one they were issued with, at `issued_at`; they rest on `deliveries` alone, and on the models and
    rules that `code` names. `withdraws` is the version of a wrong issue in whose place they are a notice.
    """

    version: str
    issued_at: str
    reason: str
    code: str
    deliveries: list[str]
    withdraws: str | None = None


def carried_by(manifest: dict[str, Any]) -> Issue:
    """The issue whose public files a version carries."""
    if issue := manifest.get("issue"):
        return Issue(**issue)
    # Of a time before the calendar: every version issued its own.
    return Issue(manifest["version"], manifest["published_at"], FIRST, manifest["code"], manifest["deliveries"])


def reason_now(last: Issue | None, code: str, deliveries: list[str], now: datetime) -> str | None:
    """Why a version that is published `now` has to issue its own public files; None where it carries the last ones.

    A notice stands until somebody issues files by hand, whatever the calendar says.
    """
    if last is None:
        return FIRST
    if last.withdraws:
        return None
    if last.code != code:
        return NEW_CODE
    return BY_CALENDAR if last.deliveries != deliveries and _is_past_release(last, now) else None


def _is_past_release(last: Issue, now: datetime) -> bool:
    """Whether a release day lies between the last issue and `now`, or is today."""
    rules = tomllib.loads(CALENDAR.read_text(encoding="utf-8"))["rule"]
    rule = max((dated for dated in rules if dated["valid_from"] <= now.date()), key=lambda dated: dated["valid_from"])
    zone = ZoneInfo(rule["zone"])
    today, issued = now.astimezone(zone).date(), datetime.fromisoformat(last.issued_at).astimezone(zone).date()
    # Months counted from the release day on.
    release, of_issue = (12 * day.year + day.month - (day.day < rule["from_day"]) for day in (today, issued))
    return release > of_issue
