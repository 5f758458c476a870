"""How long names are kept: sealed originals that are past the promise of their contract, and letting them go.

An original and its part of the vault go together. Pseudonymous rows, figures and the manifest with the file's hash
stay: what was published stays true, but no way leads back to a name. Not here: published versions.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sources.contracts.feeds import discover
from warehouse.intake.deliveries import Intake
from warehouse.zones import lake
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, Entry


@dataclass(frozen=True)
class Due:
    """A sealed file and the last day it had to be kept."""

    delivery_id: str
    file: str
    status: str
    kept_until: date


def due(home: Home, day: date) -> list[Due]:
    """The sealed files that on `day` are past the promise of their contract, oldest first."""
    entries = Intake.open(home).register.entries("expired_on is null")
    files = [Due(e.delivery_id, f"{e.feed}/{e.file}", e.status, kept_until(e)) for e in entries]
    return sorted((file for file in files if file.kept_until < day), key=lambda file: (file.kept_until, file.file))


def kept_until(entry: Entry) -> date:
    """The last day an entry's sealed file is kept.

    Accepted: years from the end of the month it reports. Refused: years from the day it was refused.
    """
    feed = discover().get(entry.feed)
    if entry.status == ACCEPTED and feed:
        month = entry.period_month
        # The first of the next month, which every year has.
        start = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        return start.replace(year=start.year + feed.retention_years)
    refused = datetime.fromisoformat(entry.processed_at).date().replace(day=1)
    # A file that lay in the folder of no feed is kept no longer than any other.
    years = (
        feed.retention_refused_years
        if feed
        else min(any_feed.retention_refused_years for any_feed in discover().values())
    )
    return refused.replace(year=refused.year + years)


def let_go(home: Home, day: date) -> list[Due]:
    """Delete what is due, and return it. The register is told after the file has gone: a crash is answered again."""
    intake, overdue = Intake.open(home), due(home, day)
    for file in overdue:
        entry = intake.register.get(file.delivery_id)
        if entry is None:
            continue
        intake.sealed_file(entry).unlink(missing_ok=True)
        if entry.status == ACCEPTED:
            lake.forget_personal(home, discover()[entry.feed], entry)
        expired = replace(entry, expired_on=day.isoformat())
        intake.keep_manifest(expired)
        intake.register.record(expired)
    return overdue
