"""What is true of single people: schooling, work, health, internet, at any month.

Here belong the traits behind the member questions of the review form. Insurance is `cards`, the household's part is
`answers`. Flags are 0 or 1; levels are indexes into LEVELS or SCHOOLS.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sources.simulator.months import month_of_day
from sources.simulator.population import City
from sources.simulator.welfare import Welfare

LEVELS = ["none", "primary", "lower_secondary", "upper_secondary", "vocational", "tertiary"]
SCHOOLS = ["preschool", "primary", "lower_secondary", "upper_secondary", "vocational", "tertiary"]
# Schooling age (on 31 December of the school year's start) at which people leave, by the level they reach.
LEAVES_AT = np.array([9, 11, 16, 18, 20, 22])
COMPLETES_AT = np.array([0, 11, 15, 18, 20, 22])
SPELL = 60  # months after which work and attendance may change


@dataclass(frozen=True)
class Traits:
    """Traits of the people asked for, one entry each."""

    age: NDArray[np.int64]
    can_work: NDArray[np.bool_]
    wants_work: NDArray[np.bool_]
    employed: NDArray[np.bool_]
    wage_employed: NDArray[np.bool_]
    has_contract: NDArray[np.bool_]
    attending: NDArray[np.bool_]
    school: NDArray[np.int64]  # -1 when not attending
    education: NDArray[np.int64]
    employer_certificate: NDArray[np.bool_]
    stunted: NDArray[np.bool_]
    underweight: NDArray[np.bool_]
    internet: NDArray[np.bool_]
    digital: NDArray[np.bool_]
    allowance: NDArray[np.bool_]
    disabled: NDArray[np.bool_]


def ages(city: City, person: NDArray[np.int64], month: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """Completed years at the end of the month."""
    return (np.asarray(month) - month_of_day(city.birth[person])) // 12


def reached_level(
    city: City, person: NDArray[np.int64], hardship: NDArray[np.float32], birth_year: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Level of schooling a person reaches in the end: an index into LEVELS."""
    promise = 0.85 * city.draws.normal("schooling", person) - 0.6 * hardship
    younger = np.clip((birth_year - 1955) / 45, 0, 1)  # schooling grew from one generation to the next
    edges = np.stack(
        [-2.3 - 0 * younger, -0.6 - 1.0 * younger, 0.6 - 1.35 * younger, 1.1 - 0.9 * younger, 1.5 - 0.9 * younger]
    )
    return (promise > edges).sum(axis=0)


def traits(
    city: City,
    welfare: Welfare,
    person: NDArray[np.int64],
    household: NDArray[np.int64],
    month: NDArray[np.int64] | int,
) -> Traits:
    """Traits of people living in `household` at the end of the month."""
    draws = city.draws
    month = np.asarray(month)
    age = ages(city, person, month)
    hardship = welfare.hardship[household]
    birth_year = month_of_day(city.birth[person]) // 12
    school_year = np.where(month % 12 >= 8, month // 12, month // 12 - 1)
    schooling_age = school_year - birth_year
    spell = (month + draws.whole("spell", person, 0, SPELL - 1)) // SPELL

    level = reached_level(city, person, hardship, birth_year)
    to_preschool = hardship + draws.normal("preschool", person) < 1.75
    attending = np.where(schooling_age < 6, (schooling_age >= 3) & to_preschool, schooling_age < LEAVES_AT[level])
    attending &= age >= 2
    repeats = draws.uniform("repeats", person) < 0.015 + 0.03 * (hardship > 1.5)
    class_age = schooling_age - repeats
    step = np.searchsorted(np.array([6, 11, 15, 18]), class_age, side="right")
    school = np.where(step < 4, step, np.where(level == 5, 5, 4))
    completed = (schooling_age[:, None] >= COMPLETES_AT[None, :]) & (np.arange(6)[None, :] <= level[:, None])
    education = np.where(completed, np.arange(6)[None, :], 0).max(axis=1)
    # A graduate of a university has passed no vocational school, and the other way round.
    education = np.where((education == 4) & (level == 5), 3, education)

    disabled = draws.uniform("disabled", person) < 0.022 + 0.02 * (hardship > 1.5) + 0.05 * (age >= 70)
    retired_at = np.where(city.is_male[person], 61, 57)
    can_work = (age >= 15) & (age < 75) & ~(disabled & (draws.uniform("unable", person) < 0.7))
    wants_work = can_work & ~attending & ((age < retired_at) | (draws.uniform("works on", person) < 0.4))
    idle = hardship + 1.1 * draws.normal("idle", person, key=spell) > 3.0
    employed = wants_work & ~idle
    wage = employed & (draws.uniform("wage", person) < 0.42)
    informal = hardship + 1.3 * draws.normal("informal", person, key=spell) > 1.9
    return Traits(
        age=age,
        can_work=can_work,
        wants_work=wants_work,
        employed=employed,
        wage_employed=wage,
        has_contract=wage & ~informal,
        attending=attending,
        school=np.where(attending, school, -1),
        education=education,
        employer_certificate=(age >= 18) & wage & (draws.uniform("employer training", person) < 0.12),
        stunted=(age < 16) & (hardship + 1.2 * draws.normal("stunted", person) > 2.3),
        underweight=(age < 16) & (hardship + 1.2 * draws.normal("underweight", person) > 2.6),
        internet=(age >= 6)
        & (
            0.7 * hardship + draws.normal("internet", person) < np.select([age < 16, age < 60], [1.0, 2.2], default=0.3)
        ),
        digital=(age >= 15) & (0.7 * hardship + draws.normal("digital", person) < np.where(age < 60, 0.8, -0.8)),
        allowance=(age >= 80)
        | (disabled & (draws.uniform("allowance", person) < 0.8))
        | ((age >= 60) & (hardship > 2.2)),
        disabled=disabled,
    )
