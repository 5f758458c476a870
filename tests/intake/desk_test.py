"""The sender's desk: who may ask, what is kept, and that a file is sent only with a token and when it is fit."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import uvicorn

from sources.contracts.code_lists import communes
from warehouse.desk import app, tokens
from warehouse.zones.home import Home
from warehouse.zones.register import Register

TOTALS = "labour/commune_totals"
GOOD = "commune_code,households,persons\n" + "".join(f"{code},300,900\n" for code in sorted(communes()))
SOME = GOOD.replace(",300,", ",<b>many</b>,", 2)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that is ready for deliveries."""
    place = Home.open(tmp_path / "home")
    Register.open(place)
    return place


@pytest.fixture
def desk(home: Home, memory: Path) -> Iterator[str]:
    """The address of a desk that is served."""
    assert memory.is_dir()
    server = uvicorn.Server(uvicorn.Config(app.application(home), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def asked(
    desk: str, path: str, content: str, name: str = "2026-09.csv", feed: str = TOTALS, **headers: str
) -> requests.Response:
    where = {"feed": feed, "name": name}
    return requests.post(desk + path, params=where, data=content.encode(), headers=headers, timeout=60)


def test_a_file_is_checked_row_by_row_and_nothing_of_it_is_kept(desk: str, home: Home, memory: Path) -> None:
    before = sorted(home.root.rglob("*"))

    fit, some = asked(desk, "/check", GOOD).json(), asked(desk, "/check", SOME).json()

    assert (fit["taken"], fit["accepted"], fit["set_apart"], fit["letter"]) == (True, len(communes()), 0, "")
    assert (some["taken"], some["set_apart"], len(some["rows"])) == (True, 2, 2)
    assert all(row["vi"] and row["en"] and row["place_vi"] for row in some["rows"])
    assert "many" not in str(some)
    assert asked(desk, "/check", GOOD, name="totals.csv").json()["taken"] is False
    assert list(memory.iterdir()) == []
    assert [path for path in sorted(home.root.rglob("*")) if path not in before and path.is_file()] == []


def test_wrong_rows_come_back_as_a_workbook(desk: str, memory: Path) -> None:
    some, none = asked(desk, "/mend", SOME), asked(desk, "/mend", GOOD)

    assert some.content.startswith(b"PK")
    assert "2026-09_supplement.xlsx" in some.headers["content-disposition"]
    assert none.status_code == 409
    assert list(memory.iterdir()) == []


def test_a_file_is_sent_with_the_token_of_its_department_alone(desk: str, home: Home) -> None:
    token, other = tokens.issue(home, "labour"), tokens.issue(home, "housing")
    landing = home.landing / TOTALS / "2026-09.csv"

    assert asked(desk, "/send", GOOD).status_code == 403
    assert asked(desk, "/send", GOOD, authorization=f"Bearer {other}").status_code == 403
    assert asked(desk, "/send", GOOD, name="totals.csv", authorization=f"Bearer {token}").json()["sent"] is False
    assert not landing.exists()
    assert asked(desk, "/send", GOOD, authorization=f"Bearer {token}").json()["sent"] is True
    assert landing.read_text() == GOOD
    assert asked(desk, "/send", GOOD, authorization=f"Bearer {token}").status_code == 409
    assert token not in (home.root / "desk_tokens.json").read_text()


def test_without_tokens_nobody_may_send(desk: str) -> None:
    assert asked(desk, "/send", GOOD, authorization="Bearer ").status_code == 403


def test_a_new_token_takes_the_place_of_the_old_one(home: Home) -> None:
    old, new = tokens.issue(home, "labour"), tokens.issue(home, "labour")

    assert (tokens.department(home, old), tokens.department(home, new)) == (None, "labour")


@pytest.mark.parametrize("name", ["../2026-09.csv", ".2026-09.csv", "", "a/b.csv"])
def test_a_name_leads_nowhere_else(desk: str, name: str) -> None:
    assert asked(desk, "/check", GOOD, name=name).status_code == 400


def test_a_file_that_is_too_large_or_empty_or_of_no_feed_is_not_tried(
    desk: str, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "MOST_BYTES", 1000)

    assert asked(desk, "/check", GOOD).status_code == 413
    assert asked(desk, "/check", "").status_code == 400
    assert asked(desk, "/check", GOOD, feed="labour/none").status_code == 400
    assert list(memory.iterdir()) == []


def test_more_files_than_people_send_are_not_tried(desk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MOST_A_MINUTE", 2)

    assert [asked(desk, "/check", "").status_code for _ in range(3)] == [400, 400, 429]


def test_other_pages_and_other_names_of_the_machine_are_refused(desk: str) -> None:
    assert asked(desk, "/check", GOOD, origin="http://evil.example").status_code == 403
    assert asked(desk, "/check", GOOD, **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert asked(desk, "/check", GOOD, host="evil.example").status_code == 400
    assert asked(desk, "/check", GOOD, origin=desk).status_code == 200


def test_the_page_names_every_feed_and_loads_nothing_else(desk: str) -> None:
    page = requests.get(desk, timeout=60)

    assert page.text.count("<option") == 8
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "http" not in page.text.split("<style>")[1]
