"""What departments have wrong for years: lasting, independent of each other, and never somebody real."""

import csv
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from sources.simulator.delivery import Rows, code_text, days
from sources.simulator.draws import Draws
from sources.simulator.faults import NAMES, RATES, WRITTEN, Faults, rates
from sources.simulator.layout import layout
from sources.simulator.names import full_names
from sources.simulator.places import Places
from sources.simulator.population import City, populate
from sources.simulator.silence import Silence

MONTH = 2026 * 12 + 4
LABOUR, CARDS, BANK = (
    layout("labour", "household_members"), layout("health_insurance", "cards"), layout("policy_bank", "loans"),
)  # fmt: skip


@pytest.fixture(scope="module")
def city() -> City:
    return populate(Places.load(), Draws(5), 0.004)


def persons(city: City) -> Rows:
    """A row of everybody, as most feeds have it."""
    person = np.arange(city.persons)
    return Rows(
        {
            "personal_id": code_text(city.number, 12),
            "full_name": full_names(city, person),
            "birth_date": days(city.birth),
        },
        person=person,
        household=city.home.astype(np.int64),
        commune=city.commune[city.home],
    )


def numbers(rows: Rows) -> list[str | None]:
    return rows.columns["personal_id"].to_pylist()


def test_a_fault_is_the_same_in_every_month_until_it_ends_years_later(city: City) -> None:
    faults = Faults(city, 1)
    by_month = [numbers(faults.apply(persons(city), LABOUR, MONTH + later)) for later in range(24)]

    struck = [at for at, own in enumerate(numbers(persons(city))) if by_month[0][at] != own]
    kept = [at for at in struck if all(month[at] == by_month[0][at] for month in by_month[:12])]
    changes = [sum(one[at] != after[at] for one, after in pairwise(by_month)) for at in struck]
    assert len(struck) > 300
    assert len(kept) > 0.7 * len(struck), "a quarter of faults of four years ends within a year"
    assert sum(change <= 1 for change in changes) > 0.97 * len(struck), "a fault that went comes back"


def test_departments_err_independently(city: City) -> None:
    faults = Faults(city, 10)
    labour, bank = (faults.apply(persons(city), feed, MONTH).wrong["number missing"] for feed in (LABOUR, BANK))

    assert labour.mean() == pytest.approx(0.15, abs=0.02)
    assert (labour & bank).mean() == pytest.approx(labour.mean() * bank.mean(), abs=0.01)


def test_without_faults_rows_stay_what_they_are(city: City) -> None:
    rows = persons(city)

    assert Faults(city, 0).apply(rows, LABOUR, MONTH) is rows


def test_no_number_can_meet_a_real_person(city: City) -> None:
    wrong = Faults(city, 8).apply(persons(city), BANK, MONTH)
    texts = [text for text in numbers(wrong) if text]

    assert {len(text) for text in texts} == {9, 12}
    assert {text[:3] for text in texts if len(text) == 12} <= {"097", "098", "099"}


def test_the_bearer_of_a_number_is_whoever_it_belongs_to(city: City) -> None:
    wrong = Faults(city, 30).apply(persons(city), LABOUR, MONTH)
    own = {f"{number:012d}": person for person, number in enumerate(city.number.tolist())}
    nobody: dict[str, int] = {}

    for text, bearer, unnumbered in zip(numbers(wrong), wrong.bearer.tolist(), wrong.unnumbered.tolist(), strict=True):
        if text is None or len(text) != 12:
            assert unnumbered
        elif text in own:
            assert bearer == own[text]
        else:
            assert bearer == nobody.setdefault(text, bearer) >= city.persons
    assert len(set(nobody.values())) == len(nobody) > 0
    mates = np.flatnonzero(wrong.wrong["number of another member"])
    assert len(mates)
    assert (city.home[wrong.bearer[mates]] == city.home[mates]).all()


@pytest.mark.parametrize(
    ("fault", "written"),
    [
        ("name without its middle", "Lý Thủy"),
        ("name with a letter lost", "L Thị Mỹ Thủy"),
        ("name with y for i", "Lí Thỵ Mĩ Thủi"),
        ("name with another tone", "Lý Thị Mỷ Thũy"),
        ("name in another order", "Thủy Lý Thị Mỹ"),
        ("name joined", "LýThị Mỹ Thủy"),
    ],
)
def test_a_name_is_written_otherwise(fault: str, written: str) -> None:
    assert WRITTEN[fault]("Lý Thị Mỹ Thủy", 0.0) == written


def test_every_fault_has_a_rate_and_its_source() -> None:
    with RATES.open(encoding="utf-8", newline="") as file:
        assert all(row["source"] and None not in row for row in csv.DictReader(file))
    assert set(NAMES) == set(WRITTEN)
    assert set(NAMES) < set(rates())
    assert all(rate.share > 0 for of_fault in rates().values() for rate in of_fault)


def test_births_never_lie_ahead_and_a_year_alone_is_recorded(city: City) -> None:
    wrong = Faults(city, 30).apply(persons(city), LABOUR, MONTH)
    born = np.array(wrong.columns["birth_date"].cast("int32").to_pylist())

    was_born = city.birth < np.datetime64("2026-05-01", "D").astype(int)
    assert (born[was_born] < np.datetime64("2026-06-01", "D").astype(int)).all()
    moved = np.abs(born - city.birth)[wrong.wrong["birth year off by one"]]
    assert ((moved >= 365) & (moved <= 366)).all()
    assert (wrong.year_only == wrong.wrong["birth year alone"]).all()
    assert wrong.year_only.any()


def test_households_merge_into_one_with_one_head() -> None:
    city = populate(Places.load(), Draws(5), 0.004, merging=0.2)
    mover = np.flatnonzero((city.next_home >= 0) & (city.founded[np.maximum(city.next_home, 0)] == 0))
    last = int(city.leaves[mover].max())
    left = np.setdiff1d(np.unique(city.home[mover]), city.next_home[mover])

    roster = city.roster(np.where(city.sizes(last) > 0, last, -1).astype(np.int32))
    heads = roster.relation == 0
    assert len(left) > 100
    assert city.sizes(last)[left].sum() == 0
    assert (heads == (roster.member_no == 1)).all()
    assert len(np.unique(roster.person)) == len(roster.person) == city.alive(last).sum()


@pytest.mark.parametrize(
    "silent",
    [
        lambda silence, month: silence.of_feed("health_insurance", "cards", month),
        lambda silence, month: silence.of_feed("labour", "poverty_list", month),
        lambda silence, month: bool(silence.of_communes(103, month)[7]),
    ],
)
def test_silence_falls_lasts_and_ends(silent: Callable[[Silence, int], bool]) -> None:
    heard = [silent(Silence(Draws(5), 3), MONTH + later) for later in range(60)]
    never = [silent(Silence(Draws(5), 0), MONTH + later) for later in range(60)]

    spells = "".join("s" if month else "." for month in heard).split(".")
    assert 0 < sum(heard) < 60
    assert max(map(len, spells)) >= 3
    assert not any(never)
