"""Alerts reach a mailbox, a webhook and a file, once each; servers are on loopback."""

import email
import email.policy
import http.server
import json
import os
import socketserver
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import dagster as dg
import pytest
import yaml

from orchestration import automation
from sources.contracts.feeds import discover
from warehouse.intake.deliveries import Intake
from warehouse.notices import alerts
from warehouse.published import closing, store
from warehouse.zones.home import Home

TOTALS = "labour/commune_totals"
GOOD = "commune_code,households,persons\n31120,300,900\n"


@dataclass
class Heard:
    """What arrived where."""

    mails: list[email.message.EmailMessage] = field(default_factory=list)
    posts: list[dict[str, str]] = field(default_factory=list)
    file: Path = Path()


@contextmanager
def _serving(server: socketserver.TCPServer) -> Generator[int]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()
        server.server_close()


def _mailbox(heard: Heard) -> type[socketserver.StreamRequestHandler]:
    class Mailbox(socketserver.StreamRequestHandler):
        """As much SMTP as a sender without encryption needs."""

        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                if line.strip().upper() == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    heard.mails.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
                self.wfile.write(b"250 well\r\n")

    return Mailbox


def _webhook(heard: Heard) -> type[http.server.BaseHTTPRequestHandler]:
    class Webhook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.posts.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: the test looks at what arrived."""

    return Webhook


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


@pytest.fixture
def heard(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Heard]:
    """Everybody hears by webhook and file, the labour department by mail; an address takes a secret from outside."""
    heard = Heard(file=tmp_path / "alerts.txt")
    monkeypatch.setenv("MAIL_TO", "poverty-review@cantho.example")
    with (
        _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _mailbox(heard))) as mail,
        _serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), _webhook(heard))) as hook,
    ):
        mailbox = f"mailto://127.0.0.1:{mail}?from=kho@cantho.example&to=${{MAIL_TO}}&mode=insecure"
        everybody = [f"json://127.0.0.1:{hook}/alerts", f"file://{heard.file}"]
        settings = {"to": everybody, "departments": {"labour": [mailbox]}}
        (home.root / "alerts.yaml").write_text(yaml.safe_dump(settings))
        yield heard


@pytest.fixture
def land(home: Home) -> Callable[[str, str], None]:
    def take(name: str, content: str) -> None:
        (home.landing / TOTALS / name).write_text(content)
        Intake.open(home).take_in(discover()[TOTALS])

    return take


def test_a_refused_delivery_is_said_once_with_owner_and_next_step(
    home: Home, heard: Heard, land: Callable[[str, str], None]
) -> None:
    land("2026-10_sai.csv", GOOD.replace("persons", "nguoi"))

    for _ in range(2):
        alerts.send(home, alerts.due(home, date(2026, 11, 1)))

    (mail,), (post,) = heard.mails, heard.posts
    assert mail["To"] == "poverty-review@cantho.example"
    assert "Tệp bị từ chối" in str(mail["Subject"])
    assert "2026-10_sai.csv" in post["title"]
    assert "thiếu cột" in post["message"]
    assert discover()[TOTALS].contact in post["message"]
    assert "Next: " in post["message"]
    assert heard.file.read_text().count("# Tệp bị từ chối") == 1


def test_a_refusal_that_was_answered_is_no_alert(home: Home, heard: Heard, land: Callable[[str, str], None]) -> None:
    land("2026-10_sai.csv", GOOD.replace("persons", "nguoi"))
    land("2026-10_sua.csv", GOOD)

    assert alerts.send(home, alerts.due(home, date(2026, 11, 1))) == []
    assert heard.posts == []


def test_a_feed_is_overdue_from_the_day_after_its_promise(
    home: Home, heard: Heard, land: Callable[[str, str], None]
) -> None:
    land("2026-10.csv", GOOD)
    # October came; that of November is promised so many days after its end.
    promised = date(2026, 11, 30) + timedelta(days=discover()[TOTALS].latency_days)

    in_time = alerts.send(home, alerts.due(home, promised))
    late = alerts.send(home, alerts.due(home, promised + timedelta(days=1)))
    again = alerts.send(home, alerts.due(home, promised + timedelta(days=9)))

    assert (in_time, late, again) == ([], [f"late:{TOTALS}:2026-10"], [])
    assert "Quá hạn gửi" in heard.posts[0]["title"]
    assert len(heard.mails) == 1


def test_a_run_that_breaks_off_again_before_the_next_version_is_said_once(home: Home, heard: Heard) -> None:
    for _ in range(3):
        alerts.send(home, [alerts.failed(home, "deliveries", ["dbt_models"])])
    alerts.send(home, [alerts.failed(home, "deliveries", ["published_version"])])

    assert [post["message"].count("dbt_models") for post in heard.posts] == [2, 0]
    assert heard.mails == []


def test_the_digest_counts_the_day_and_names_what_is_open(
    home: Home, heard: Heard, land: Callable[[str, str], None]
) -> None:
    land("2026-10.csv", GOOD)
    land("2026-11_sai.csv", GOOD.replace("persons", "nguoi"))

    for _ in range(2):
        alerts.send(home, [alerts.digest(home, date.today())])

    (post,) = heard.posts
    assert f"{TOTALS}: 1 / 1 / 0" in post["message"]
    assert "2026-11_sai.csv" in post["message"].split("still open:")[1]


def test_what_reached_nobody_is_tried_again(home: Home, heard: Heard, land: Callable[[str, str], None]) -> None:
    land("2026-10_sai.csv", GOOD.replace("persons", "nguoi"))
    settings = (home.root / "alerts.yaml").read_text()
    (home.root / "alerts.yaml").write_text("to: ['json://127.0.0.1:9/nobody']")

    with pytest.raises(alerts.NotSent, match="reached nobody"):
        alerts.send(home, alerts.due(home, date(2026, 11, 1)))
    (home.root / "alerts.yaml").write_text(settings)

    assert len(alerts.send(home, alerts.due(home, date(2026, 11, 1)))) == 1
    assert len(heard.posts) == 1


def test_a_file_in_the_folder_of_no_feed_is_turned_away_once_it_no_longer_grows(home: Home, heard: Heard) -> None:
    strange = home.landing / "labour" / "khac"
    strange.mkdir()
    for name in ("2026-10.csv", "2026-11.csv", "2026-12.csv.part"):
        (strange / name).write_text(GOOD)
    for name in ("2026-10.csv", "2026-12.csv.part"):
        os.utime(strange / name, (0, 0))
    open_alerts, _ = automation.watch(home)

    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            open_alerts(dg.build_sensor_context(instance))

    assert sorted(path.name for path in strange.iterdir()) == ["2026-11.csv", "2026-12.csv.part"]
    (post,) = heard.posts
    assert "labour/khac/2026-10.csv" in post["title"]


def test_without_settings_nobody_is_to_hear(home: Home, land: Callable[[str, str], None]) -> None:
    land("2026-10_sai.csv", GOOD.replace("persons", "nguoi"))

    assert alerts.send(home, alerts.due(home, date(2026, 11, 1))) == []


@dg.op
def breaks() -> None:
    """A step that fails, as a broken model would."""
    raise RuntimeError


@dg.job
def broken() -> None:
    breaks()


def _look(home: Home, instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """All that may say something looks once: both sensors, and the job of each schedule."""
    open_alerts, failed_runs = automation.watch(home)
    open_alerts(dg.build_sensor_context(instance))
    (ended,) = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    context = dg.build_run_status_sensor_context("failed_runs", ended.get_dagster_event(), instance, run)
    failed_runs(context.for_run_failure())
    for schedule in automation.told(home):
        job = schedule.job
        assert isinstance(job, dg.JobDefinition)
        assert job.execute_in_process(instance=instance).success


def test_every_kind_is_said_once_by_mail_and_webhook_by_what_looks_for_it(
    home: Home, heard: Heard, land: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    today = date(2026, 9, 15)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls(today.year, today.month, today.day, 7, tzinfo=tz)

    monkeypatch.setattr(automation, "datetime", Clock)
    monkeypatch.setattr(store, "current", lambda _: "v00001")
    monkeypatch.setattr(closing, "feeds", lambda *_: [])
    monkeypatch.setattr(
        closing, "communes", lambda *_: [SimpleNamespace(state="open", list_age_months=0, list_from=date(2026, 9, 1))]
    )
    settings = yaml.safe_load((home.root / "alerts.yaml").read_text())
    everybody = {"to": [*settings["to"], *settings["departments"]["labour"]]}
    (home.root / "alerts.yaml").write_text(yaml.safe_dump(everybody))
    land("2026-05.csv", GOOD)
    land("2026-08_sai.csv", GOOD.replace("persons", "nguoi"))
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "2026-09_khoa.csv")
    land("2026-09_khoa.csv", GOOD)

    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.get_run_by_id(broken.execute_in_process(instance=instance, raise_on_error=False).run_id)
        assert run
        for _ in range(2):
            _look(home, instance, run)
        first = [post["title"] for post in heard.posts]
        today += timedelta(days=1)
        _look(home, instance, run)

    said = [json.loads(line)["key"] for line in (home.root / "alerts.jsonl").read_text().splitlines()]
    assert [key.split(":")[0] for key in said[:3]] == ["refused", "unreadable", "late"]
    assert said[3:] == [
        "failed:broken:breaks:v00001",
        "digest:2026-09-14",
        "close:2026-08",
        "review:regular:2026-09-15",
        "review:yearly:2026-09-15",
        "digest:2026-09-15",
    ]
    assert len(first) == len(set(first)) == 8
    assert [str(mail["Subject"]) for mail in heard.mails] == [post["title"] for post in heard.posts]
    assert len(heard.posts) == 9
