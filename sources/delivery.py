"""A delivery's name and manifest: feed, month and commune it covers.

Only what can be told without opening the file.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sources.code_lists import place
from sources.contract import Feed

SUFFIX = ".manifest.json"
# As far as the law's bounds and the calendar are written down in the seeds.
LAST_MONTH = date(2035, 12, 1)
_NAME = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})(?:_(?P<commune>\d{5}))?(?P<rest>_[^.]*)?\.(?P<ext>[A-Za-z]+)")


@dataclass(frozen=True)
class Delivery:
    """One file for one feed: the month it reports and the commune, as in force that month, it covers (None: all)."""

    feed: Feed
    path: Path
    month: date
    commune: str | None
    supplement: bool

    @property
    def file(self) -> str:
        return f"{self.feed.id}/{self.path.name}"

    @property
    def extension(self) -> str:
        return self.path.suffix[1:].lower()


@dataclass(frozen=True)
class Manifest:
    """What the sender says of a file beside it; a field not stated is None."""

    rows: int | None = None
    sha256: str | None = None
    month: date | None = None


def recognise(feed: Feed, path: Path) -> Delivery:
    """The delivery that a file's name declares; `BrokenPromise` when the name does not keep to the contract."""
    file, named = f"{feed.id}/{path.name}", _NAME.fullmatch(path.name)
    pattern = "<YYYY-MM>[_<commune_code>][_anything].<ext>"
    if not named or not 1 <= int(named["month"]) <= 12:
        raise feed.broken(file, "the file name", "name_form", form=pattern)
    month = date(int(named["year"]), int(named["month"]), 1)
    if not feed.first_month <= month <= LAST_MONTH:
        raise feed.broken(
            file, "the file name", "month_without_rules", month=f"{month:%Y-%m}", first=f"{feed.first_month:%Y-%m}",
            last=f"{LAST_MONTH:%Y-%m}",
        )  # fmt: skip
    if named["ext"].lower() not in feed.formats:
        formats = ", ".join(feed.formats)
        raise feed.broken(file, "the file name", "format", extension=named["ext"], formats=formats)
    commune = named["commune"]
    if commune:
        try:
            _, commune, _ = place(commune, month)
        except ValueError:
            raise feed.broken(file, "the file name", "commune_in_name", commune=commune) from None
    return Delivery(feed, path, month, commune, "_supplement" in (named["rest"] or ""))


def read_manifest(delivery: Delivery) -> Manifest:
    """The sidecar beside the file, or an empty manifest; `BrokenPromise` when there is one that cannot be read."""
    sidecar = delivery.path.with_name(delivery.path.name + SUFFIX)
    if not sidecar.exists():
        return Manifest()
    try:
        stated = json.loads(sidecar.read_text(encoding="utf-8"))
        month = stated.get("month")
        return Manifest(
            rows=None if stated.get("rows") is None else int(stated["rows"]),
            sha256=stated.get("sha256"),
            month=date.fromisoformat(f"{month[:7]}-01") if month else None,
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise delivery.feed.broken(delivery.file, sidecar.name, "manifest") from None
