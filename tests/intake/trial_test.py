"""A file that is tried before it is sent: the verdict of the intake, and no trace."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.command import app
from sources.contracts.code_lists import communes
from sources.contracts.feeds import discover
from warehouse.intake.deliveries import Intake
from warehouse.intake.trial import tried
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, REFUSED, Register

TOTALS = "labour/commune_totals"
HEADER = "commune_code,households,persons\n"
NUMBER = "097061000017"
Send = Callable[[str, str], Path]


def totals(households: int) -> str:
    return HEADER + "".join(f"{code},{households},{3 * households}\n" for code in sorted(communes()))


@pytest.fixture
def send(tmp_path: Path) -> Send:
    """A file of the feed of totals, in the folders of that feed."""

    def write(name: str, content: str) -> Path:
        path = tmp_path / "out" / TOTALS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    return write


def test_a_file_is_judged_as_the_intake_would(send: Send, memory: Path) -> None:
    good = tried(send("2026-09.csv", totals(300)), discover()[TOTALS])
    bad = tried(send("2026-10.csv", totals(300).replace(",300,", ",many,", 2)), discover()[TOTALS])
    unnamed = tried(send("totals.csv", totals(300)), discover()[TOTALS])

    assert (good.entry.status, good.entry.rows, good.entry.quarantined) == (ACCEPTED, len(communes()), 0)
    assert len(bad.rows) == bad.entry.quarantined == 2
    assert unnamed.entry.status == REFUSED
    assert unnamed.entry.next_step
    assert list(memory.iterdir()) == []


def test_a_home_tells_what_the_file_is_compared_with_and_stays_as_it_is(
    send: Send, memory: Path, tmp_path: Path
) -> None:
    home = Home.open(tmp_path / "home")
    (home.landing / TOTALS / "2026-09.csv").write_text(totals(300), encoding="utf-8")
    Intake.open(home).take_in(discover()[TOTALS])
    fewer = send("2026-10.csv", "\n".join(totals(300).splitlines()[:20]) + "\n")
    before = Register.open(home).entries()

    alone, compared = tried(fewer, discover()[TOTALS]), tried(fewer, discover()[TOTALS], home)

    assert set(compared.unjudged) < set(alone.unjudged)
    assert compared.entry.status == REFUSED
    assert Register.open(home).entries() == before
    assert list(memory.iterdir()) == []


def test_the_command_prints_the_letter_and_no_value(send: Send, memory: Path) -> None:
    path = send("2026-10.csv", totals(300).replace(",300,", f",{NUMBER}x,", 2))

    said = CliRunner().invoke(app, ["check", str(path)])
    fit = CliRunner().invoke(app, ["check", str(send("2026-09.csv", totals(300)))])

    assert said.exit_code == 0
    assert CliRunner().invoke(app, ["check", str(send("totals.csv", totals(300)))]).exit_code == 1
    assert "Kính gửi" in said.output
    assert "To:" in said.output
    assert NUMBER not in said.output
    assert fit.exit_code == 0
    assert fit.output.startswith("Tệp đạt")
    assert list(memory.iterdir()) == []


def test_a_file_in_the_folders_of_no_feed_needs_the_name_of_one(tmp_path: Path) -> None:
    path = Path(tempfile.mkdtemp(dir=tmp_path)) / "2026-09.csv"
    path.write_text(totals(300), encoding="utf-8")

    said = CliRunner().invoke(app, ["check", str(path)])

    assert said.exit_code == 2
    assert TOTALS in said.output
