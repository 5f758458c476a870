"""Pulling from real servers on loopback: nothing twice, nothing lost, also when the connection breaks."""

import asyncio
import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import asyncssh
import boto3
import pytest
from moto.server import ThreadedMotoServer

from pull.proxy import Proxy
from sources.contracts.feeds import discover
from warehouse.intake import pulling
from warehouse.zones.home import Home

CARDS = discover()["health_insurance/cards"]
LOANS = discover()["policy_bank/loans"]
MONTH = date(2026, 9, 1)
CONTENT = "".join(f"line {number}\n" for number in range(500_000)).encode()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


def _settings(home: Home, table: str, **said: object) -> None:
    (home.pull / f"{table}.yaml").write_text(json.dumps(said))


def _landed(home: Home, feed: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (home.landing / feed).iterdir()}


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[tuple[Proxy, Path]]:
    remote = tmp_path / "remote"
    remote.mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")

    class Server(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("cantho", "mat-khau")

    loop = asyncio.new_event_loop()
    started: list[int] = []
    ready = threading.Event()

    async def serve() -> None:
        server = await asyncssh.create_server(
            Server, "127.0.0.1", 0, server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(remote).encode()),
        )  # fmt: skip
        started.append(server.sockets[0].getsockname()[1])
        ready.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    assert ready.wait(10)
    proxy = Proxy(started[0])
    yield proxy, remote
    proxy.close()
    loop.call_soon_threadsafe(loop.stop)


def test_sftp_goes_on_where_it_broke_off(home: Home, sftp: tuple[Proxy, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, remote = sftp
    (remote / "002721_HSTD_30092026.csv").write_bytes(CONTENT)
    monkeypatch.setenv("SFTP_PASSWORD", "mat-khau")
    _settings(
        home, LOANS.table, address=f"sftp://127.0.0.1:{proxy.port}/*.csv",
        options={"username": "cantho", "password": "${SFTP_PASSWORD}", "known_hosts": None},
        names=r"_\d\d(?P<month>\d\d)(?P<year>\d{4})\.csv$",
    )  # fmt: skip

    proxy.cut_after(3_000_000)
    with pytest.raises(pulling.PullFailed, match="pull again"):
        pulling.pull(home, LOANS, MONTH)
    begun = sum(path.stat().st_size for path in (home.pull / "partial" / LOANS.table).iterdir())
    visible = _landed(home, LOANS.id)
    proxy.mend()

    assert (0 < begun < len(CONTENT), visible) == (True, {})
    assert pulling.pull(home, LOANS, MONTH) == ["2026-09_002721_HSTD_30092026.csv"]
    assert _landed(home, LOANS.id) == {"2026-09_002721_HSTD_30092026.csv": CONTENT}
    assert pulling.pull(home, LOANS, MONTH) == []


@pytest.fixture
def s3() -> Iterator[Proxy]:
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    proxy = Proxy(server.get_host_and_port()[1])
    yield proxy
    proxy.close()
    server.stop()


def test_s3_goes_on_where_it_broke_off_and_takes_a_changed_file_again(home: Home, s3: Proxy) -> None:
    address = f"http://127.0.0.1:{s3.port}"
    client = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    client.create_bucket(Bucket="cards")
    client.put_object(Bucket="cards", Key="gui/2026-09.csv", Body=CONTENT)
    _settings(
        home, CARDS.table, address="s3://cards/gui/*.csv",
        options={
            "key": "a", "secret": "b", "endpoint_url": address, "default_block_size": 1_000_000,
            "config_kwargs": {"retries": {"max_attempts": 0}, "read_timeout": 5, "connect_timeout": 5},
        },
    )  # fmt: skip

    s3.cut_after(3_000_000)
    with pytest.raises(pulling.PullFailed, match="pull again"):
        pulling.pull(home, CARDS, MONTH)
    visible = _landed(home, CARDS.id)
    s3.mend()

    assert visible == {}
    assert pulling.pull(home, CARDS, MONTH) == ["2026-09.csv"]
    assert _landed(home, CARDS.id) == {"2026-09.csv": CONTENT}
    assert pulling.pull(home, CARDS, MONTH) == []
    client.put_object(Bucket="cards", Key="gui/2026-09.csv", Body=b"corrected\n")
    (again,) = pulling.pull(home, CARDS, MONTH)
    assert _landed(home, CARDS.id)[again] == b"corrected\n"


ITEMS = [{"maThe": f"HN29797{number:08}", "hoTen": "An"} for number in range(1_000)]


@pytest.fixture
def service() -> Iterator[tuple[Proxy, list[int]]]:
    asked: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
            if self.headers["X-Key"] != "khoa" or query["month"] != "2026-09":
                self.send_error(403)
                return
            page = int(query["page"])
            asked.append(page)
            body = json.dumps({"data": ITEMS[(page - 1) * 100 : page * 100], "total": len(ITEMS)}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy = Proxy(server.server_port)
    yield proxy, asked
    proxy.close()
    server.shutdown()


def test_pages_go_on_where_they_broke_off(
    home: Home, service: tuple[Proxy, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, asked = service
    monkeypatch.setenv("API_KEY", "khoa")
    address = f"http://127.0.0.1:{proxy.port}/cards?month={{month}}&page={{page}}"
    _settings(home, CARDS.table, address=address, options={"X-Key": "${API_KEY}"})

    proxy.cut_after(22_000)
    with pytest.raises(pulling.PullFailed, match="pull again"):
        pulling.pull(home, CARDS, MONTH)
    first, visible = list(asked), _landed(home, CARDS.id)
    proxy.mend()
    (name,) = pulling.pull(home, CARDS, MONTH)

    assert visible == {}
    assert 2 < max(first) < 10
    assert sorted({*first, *asked}) == list(range(1, 11))
    assert asked.count(2) == 1
    lines = _landed(home, CARDS.id)[name].decode().splitlines()
    assert [json.loads(line) for line in lines] == ITEMS
    assert pulling.pull(home, CARDS, MONTH) == []


def test_a_missing_secret_is_said_by_its_name(home: Home) -> None:
    _settings(home, CARDS.table, address="s3://cards/*", options={"secret": "${CANTHO_TEST_NO_SUCH_SECRET}"})

    with pytest.raises(pulling.PullFailed, match="CANTHO_TEST_NO_SUCH_SECRET"):
        pulling.pull(home, CARDS, MONTH)
