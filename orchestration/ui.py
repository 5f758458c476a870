"""Dagster's web UI behind a guard, with the daemon and the warm process beside it, for people at this machine.

The web server has no login and obeys any page that an operator's browser opens. The guard is Dagster's own application
wrapped once: it answers only to its own Host, refuses what other pages ask for, and refuses GraphQL by GET and forged
asset reports. It binds to 127.0.0.1; a deployment puts sign-on before it.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import dagster as dg
import uvicorn

from orchestration.pages import Application, Scope, with_pages
from orchestration.private import web_application
from orchestration.running import prepare_instance
from warehouse.build.compiled import manifest
from warehouse.zones.home import Home

LOCATION = "orchestration.definitions"
HOST, PORT = "127.0.0.1", int(os.environ.get("CANTHO_UI_PORT", "3000"))
OWN_HOSTS = {f"{name}:{PORT}" for name in ("127.0.0.1", "localhost")}
OWN_ORIGINS = {f"http://{host}" for host in OWN_HOSTS}
REPORTS = "/report_asset"


def refusal(scope: Scope) -> tuple[int, str] | None:
    """Status and reason for a request that the guard turns away, None for one it lets pass."""
    if scope["type"] not in ("http", "websocket"):
        return None
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if headers.get("host") not in OWN_HOSTS:
        return 421, "This server answers only to its own name."
    # A link from elsewhere may open a page of the UI for the operator to look at; nothing may be embedded or fetched.
    is_link = scope.get("method") == "GET" and headers.get("sec-fetch-dest") == "document"
    is_foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site") and not is_link
    if is_foreign or ("origin" in headers and headers["origin"] not in OWN_ORIGINS):
        return 403, "Requests from other pages are refused."
    if scope["type"] == "websocket":
        return None
    if scope["path"].startswith("/graphql") and scope["method"] in ("GET", "HEAD"):
        return 405, "GraphQL is answered by POST only."
    if scope["path"].startswith(REPORTS):
        return 403, "Assets are reported by the pipeline only."
    return None


def guarded(application: Application) -> Application:
    """The application behind the guard."""

    async def guard(
        scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        refused = refusal(scope)
        if refused is None:
            await application(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            status, reason = refused
            await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": reason.encode()})

    return guard


class _Server(uvicorn.Server):
    """Says its address when it answers, and not before: who opens a page that is not there yet thinks it broken."""

    def __init__(self, config: uvicorn.Config, home: Home) -> None:
        super().__init__(config)
        self._home = home

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"http://{HOST}:{PORT}  (Ctrl-C ends; home {self._home.root})", flush=True)  # noqa: T201 - for a person


def _serve(home: Home) -> None:
    """Dagster's own application behind the guard, until somebody interrupts it."""
    with dg.DagsterInstance.get() as instance, web_application(instance, LOCATION) as application:
        pages = guarded(with_pages(application, home))
        _Server(uvicorn.Config(pages, host=HOST, port=PORT, log_level="warning"), home).run()


def main() -> None:
    """Serve until interrupted."""
    home = Home.open()
    prepare_instance(home)
    manifest(home)
    # Ended by another program as by a person: what runs beside ends, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Storage is made before two processes could both make it.
    dg.DagsterInstance.get().dispose()
    daemon_command = str(Path(sys.executable).with_name("dagster-daemon"))
    beside = [
        subprocess.Popen([daemon_command, "run", "--module-name", LOCATION, "--log-level", "warning"]),
        subprocess.Popen([sys.executable, "-m", "orchestration.warm"]),
    ]
    try:
        _serve(home)
    finally:
        for process in beside:
            process.terminate()
        # The daemon ends with its tick, which may wait for files for half a minute.
        for process in beside:
            process.wait(timeout=90)


if __name__ == "__main__":
    main()
