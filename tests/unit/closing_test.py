"""What a commune's figures rest on at the close of a month."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from sources.contracts.code_lists import successors
from warehouse.notices import alerts
from warehouse.published import closing, store
from warehouse.published.lists import Lists
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, Entry, Register

FEED = "labour/household_review"


def test_units_of_before_the_merger_speak_for_the_communes_they_became(tmp_path: Path) -> None:
    home, (unit, (commune, _)) = Home.open(tmp_path / "home"), next(iter(sorted(successors().items())))
    for month, place in ((date(2025, 5, 1), unit), (date(2025, 6, 1), unit), (date(2025, 7, 1), None)):
        Register.open(home).record(
            Entry(
                delivery_id=str(month), feed=FEED, file=f"{month:%Y-%m}.csv", month=month, commune=place,
                supplement=False, sha256=str(month), first_seen=str(month), status=ACCEPTED,
            )
        )  # fmt: skip

    before, after = (closing._newest_by_commune(home, FEED, date(2025, month, 1)) for month in (6, 7))

    assert before == {commune: date(2025, 6, 1)}
    assert after == {commune: date(2025, 6, 1), None: date(2025, 7, 1)}


def test_the_close_of_a_month_that_is_not_published_says_so(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")

    said = _close(home, [])
    signed = _close(home, ["signed", "open"])

    assert "the month is not published" in said
    assert "1 / 0 / 1" in signed


def _close(home: Home, states: list[str]) -> str:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            closing,
            "communes",
            lambda *_: [
                SimpleNamespace(list_age_months=0, list_from=date(2026, 10, 1), state=state) for state in states
            ],
        )
        return alerts.close(home, date(2026, 10, 1)).body


def test_only_the_current_version_is_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home.open(tmp_path / "home")
    monkeypatch.setattr(store, "folder", lambda *_: home.published)
    monkeypatch.setattr(store, "current", lambda _: "v00002")

    with pytest.raises(closing.NotCurrent, match="v00001 is not signed: v00002 is current"):
        closing.sign(home, date(2026, 10, 1), "Somebody", "v00001")
    assert closing.sign_offs(home) == []


@pytest.mark.parametrize(
    ("ages", "lists"),
    [
        ([0, 0, 2], Lists(2, 3, date(2026, 12, 1))),
        ([2, 2, 3], Lists(0, 3, date(2026, 10, 1))),
        ([None, None], Lists(0, 2, None)),
    ],
)
def test_the_close_knows_whose_lists_a_month_rests_on(ages: list[int | None], lists: Lists) -> None:
    months = {0: date(2026, 12, 1), 2: date(2026, 10, 1), 3: date(2026, 9, 1), None: None}
    communes = [
        closing.CommuneMonth("31120", "Xã", "S2022", months[age], age, 1, 1, 1.0, None, None, None, "open", None, None)
        for age in ages
    ]

    assert closing.lists_sent(communes) == lists
