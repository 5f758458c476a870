"""The reviews of households by the calendar of the law: when people are told, and of which communes."""

from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Self

import dagster as dg
import pytest

from orchestration import automation
from sources.contracts.code_lists import communes
from sources.contracts.feeds import HOUSEHOLD_REVIEW, in_role
from warehouse.notices import alerts, reviews
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, REFUSED, Entry, Register


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2026, 8, 31), []),
        (date(2026, 9, 1), ["yearly"]),
        (date(2026, 9, 2), []),
        (date(2026, 9, 15), ["regular", "yearly"]),
        (date(2026, 11, 15), ["regular"]),
        (date(2026, 12, 8), ["yearly"]),
        (date(2026, 12, 22), []),
        (date(2021, 8, 15), []),
    ],
)
def test_a_review_is_said_when_it_opens_and_the_yearly_one_each_week_of_it(day: date, kinds: list[str]) -> None:
    assert [one.kind for one in reviews.said_on(day)] == kinds


def _sent(
    home: Home, month: date, commune: str | None, status: str = ACCEPTED, feed: str = in_role(HOUSEHOLD_REVIEW).id
) -> None:
    name = f"{feed}-{month}-{commune}-{status}"
    Register.open(home).record(
        Entry(
            delivery_id=name, feed=feed, file=name, month=month, commune=commune, supplement=False, sha256=name,
            first_seen="2026-10-01T00:00:00", status=status,
        )
    )  # fmt: skip


def test_communes_are_missing_until_they_sent_forms_that_were_accepted(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    regular, yearly = reviews.said_on(date(2026, 9, 15))
    _sent(home, date(2026, 8, 1), "31120")
    _sent(home, date(2026, 9, 1), "31135")
    _sent(home, date(2026, 7, 1), "31147")
    _sent(home, date(2026, 9, 1), "31147", REFUSED)
    _sent(home, date(2026, 9, 1), "31147", feed="labour/poverty_list")

    assert communes() - set(reviews.missing(home, regular)) == {"31120", "31135"}
    assert communes() - set(reviews.missing(home, yearly)) == {"31135"}
    said = alerts.review(home, yearly, date(2026, 9, 15))
    assert "102" in said.body
    assert "31147" in said.body
    assert "14/12/2026" in said.body

    _sent(home, date(2026, 9, 1), None)
    assert reviews.missing(home, yearly) == []


@pytest.mark.parametrize(("day", "asks"), [(date(2026, 11, 15), True), (date(2026, 11, 16), False)])
def test_no_run_is_asked_for_on_a_day_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: date, asks: bool
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls(day.year, day.month, day.day, 7, tzinfo=tz)

    monkeypatch.setattr(automation, "datetime", Clock)
    schedule = {one.name: one for one in automation.told(Home.open(tmp_path))}["regular_review"]

    with dg.DagsterInstance.ephemeral() as instance:
        ticked = schedule.evaluate_tick(dg.build_schedule_context(instance))

    assert bool(ticked.run_requests) == asks
