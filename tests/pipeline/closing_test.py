"""The monthly close: what a month rests on, and signatures that a correction reopens."""

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pipeline.conftest import SIMULATED, Warehouse

from warehouse.notices import alerts
from warehouse.zones.home import Home

MONTH = "2026-10"


def _states(at: Warehouse) -> dict[str, tuple[str, str | None]]:
    told = json.loads(at.cantho("close", "--month", MONTH, "--json").stdout)
    assert len(told) == 103
    return {one["commune"]: (one["state"], one["signed_by"]) for one in told}


def _signed(at: Warehouse, *communes: str) -> subprocess.CompletedProcess[str]:
    """The version that is current is looked at and signed."""
    return at.cantho("close", "--month", MONTH, "--sign", "Phong bao tro", "--version", at.version.name, *communes)


def test_a_signature_holds_until_a_correction_changes_what_was_signed(
    warehouse: Warehouse, copy_of: Callable[[Warehouse], Warehouse], tmp_path: Path
) -> None:
    at, other = copy_of(warehouse), tmp_path / "other"
    first, second, *_ = sorted(_states(at))
    assert at.cantho("simulate", *SIMULATED, "--seed", "12", "--out", str(other)).returncode == 0
    # Loans change other marts than that of classes: whatever was signed is signed.
    loans = next((other / "policy_bank/loans").glob("2026-10*"))

    signed = _signed(at, "--commune", first, "--commune", second)
    before = _states(at)
    shutil.copy(loans, at.home / "landing/policy_bank/loans" / f"2026-10_sua{loans.suffix}")
    assert at.cantho("run").returncode == 0
    corrected = _states(at)
    again = _signed(at)

    assert (signed.returncode, again.returncode) == (0, 0)
    assert {before[first], before[second]} == {("signed", "Phong bao tro")}
    assert {state for code, (state, _) in before.items() if code not in (first, second)} == {"open"}
    assert {corrected[first], corrected[second]} == {("changed", "Phong bao tro")}
    assert set(_states(at).values()) == {("signed", "Phong bao tro")}
    assert "0 / 0 / 103" in alerts.close(Home.open(at.home), date.fromisoformat(f"{MONTH}-01")).body


def test_a_month_or_commune_without_figures_cannot_be_signed(warehouse: Warehouse) -> None:
    signing = ("--sign", "Ai do", "--version", warehouse.version.name)
    for asked in (["--month", "2031-01"], ["--month", MONTH, "--commune", "99999"]):
        for refused in (warehouse.cantho("close", *asked, *signing), warehouse.cantho("close", *asked)):
            assert refused.returncode == 2
            assert "No figures" in refused.stderr


def test_a_signature_names_the_version_that_was_looked_at(warehouse: Warehouse) -> None:
    """What is current can have changed between the look and the signature."""
    book = warehouse.home / "sign_offs.jsonl"
    before = book.read_text() if book.exists() else None
    unnamed = warehouse.cantho("close", "--month", MONTH, "--sign", "Ai do")
    unknown = warehouse.cantho("close", "--month", MONTH, "--sign", "Ai do", "--version", "v09999")

    assert (unnamed.returncode, unknown.returncode) == (2, 2)
    assert "--version" in unnamed.stderr
    assert (book.read_text() if book.exists() else None) == before


def test_the_close_shows_the_exact_figures_of_the_lists_and_their_age(warehouse: Warehouse) -> None:
    told = json.loads(warehouse.cantho("close", "--month", MONTH, "--json").stdout)
    exact = dict(
        warehouse.restricted(
            "select area_code, poor_households from marts.area_poverty where area_level = 'commune' "
            "and basis = 'legal' and period_month = date '2026-10-01'"
        )
    )

    assert {one["commune"]: one["poor_households"] for one in told} == exact
    assert {one["list_age_months"] for one in told} == {0}
    assert {one["standard"] for one in told} == {"S2022"}


RANGED = [
    ("close", "--month", "2026-09:2026-10"), ("verify", "--month", "2026-09:2026-10"),
    ("what-if", "--standard", "S2027", "--month", "2026-09:2026-10"),
    ("progress", "--month", "2026-09:2026-10", "--since", "2026-09"),
    ("explain", "--household", "x", "--month", "2026-09:2026-10"),
    ("pack", "--month", "2026-09:2026-10", "--out", "/dev/null"),
]  # fmt: skip


@pytest.mark.parametrize("command", RANGED, ids=lambda words: words[0])
def test_a_command_about_one_month_takes_no_range(warehouse: Warehouse, command: tuple[str, ...]) -> None:
    ran = warehouse.cantho(*command)

    assert ran.returncode == 2
    assert "more than one month" in " ".join(ran.stderr.split())
