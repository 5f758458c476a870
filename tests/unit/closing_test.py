"""What a commune's figures rest on at the close of a month."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from sources.code_lists import successors
from warehouse import alerts, closing
from warehouse.home import Home
from warehouse.register import ACCEPTED, Entry, Register

FEED = "labour/household_review"


def test_units_of_before_the_merger_speak_for_the_communes_they_became(tmp_path: Path) -> None:
    home, (unit, (commune, _)) = Home.open(tmp_path / "home"), next(iter(sorted(successors().items())))
    for month, place in (("2025-05-01", unit), ("2025-06-01", unit), ("2025-07-01", None)):
        Register.open(home).record(
            Entry(
                delivery_id=month, feed=FEED, file=f"{month[:7]}.csv", month=month, commune=place, supplement=False,
                sha256=month, first_seen=month, status=ACCEPTED,
            )
        )  # fmt: skip

    before, after = (closing._newest_by_commune(home, FEED, date(2025, month, 1)) for month in (6, 7))

    assert before == {commune: "2025-06"}
    assert after == {commune: "2025-06", "": "2025-07"}


def test_the_close_of_a_month_that_is_not_published_says_so(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")

    said = _close(home, [])
    signed = _close(home, ["signed", "open"])

    assert "the month is not published" in said
    assert "1 / 0 / 1" in signed


def _close(home: Home, states: list[str]) -> str:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(closing, "communes", lambda *_: [SimpleNamespace(state=state) for state in states])
        return alerts.close(home, date(2026, 10, 1)).body
