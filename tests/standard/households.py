"""The words in which a case tells of a household: its people, its form, their cards and its new house.

What is not said is unremarkable: one man of 40 with a contract, insured and online, in a durable house of enough room.
A word is a column of a feed, so `None` is an empty cell. No expectation and no SQL in here.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

MONTH = "2026-10"
Said = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """`age` at month end in words (`14y11m`), or `born` as a month (`2011-10`) or a year alone (`2011`)."""

    age: str
    born: str
    said: Said
    cards: tuple[Said, ...]

    def birth(self, month: str) -> tuple[int, date | None]:
        """Year and month of birth as the feed has them; None for the month of a year alone."""
        if self.born:
            year, _, of_year = self.born.partition("-")
            return int(year), date(int(year), int(of_year), 1) if of_year else None
        years, _, months = self.age.removesuffix("m").partition("y")
        index = _index(month) - 12 * int(years) - int(months or 0)
        return index // 12, date(index // 12, index % 12 + 1, 1)


def person(age: str = "40y", born: str = "", cards: tuple[Said, ...] = (), **said: Any) -> Person:
    """A member of a household; `said` are columns of the form."""
    unremarkable: Said = {
        "sex": "male",
        "relation": "head",
        "delivery_id": "m",
        "ethnicity_code": "01",
        "person_number_usable": True,
        "is_known_by_name": False,
        "can_work": True,
        "wants_work": True,
        "employed": True,
        "wage_employed": True,
        "has_labour_contract": True,
        "attending_school": False,
        "school_level": None,
        "education_level": "upper_secondary",
        "employer_training_certificate": False,
        "stunted": False,
        "underweight": False,
        "health_insured": True,
        "uses_internet": True,
        "uses_digital_service": True,
        "monthly_social_allowance": False,
        "is_disabled": False,
    }
    _are_words(said, unremarkable)
    return Person(age, born, unremarkable | said, cards)


def card(register: str, valid_from: str, valid_to: str | None, group: str | None = None, number: str = "") -> Said:
    """A card of the register of that month; two registers speak of one card when they give it one `number`."""
    validity = {"valid_from": _day(valid_from), "valid_to": _day(valid_to)}
    return {"register": register, "beneficiary_group": group, "card_key": number, **validity}


def broken_card(register: str) -> Said:
    """A row of the register of that month that was set apart."""
    return {"register": register}


def completed(day: str | None, case: str = "a", sent: str = MONTH, **said: Any) -> Said:
    """The housing case of the household's first person, as it stood in the month in which it was sent."""
    unremarkable: Said = {
        "status": "completed",
        "funding_source": "central",
        "frame_wall_durable": True,
        "roof_durable": True,
        "floor_area_m2": "100",
    }
    _are_words(said, unremarkable)
    case_row: Said = unremarkable | said | {"completed_on": _day(day), "case_code": case, "sent": sent}
    return case_row | {"floor_area_m2": _area(case_row["floor_area_m2"])}


@dataclass(frozen=True)
class Household:
    """A household in `month`; without a `form` it stands on the list alone."""

    month: str
    people: tuple[Person, ...]
    houses: tuple[Said, ...]
    form: Said | None
    listed: Said | None
    escaped: Said | None
    known_since: str = ""


def household(*people: Person, month: str = MONTH, **form: Any) -> Household:
    """A household. `form` are columns of its review; besides, `size` is what the form counts, `on_file` whether its
    members were sent, `house` and `houses` its housing cases, `listed` its row of the list, `escaped` its escape,
    `known_since` the month from which its registration knows the numbers of its people.
    """
    of = people or (person(),)
    of = of if form.pop("on_file", True) else ()
    houses = form.pop("houses", None) or tuple(one for one in [form.pop("house", None)] if one)
    listed, escaped = form.pop("listed", None), form.pop("escaped", None)
    known_since = form.pop("known_since", "")
    size = form.pop("size", len(people) or 1)
    unremarkable: Said = {
        "area_type": "rural",
        "commune_code_then": "31120",
        "household_size": size,
        "reviewed_on": f"{month}-01",
        "income_per_capita_vnd": 9_000_000,
        "score_a": None,
        "wall_durable": True,
        "column_durable": True,
        "roof_durable": True,
        "floor_area_m2": str(20 * size),
        "water_source": "tap",
        "toilet_type": "septic",
        "waste_disposal": "collected",
        "has_shared_device": True,
        "has_personal_device": True,
    }
    _are_words(form, unremarkable)
    told: Said = unremarkable | form
    told |= {"reviewed_on": _day(told["reviewed_on"]), "floor_area_m2": _area(told["floor_area_m2"])}
    return Household(month, of, houses, told, listed, escaped, known_since)


def listed_alone(**listed: Any) -> Household:
    """A household on the list of which no review is in force."""
    return Household(MONTH, (), (), None, listed, None)


def _are_words(said: Said, unremarkable: Said) -> None:
    unknown = sorted(said.keys() - unremarkable.keys())
    assert not unknown, f"{unknown} have no unremarkable answer. Write one in tests/standard/households.py."


def _index(month: str) -> int:
    year, of_year = month.split("-")
    return 12 * int(year) + int(of_year) - 1


def _day(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None


def _area(area: str | None) -> Decimal | None:
    return Decimal(area) if area else None
