"""The monthly close: what a month rests on, and signatures that a correction reopens."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

from pipeline.conftest import SIMULATED, Warehouse

from warehouse import alerts
from warehouse.home import Home

MONTH = "2026-10"


def _states(at: Warehouse) -> dict[str, tuple[str, str | None]]:
    told = json.loads(at.cantho("close", "--month", MONTH, "--json").stdout)
    assert len(told) == 103
    return {one["commune"]: (one["state"], one["signed_by"]) for one in told}


def test_a_signature_holds_until_a_correction_changes_what_was_signed(
    warehouse: Warehouse, copy_of: Callable[[Warehouse], Warehouse], tmp_path: Path
) -> None:
    at, other = copy_of(warehouse), tmp_path / "other"
    first, second, *_ = sorted(_states(at))
    assert at.cantho("simulate", *SIMULATED, "--seed", "12", "--out", str(other)).returncode == 0
    # Loans change other marts than that of classes: whatever was signed is signed.
    loans = next((other / "policy_bank/loans").glob("2026-10*"))

    signed = at.cantho("close", "--month", MONTH, "--sign", "Phong bao tro", "--commune", first, "--commune", second)
    before = _states(at)
    shutil.copy(loans, at.home / "landing/policy_bank/loans" / f"2026-10_sua{loans.suffix}")
    assert at.cantho("run").returncode == 0
    corrected = _states(at)
    again = at.cantho("close", "--month", MONTH, "--sign", "Phong bao tro")

    assert (signed.returncode, again.returncode) == (0, 0)
    assert {before[first], before[second]} == {("signed", "Phong bao tro")}
    assert {state for code, (state, _) in before.items() if code not in (first, second)} == {"open"}
    assert {corrected[first], corrected[second]} == {("changed", "Phong bao tro")}
    assert set(_states(at).values()) == {("signed", "Phong bao tro")}
    assert "0 / 0 / 103" in alerts.close(Home.open(at.home), date.fromisoformat(f"{MONTH}-01")).body


def test_a_month_or_commune_without_figures_cannot_be_signed(warehouse: Warehouse) -> None:
    for asked in (["--month", "2031-01"], ["--month", MONTH, "--commune", "99999"]):
        for refused in (warehouse.cantho("close", *asked, "--sign", "Ai do"), warehouse.cantho("close", *asked)):
            assert refused.returncode == 2
            assert "No figures" in refused.stderr
