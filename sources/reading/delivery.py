"""A delivery's name and manifest: feed, month and commune it covers.

Only what can be told without opening the file.
"""

import errno
import functools
import json
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sources.contracts.code_lists import place
from sources.contracts.feeds import Feed
from sources.contracts.refusal import BrokenPromise

SUFFIX = ".manifest.json"
# As far as the law's bounds and the calendar are written down in the seeds.
LAST_MONTH = date(2035, 12, 1)
_NAME = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})(?:_(?P<commune>[0-9]{5}))?(?P<rest>_[^.]*)?\.(?P<ext>[A-Za-z]+)"
)
# With what is added to a name for the files beside it, a name may have 255 bytes.
NAME_BYTES, SAFE_BYTES = 200, 120
# The whole register of cards of the city is half a gigabyte of CSV; sixteen times that cannot be meant.
MOST_BYTES, MANIFEST_BYTES = 8 * 1024**3, 1024**2
# Things in a folder that are no files, in words; opening some of them never ends.
_KINDS = (
    (stat.S_ISLNK, "a link", "liên kết"), (stat.S_ISDIR, "a folder", "thư mục"), (stat.S_ISFIFO, "a pipe", "ống dẫn"),
    (stat.S_ISSOCK, "a socket", "socket"), (lambda _: True, "a device", "thiết bị"),
)  # fmt: skip


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
        return f"{self.feed.id}/{safe_name(self.path)}"

    @property
    def extension(self) -> str:
        return self.path.suffix[1:].lower()


@dataclass(frozen=True)
class Manifest:
    """What the sender says of a file beside it; a field not stated is None."""

    rows: int | None = None
    sha256: str | None = None
    month: date | None = None


def safe_name(path: Path) -> str:
    """A file's name as it can be shown, and given to another file: letters alone, and not too long."""
    shown = "".join(letter if letter.isprintable() else "_" for letter in path.name)
    if len(shown.encode()) <= NAME_BYTES:
        return shown
    suffix = Path(shown).suffix.encode()[:20]
    return (shown.encode()[: SAFE_BYTES - len(suffix)] + suffix).decode(errors="ignore")


def keep_to_files(path: Path, refused: Callable[..., BrokenPromise]) -> None:
    """Raise what `refused` makes when the path is no file, or one too large to read. Nothing is opened."""
    state = path.lstat()
    if not stat.S_ISREG(state.st_mode):
        _, what, what_vi = next(kind for kind in _KINDS if kind[0](state.st_mode))
        raise refused("the file", "not_a_file", what=what, what_vi=what_vi)
    if state.st_size > MOST_BYTES:
        raise refused("the file", "too_large", limit=MOST_BYTES // 1024**2)


def recognise(feed: Feed, path: Path) -> Delivery:
    """The delivery that a file's name declares; `BrokenPromise` when it is none, or does not keep to the contract.

    `FileNotFoundError` when it is gone.
    """
    file, named = f"{feed.id}/{safe_name(path)}", _NAME.fullmatch(path.name)
    keep_to_files(path, functools.partial(feed.broken, file))
    if safe_name(path) != path.name:
        raise feed.broken(file, "the file name", "name_odd", limit=NAME_BYTES)
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
    try:
        state = sidecar.lstat()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG):
            return Manifest()
        raise
    try:
        if not stat.S_ISREG(state.st_mode) or state.st_size > MANIFEST_BYTES:
            raise ValueError("no manifest")
        return _stated(json.loads(sidecar.read_bytes()))
    except (ValueError, RecursionError):
        raise delivery.feed.broken(delivery.file, safe_name(sidecar), "manifest") from None


def _stated(content: Any) -> Manifest:
    """What a manifest says; `ValueError` when a field is not of its kind."""
    rows, sha256, month = (
        content.get(name) if isinstance(content, dict) else "" for name in ("rows", "sha256", "month")
    )
    if not (rows is None or (type(rows) is int and rows >= 0)):
        raise ValueError("rows")
    if not (sha256 is None or (isinstance(sha256, str) and re.fullmatch("[0-9A-Fa-f]{64}", sha256))):
        raise ValueError("sha256")
    if not (month is None or (isinstance(month, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?", month))):
        raise ValueError("month")
    return Manifest(rows, sha256, date.fromisoformat(f"{month[:7]}-01") if month else None)
