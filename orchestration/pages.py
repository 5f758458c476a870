"""Pages that assets link to in the UI: the documents of the project, contracts, and of each version what is public.

Markdown is rendered, contracts are shown as they are, and `/pages/` lists all. They are served beside Dagster's
application, from a list of the files that exist: nothing else of the home can be asked for, and nothing restricted.
Not here: who may ask (`ui`), and what a page says.
"""

import html
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import dagster as dg
from markdown_it import MarkdownIt

from sources.contracts.feeds import CONTRACT, discover
from warehouse.published import store
from warehouse.zones.home import SIMULATED, Home
from warehouse.zones.register import Register

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]

ROOT = "/pages/"
REFUSALS = "refusals"
DOCS = Path(__file__).parents[1] / "docs"
STYLE = (
    "body{font-family:system-ui,sans-serif;line-height:1.5;max-width:60rem;margin:0 auto;padding:1rem}"
    "table{border-collapse:collapse}th,td{border:1px solid #ccc;padding:.2rem .5rem;text-align:left;vertical-align:top}"
    "pre{background:#f6f6f6;padding:.5rem;overflow:auto}"
)
OF_A_VERSION = {"report": store.REPORTS[store.PUBLIC], "dictionary": "dictionary.md"}


def link(name: str) -> dg.UrlMetadataValue:
    """A link of the UI to a page."""
    return dg.MetadataValue.url(ROOT + name)


def of_version(version: str) -> dict[str, dg.UrlMetadataValue]:
    """Links to what a version shows to everyone."""
    return {title: link(f"{version}/{file}") for title, file in OF_A_VERSION.items()}


def pages(home: Home) -> dict[str, Path]:
    """All pages by name, but for those of versions whose public files were withdrawn."""
    gone = store.withdrawn(home)
    files = [
        home.published / manifest["version"] / file
        for manifest in store.versions(home)
        if manifest["version"] not in gone
        for file in OF_A_VERSION.values()
    ]
    return {
        **{f"docs/{path.name}": path for path in DOCS.glob("*.md")},
        **{f"contracts/{feed.id}": feed.folder / CONTRACT for feed in discover().values()},
        **{f"{path.parent.name}/{path.name}": path for path in files},
    }


def with_pages(application: Application, home: Home) -> Application:
    """The application with the pages beside it."""

    async def serve(
        scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(ROOT):
            await application(scope, receive, send)
            return
        name = scope["path"].removeprefix(ROOT)
        if name == REFUSALS:
            await _send_page(send, 200, "text/plain", refusals(home).encode())
        elif not name:
            await _send_page(send, 200, "text/html", _index(home).encode())
        elif path := pages(home).get(name):
            await _send_page(send, 200, "text/html", _shown(path, home).encode())
        else:
            await _send_page(send, 404, "text/plain", b"There is no such page. /pages/ lists them.")

    return serve


def _index(home: Home) -> str:
    """All pages as links, by what they are."""
    kinds: dict[str, list[str]] = {}
    for name in pages(home):
        kinds.setdefault(name.split("/")[0], []).append(name)
    sections = [
        f"<h2>{html.escape(kind)}</h2><ul>"
        + "".join(f'<li><a href="{ROOT}{html.escape(name)}">{html.escape(name)}</a></li>' for name in sorted(names))
        + "</ul>"
        for kind, names in kinds.items()
    ]
    return _page("Pages", f'<p><a href="{ROOT}{REFUSALS}">{REFUSALS}</a></p>' + "".join(sections), home)


def _shown(path: Path, home: Home) -> str:
    """A file as a page: a report as it is, Markdown rendered, anything else as it was written."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        return text
    if path.suffix == ".md":
        return _page(path.name, MarkdownIt("commonmark", {"html": False}).enable("table").render(text), home)
    return _page(path.name, f"<pre>{html.escape(text)}</pre>", home)


def _page(title: str, body: str, home: Home) -> str:
    banner = f"<p><strong>{SIMULATED}</strong></p>" if home.is_simulated else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style>{banner}{body}</html>"
    )


async def _send_page(send: Callable[[Any], Awaitable[None]], status: int, kind: str, body: bytes) -> None:
    headers = [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        # A page is no part of the UI: its scripts may draw it, and not speak with Dagster in an operator's name.
        (b"content-security-policy", b"sandbox allow-scripts allow-downloads allow-modals allow-popups"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def refusals(home: Home) -> str:
    """The refused deliveries that no accepted one has answered, newest first, as they stand now and in no version."""
    entries = sorted(Register.open(home).unanswered(), key=lambda entry: entry.first_seen, reverse=True)
    paragraphs = [
        f"{entry.feed}/{entry.file}, {entry.vietnamese.get('place', entry.place)}: "
        f"{entry.vietnamese.get('promise', entry.promise)} Đơn vị: {entry.owner}. "
        f"Đề nghị: {entry.vietnamese.get('next_step', entry.next_step)}\n"
        f"{entry.place}: {entry.promise} Owner: {entry.owner}. Next: {entry.next_step}"
        for entry in entries
    ]
    return "\n\n".join(paragraphs or ["Không có tệp nào đang bị từ chối. / No refused delivery is open."]) + "\n"
