"""Remote places pulled into landing: SFTP and S3-compatible stores by file, HTTP services by page.

Each feed that is pulled has settings in `pull/<department>__<feed>.yaml` of the home; secrets stand there as `${NAME}`
and come from the environment. A file is named by what the store says of it (ETag, else time and size) and taken once.
What is under way lies in `pull/partial` and goes on where it stopped; landing sees whole files only.
"""

import functools
import hashlib
import json
import logging
import os
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from sources.contracts.feeds import Feed
from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home

CHUNK = 1024**2
SCHEMES = {"sftp": "ssh", "s3": "s3", "http": "http", "https": "http"}
# A page that does not come within this time will come with the next pull.
SECONDS = 60
log = logging.getLogger("cantho.pull")


class PullFailed(Exception):
    """A remote place cannot be pulled as its settings say; what was pulled before it stays."""


@dataclass(frozen=True)
class Settings:
    """Where a feed is pulled from.

    `address` is `sftp://host/folder/*.csv`, `s3://bucket/prefix/*.csv` or `https://host/path?month={month}&page={page}`.
    `options` go to the file system (user, password, key, endpoint) or are HTTP headers. `names` is a pattern with the
    groups `year`, `month` and perhaps `commune` for remote names that are not those of landing. Of an HTTP answer,
    `items` is the key of its rows and `total` the key of their number.
    """

    address: str
    options: dict[str, Any]
    names: str | None = None
    items: str = "data"
    total: str = "total"

    @property
    def scheme(self) -> str:
        return self.address.split("://", 1)[0]


def settings(home: Home, feed: Feed) -> Settings | None:
    """A feed's settings with the secrets filled in, None where it is not pulled; `PullFailed` when they are wrong."""
    path = home.pull / f"{feed.table}.yaml"
    if not path.exists():
        return None
    try:
        text = re.sub(r"\$\{(\w+)\}", lambda named: os.environ[named[1]], path.read_text(encoding="utf-8"))
        place = Settings(**yaml.safe_load(text))
    except KeyError as missing:
        raise PullFailed(f"{path.name} needs the environment variable {missing.args[0]}.") from None
    except (TypeError, ValueError, yaml.YAMLError):
        raise PullFailed(f"{path.name} is not as the documentation of its settings says.") from None
    if place.scheme not in SCHEMES:
        raise PullFailed(f"{path.name}: the address must begin with one of {', '.join(SCHEMES)}.")
    return place


def pull(home: Home, feed: Feed, month: date) -> list[str]:
    """Bring what is new of one feed into landing; names of the files. `month` is asked of services that are paged.

    `PullFailed` when the place cannot be reached or breaks off; pulling again goes on from there.
    """
    place = settings(home, feed)
    if place is None:
        return []
    try:
        if SCHEMES[place.scheme] == "http":
            return _Pages(home, feed, place, month).take()
        return _files(home, feed, place)
    except PullFailed:
        raise
    except Exception as broken:
        raise PullFailed(f"{feed.id} broke off ({type(broken).__name__}); pull again to go on.") from broken


# ------------------------------------------------------------------------------------------------------- files


def _files(home: Home, feed: Feed, place: Settings) -> list[str]:
    import fsspec

    parts = urllib.parse.urlsplit(place.address)
    where = {"host": parts.hostname, "port": parts.port or 22} if place.scheme == "sftp" else {}
    store = fsspec.filesystem(SCHEMES[place.scheme], **where, **place.options, skip_instance_cache=True)
    pattern = parts.path if place.scheme == "sftp" else place.address
    taken, arrived = _Taken(home, feed), []
    for remote, facts in sorted(store.glob(pattern, detail=True).items()):
        if facts["type"] != "file" or taken.has(remote, _identity(facts)):
            continue
        name = _landing_name(place, Path(remote).name)
        partial = _partial(home, feed, f"{remote} {_identity(facts)}")
        _download(functools.partial(store.open, remote, "rb"), partial, facts["size"])
        arrived.append(_land(home, feed, partial, name))
        taken.add(remote, _identity(facts))
    return arrived


def _identity(facts: dict[str, Any]) -> str:
    return str(facts.get("ETag") or (str(facts.get("mtime") or facts.get("LastModified")), facts["size"]))


def _landing_name(place: Settings, name: str) -> str:
    if not place.names:
        return name
    match = re.search(place.names, name)
    if not match:
        raise PullFailed(f"a remote file does not match the pattern {place.names}.")
    parts = match.groupdict()
    commune = f"_{parts['commune']}" if parts.get("commune") else ""
    stem, extension = re.sub(r"[^\w-]", "-", Path(name).stem), Path(name).suffix
    return f"{parts['year']}-{parts['month']}{commune}_{stem}{extension}"


def _partial(home: Home, feed: Feed, of: str) -> Path:
    folder = home.pull / "partial" / feed.table
    folder.mkdir(parents=True, exist_ok=True)
    # A file that changed at its place is another file: it begins anew.
    return folder / hashlib.sha256(of.encode()).hexdigest()[:32]


def _download(open_remote: Callable[[], Any], partial: Path, size: int) -> None:
    with open_remote() as remote, partial.open("ab") as local:
        if local.tell():
            log.info("Going on at byte %s", local.tell())
            remote.seek(local.tell())
        while chunk := remote.read(CHUNK):
            local.write(chunk)
        local.flush()
        os.fsync(local.fileno())
    if partial.stat().st_size != size:
        whole = partial.stat().st_size
        partial.unlink()
        raise PullFailed(f"a file has {whole} bytes where its place said {size}; pull again.")


def _land(home: Home, feed: Feed, partial: Path, name: str) -> str:
    """Move a whole file into landing in one step, without replacing another that waits there."""
    target = home.landing / feed.id / name
    if target.exists():
        target = target.with_stem(f"{target.stem}_{partial.name[:8]}")
    partial.replace(target)
    log.info("%s: %s", feed.id, target.name)
    return target.name


class _Taken:
    """What of each remote file was taken last, by path."""

    def __init__(self, home: Home, feed: Feed) -> None:
        self._path = home.pull / "taken" / f"{feed.table}.json"
        self._known: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def has(self, remote: str, identity: str) -> bool:
        return self._known.get(remote) == identity

    def add(self, remote: str, identity: str) -> None:
        # After the file is in landing: a crash in between brings the same bytes again, which change nothing.
        self._known[remote] = identity
        write_atomically(self._path, json.dumps(self._known, ensure_ascii=False).encode())


# ------------------------------------------------------------------------------------------------------- pages


@dataclass(frozen=True)
class _Pages:
    """The answers of a service for one month, page after page, as one JSON-lines file."""

    home: Home
    feed: Feed
    place: Settings
    month: date

    def take(self) -> list[str]:
        folder = _partial(self.home, self.feed, f"{self.place.address} {self.month}")
        folder.mkdir(exist_ok=True)
        first = self._page(1)
        total = first.get(self.place.total)
        pages = sorted(folder.glob("page-*.json"))
        if pages and json.loads(pages[0].read_text(encoding="utf-8")) != first:
            # The service answers otherwise than when the pull broke off: no page of then belongs to one of now.
            self._forget(pages)
            pages = []
        number, items = len(pages), []
        for page in pages:
            items += json.loads(page.read_text(encoding="utf-8"))[self.place.items]
        while not pages or items_left(items, total):
            number += 1
            answer = first if number == 1 else self._page(number)
            page_items = answer.get(self.place.items) or []
            pages.append(folder / f"page-{number:06}.json")
            write_atomically(pages[-1], json.dumps(answer, ensure_ascii=False).encode())
            items += page_items
            if not page_items:
                break
        self._forget(folder.glob("page-*.json"))
        folder.rmdir()
        if total is not None and len(items) != total:
            raise PullFailed(f"{self.feed.id} gave {len(items)} rows where it said {total}; pull again.")
        content = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items).encode()
        taken, identity = _Taken(self.home, self.feed), hashlib.sha256(content).hexdigest()
        if not items or taken.has(f"{self.month}", identity):
            return []
        whole = _partial(self.home, self.feed, f"{self.month} {identity}")
        write_atomically(whole, content)
        name = _land(self.home, self.feed, whole, f"{self.month:%Y-%m}_pull.jsonl")
        taken.add(f"{self.month}", identity)
        return [name]

    def _page(self, number: int) -> dict[str, Any]:
        address = self.place.address.format(month=f"{self.month:%Y-%m}", page=number)
        request = urllib.request.Request(address, headers=self.place.options)  # noqa: S310 - the settings' own address
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            body = answer.read()
            stated = answer.headers.get("Content-Length")
        if stated and int(stated) != len(body):
            raise ConnectionError("a page was cut off")
        page = json.loads(body)
        if not isinstance(page, dict):
            raise PullFailed(f"{self.feed.id} answered with something else than a page.")
        return page

    @staticmethod
    def _forget(pages: Any) -> None:
        for page in pages:
            page.unlink()


def items_left(items: list[Any], total: int | None) -> bool:
    """Whether more pages must follow; without a stated total only an empty page ends them."""
    return total is None or len(items) < total
