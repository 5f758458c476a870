"""The desk as a web application on loopback.

`/` is the page, `/check` tries a file, `/mend` gives its wrong rows back as a workbook, `/send` puts it into landing.
A file comes as the body of a request, is counted while it is read, and lies in memory (where the machine has such a
folder) for as long as it is tried. One file at a time, and not more than `MOST_A_MINUTE`. Only the desk's own page may
ask: `Host` and `Origin` must be its own.
"""

import asyncio
import tempfile
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sources.contracts.feeds import Feed, discover
from sources.contracts.refusal import place_in_vietnamese, reason
from warehouse.desk import tokens
from warehouse.intake import trial
from warehouse.notices import letters, mending
from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED

HOST, PORT = "127.0.0.1", 3001
MOST_BYTES = 50 * 1024**2
MOST_A_MINUTE = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_SHOWN = 500
PAGE = Path(__file__).with_name("page.html")
# Nothing of another place is loaded, and no other page may show this one.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; form-action 'none'"  # noqa: E501 - one header


class NotTaken(Exception):
    """A request that the desk does not serve: a status, and why in Vietnamese and English."""

    def __init__(self, status: int, vi: str, en: str) -> None:
        super().__init__(en)
        self.status, self.vi, self.en = status, vi, en


@dataclass
class Desk:
    """What the answers share: the home that files go to, and when files were tried."""

    home: Home
    tried_at: deque[float] = field(default_factory=deque)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def page(self, _: Request) -> Response:
        feeds = "".join(f'<option value="{feed.id}">{feed.title_vi} / {feed.title_en}</option>' for feed in _feeds())
        text = PAGE.read_text(encoding="utf-8").replace("<!--feeds-->", feeds)
        return HTMLResponse(text, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})

    async def check(self, request: Request) -> Response:
        """What would become of the file in the body, as the page shows it."""
        async with self._file(request) as (path, feed):
            return JSONResponse(await run_in_threadpool(self._verdict, path, feed))

    async def send(self, request: Request) -> Response:
        """Put the file in the body into landing; asks for the department's token, and that it would be taken in."""
        async with self._file(request) as (path, feed):
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if tokens.department(self.home, token) != feed.department:
                raise NotTaken(403, "Mã gửi không đúng với đơn vị này.", "The token is not that of this department.")
            verdict = await run_in_threadpool(self._verdict, path, feed)
            if not verdict["taken"]:
                return JSONResponse(verdict | {"sent": False})
            landing = self.home.landing / feed.id / path.name
            if landing.exists():
                raise NotTaken(409, "Một tệp cùng tên đang chờ.", "A file of this name is waiting.")
            write_atomically(landing, path.read_bytes())
            return JSONResponse(verdict | {"sent": True})

    async def mend(self, request: Request) -> Response:
        """The rows of the file in the body that would be set apart, as a workbook for who sent the file."""
        async with self._file(request) as (path, feed):
            return await run_in_threadpool(self._workbook, path, feed)

    @asynccontextmanager
    async def _file(self, request: Request) -> AsyncGenerator[tuple[Path, Feed]]:
        """The file in the body and its feed, for as long as it is tried."""
        feed = discover().get(request.query_params.get("feed", ""))
        name = request.query_params.get("name", "")
        if feed is None:
            raise NotTaken(400, "Chọn nguồn dữ liệu.", "Choose a feed.")
        if not name or Path(name).name != name or name.startswith("."):
            raise NotTaken(400, "Tên tệp không dùng được.", "The name of the file cannot be used.")
        self._count()
        memory = trial.MEMORY if trial.MEMORY.is_dir() else None
        async with self.one_at_a_time:
            with tempfile.TemporaryDirectory(prefix="cantho-desk-", dir=memory) as folder:
                path = Path(folder) / name
                await _written(request, path)
                yield path, feed

    def _count(self) -> None:
        now = time.monotonic()
        while self.tried_at and self.tried_at[0] < now - 60:
            self.tried_at.popleft()
        if len(self.tried_at) >= MOST_A_MINUTE:
            raise NotTaken(429, "Quá nhiều tệp trong một phút. Xin chờ.", "Too many files in a minute. Please wait.")
        self.tried_at.append(now)

    def _workbook(self, path: Path, feed: Feed) -> Response:
        result = trial.tried(path, feed, self.home)
        if not result.rows:
            raise NotTaken(409, "Tệp không có dòng nào bị giữ lại.", "No row of the file would be set apart.")
        content = mending.workbook(feed, result.entry, trial.set_apart(path, feed), result.rows)
        name = {
            "Content-Disposition": f'attachment; filename="{mending.name(result.entry)}"',
            "Cache-Control": "no-store",
        }
        return Response(content, media_type=XLSX, headers=name)

    def _verdict(self, path: Path, feed: Feed) -> dict[str, Any]:
        result = trial.tried(path, feed, self.home)
        entry, headers = result.entry, {column.name: column.header_vi for column in feed.columns}
        rows = []
        for number, sheet, codes in result.rows[:ROWS_SHOWN]:
            reasons = [reason(code, headers) for code in codes.split(";")]
            where = letters.place(number, sheet)
            rows.append(
                {
                    "place_vi": place_in_vietnamese(where),
                    "place_en": where,
                    "vi": "; ".join(wording.vi for wording in reasons),
                    "en": "; ".join(wording.en for wording in reasons),
                }
            )
        is_taken = entry.status == ACCEPTED
        return {
            "taken": is_taken,
            "accepted": entry.rows,
            "set_apart": entry.quarantined,
            "rows": rows,
            "letter": "" if is_taken and not entry.quarantined else letters.letter(entry, feed, result.rows),
            "unjudged": result.unjudged,
        }


async def _written(request: Request, path: Path) -> None:
    total = 0
    with path.open("wb") as file:
        async for piece in request.stream():
            total += len(piece)
            if total > MOST_BYTES:
                raise NotTaken(413, "Tệp lớn hơn 50 MB. Xin gửi qua máy chủ.", "The file is larger than 50 MB.")
            file.write(piece)
    if not total:
        raise NotTaken(400, "Tệp trống.", "The file is empty.")


def _feeds() -> list[Feed]:
    return sorted(discover().values(), key=lambda feed: feed.id)


async def _not_taken(_: Request, refused: Any) -> Response:
    return JSONResponse({"vi": refused.vi, "en": refused.en}, refused.status)


async def _own_page_alone(request: Request, call: Any) -> Response:
    origin = request.headers.get("origin")
    is_foreign = request.headers.get("sec-fetch-site") in ("cross-site", "same-site") and request.method != "GET"
    if is_foreign or (origin is not None and origin != f"http://{request.headers.get('host')}"):
        return JSONResponse({"vi": "Trang khác không được hỏi.", "en": "Other pages may not ask."}, 403)
    return await call(request)


def application(home: Home) -> Starlette:
    """The desk of a home: files are compared with what it took in before, and are sent into its landing."""
    desk = Desk(home)
    return Starlette(
        routes=[
            Route("/", desk.page),
            Route("/check", desk.check, methods=["POST"]),
            Route("/mend", desk.mend, methods=["POST"]),
            Route("/send", desk.send, methods=["POST"]),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False),
            Middleware(BaseHTTPMiddleware, dispatch=_own_page_alone),
        ],
        exception_handlers={NotTaken: _not_taken},
    )


def serve(home: Home, port: int = PORT) -> None:
    """Serve until interrupted."""
    print(f"http://{HOST}:{port}  (Ctrl-C ends; home {home.root})", flush=True)  # noqa: T201 - what a person waits for
    uvicorn.run(application(home), host=HOST, port=port, log_level="warning")
