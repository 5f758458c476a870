"""The simulated people: who they are does not depend on what is asked of them."""

import numpy as np
import pytest

from sources.simulator.draws import Draws
from sources.simulator.months import FIRST, LAST
from sources.simulator.places import Places
from sources.simulator.population import City, populate


@pytest.fixture(scope="module")
def city() -> City:
    return populate(Places.load(), Draws(5), 0.004)


def test_personal_numbers_are_unique_and_can_hit_nobody(city: City) -> None:
    text = np.char.zfill(city.number.astype(str), 12)

    assert len(np.unique(city.number)) == city.persons
    assert set(np.char.ljust(text, 3).astype("U3")) <= {"097", "098", "099"}
    assert {len(number) for number in text} == {12}


def test_nobody_lives_in_two_households_in_a_month(city: City) -> None:
    for month in (FIRST, 2026 * 12 + 9, LAST):
        roster = city.roster(np.where(city.sizes(month) > 0, month, -1).astype(np.int32))

        assert len(np.unique(roster.person)) == len(roster.person) == city.alive(month).sum()
        assert roster.heads.sum() == (city.sizes(month) > 0).sum()


def test_a_split_takes_the_child_from_the_old_household_to_the_new(city: City) -> None:
    leaver = np.flatnonzero(city.next_home >= 0)[0]
    month = int(city.leaves[leaver])

    assert city.home_at(month - 1)[leaver] == city.home[leaver]
    assert city.home_at(month)[leaver] == city.next_home[leaver]


def test_before_the_merger_a_household_lives_in_an_old_unit_of_its_commune(city: City) -> None:
    household = np.flatnonzero(city.sizes(2025 * 12) > 0)
    old = city.unit_codes(household, 2025 * 12)
    index = np.array([city.places.old_codes.index(code) for code in old])

    assert (city.places.old_target[index] == city.commune_at(household, 2025 * 12)).all()
