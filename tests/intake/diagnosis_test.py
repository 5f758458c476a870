"""What is wrong with a home is said before a run meets it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.command import app
from sources.contracts.code_lists import communes
from sources.contracts.feeds import discover
from warehouse.intake.deliveries import Intake
from warehouse.upkeep import diagnosis
from warehouse.upkeep.diagnosis import findings
from warehouse.zones.home import Home

TOTALS = "labour/commune_totals"
GOOD = "commune_code,households,persons\n" + "".join(f"{code},300,900\n" for code in sorted(communes()))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that took one delivery in."""
    place = Home.open(tmp_path / "home")
    (place.landing / TOTALS / "2026-09.csv").write_text(GOOD, encoding="utf-8")
    Intake.open(place).take_in(discover()[TOTALS])
    place.close_to_others()
    return place


def ill(home: Home) -> set[str]:
    """What is not well, and that each such finding has a next step."""
    found = findings(home)
    assert {"programs", "key", "modes", "space", "versions", "waiting", "refused"} <= {one.about for one in found}
    return {one.about for one in found if not one.is_well}


def test_a_sound_home_is_well(home: Home) -> None:
    said = CliRunner().invoke(app, ["doctor", "--home", str(home.root)])

    assert ill(home) == set()
    assert said.exit_code == 0


def test_each_fault_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (home.landing / TOTALS / "2026-10.csv").write_text(GOOD, encoding="utf-8")
    (home.landing / TOTALS / "totals.csv").write_text(GOOD, encoding="utf-8")
    Intake.open(home).take_in(discover()[TOTALS])
    (home.landing / TOTALS / "2026-11.csv").write_text(GOOD, encoding="utf-8")
    (home.published / "v00007").mkdir()
    home.register.chmod(0o644)
    home.key_file.chmod(0o644)
    monkeypatch.setattr(diagnosis, "SPACE_NEEDED", 2**60)

    assert ill(home) == {"waiting", "refused", "versions", "modes", "key", "space"}
    assert CliRunner().invoke(app, ["doctor", "--home", str(home.root)]).exit_code == 1


def test_another_homes_key_is_found(home: Home, tmp_path: Path) -> None:
    other = Home.open(tmp_path / "other")
    Intake.open(other)
    home.key_file.chmod(0o600)
    home.key_file.write_bytes(other.key_file.read_bytes())

    assert "key" in ill(Home.at(home.root))


def test_old_names_of_commands_say_the_new_one_and_the_version_is_known() -> None:
    assert CliRunner().invoke(app, ["--version"]).output.startswith("cantho 0.")
    assert "pack" in CliRunner().invoke(app, ["-h"]).output
