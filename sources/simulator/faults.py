"""What a department has wrong about a person for years: numbers, names, sex, birth, place; and how often.

A fault belongs to a department and a person. It is the same in every file of that department as long as it lasts, and
says nothing about other departments. Rates are rows of `faults.csv`. Not here: slips of a single file (`dirt`), who
sends nothing (`silence`), and what can still be known (`truth`).
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sources.simulator.delivery import Rows
from sources.simulator.layout import Layout
from sources.simulator.months import first_day, month_of_day
from sources.simulator.places import MERGER
from sources.simulator.population import City

RATES = Path(__file__).with_name("faults.csv")
NUMBER_COLUMNS = ("personal_id", "head_personal_id")
NAME_COLUMNS = ("full_name", "member_name", "head_name", "customer_name")
BIRTH_YEAR = "head_birth_year"
CHILD_UNTIL = 14  # years of age at which a card becomes compulsory
YEAR_ALONE_FROM = 50  # years of age from which a list may print the year alone
PREFIX_DIGITS = 3  # kept in every mistyped number, so that none meets a real person
NUMBER_DIGITS = 12

NUMBERS = [
    "number missing", "number of 9 digits", "number with a digit mistyped", "number with two digits exchanged",
    "number of another member", "number of a child missing",
]  # fmt: skip
NAMES = [
    "name without its middle", "name with a letter lost", "name with y for i", "name with another tone",
    "name in another order", "name joined",
]  # fmt: skip
BIRTHS = ["birth year off by one", "birth day and month exchanged", "birth year alone"]


@dataclass(frozen=True)
class Rate:
    """Share of persons (or of spells of silence) that a fault strikes, and for how many months."""

    departments: frozenset[str]
    share: float
    months: int


@cache
def rates() -> dict[str, list[Rate]]:
    """The rows of `faults.csv` by fault."""
    by_fault: dict[str, list[Rate]] = {}
    with RATES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rate = Rate(frozenset(row["departments"].split()), float(row["share"]), int(row["months"] or 0))
            by_fault.setdefault(row["fault"], []).append(rate)
    return by_fault


def _rate_of(fault: str, department: str) -> Rate | None:
    return next((rate for rate in rates()[fault] if rate.departments & {"all", department}), None)


class Faults:
    """Lasting faults of one simulated city; `level` multiplies every share, 0 is a city without them."""

    def __init__(self, city: City, level: float) -> None:
        self.city, self.level = city, level
        self._nobody: dict[int, int] = {}

    @cached_property
    def _by_number(self) -> NDArray[np.int64]:
        return np.argsort(self.city.number, kind="stable")

    def apply(self, rows: Rows, layout: Layout, month: int) -> Rows:
        """The rows with what their department has wrong about each person; at level 0 the rows as they are."""
        if self.level == 0 or not len(rows) or rows.person[0] < 0:
            return rows
        rows = rows.take(np.arange(len(rows)))
        self._numbers(rows, layout, month)
        self._names(rows, layout, month)
        self._births(rows, layout, month)
        if "sex" in rows.columns:
            self._sex(rows, layout, month)
        self._bearers(rows)
        if layout.feed == "cards":
            self._cards(rows, layout, month)
        return rows

    def _struck(self, fault: str, department: str, rows: Rows, month: int) -> tuple[NDArray[np.bool_], NDArray[Any]]:
        """Rows whose person the fault strikes in the month, and the spell that it lasts."""
        rate = _rate_of(fault, department)
        if rate is None:
            return np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=np.int64)
        purpose = f"fault {department} {fault}"
        spell = (month + self.city.draws.whole(f"{purpose} since", rows.person, 0, rate.months - 1)) // rate.months
        return self.city.draws.uniform(purpose, rows.person, key=spell) < rate.share * self.level, spell

    def _first_of(
        self, faults: list[str], layout: Layout, rows: Rows, month: int
    ) -> list[tuple[str, NDArray[np.bool_], NDArray[Any]]]:
        """The faults with the rows they strike, no row twice."""
        free = np.ones(len(rows), dtype=bool)
        choices = []
        for fault in faults:
            struck, spell = self._struck(fault, layout.department, rows, month)
            choices.append((fault, struck & free, spell))
            free &= ~struck
        return choices

    # Numbers

    def _numbers(self, rows: Rows, layout: Layout, month: int) -> None:
        column = next((name for name in NUMBER_COLUMNS if name in rows.columns), None)
        if column is None:
            return
        age = (month - month_of_day(self.city.birth[rows.person])) // 12
        for fault, struck, spell in self._first_of(NUMBERS, layout, rows, month):
            at = np.flatnonzero(struck & (age < CHILD_UNTIL) if fault == "number of a child missing" else struck)
            texts = [
                self._number(fault, layout.department, int(person), int(key))
                for person, key in zip(rows.person[at], spell[at], strict=True)
            ]
            own = [f"{number:012d}" for number in self.city.number[rows.person[at]].tolist()]
            changed = np.array([text != number for text, number in zip(texts, own, strict=True)], dtype=bool)
            at, texts = at[changed], [text for text, change in zip(texts, changed, strict=True) if change]
            if not len(at):
                continue
            usable = np.array([text is not None and len(text) == NUMBER_DIGITS for text in texts])
            rows.unnumbered[at[~usable]] = True
            rows.bearer[at[usable]] = [self._bearer(int(text)) for text in texts if text and len(text) == NUMBER_DIGITS]
            rows.replace(column, at, texts)
            if layout.feed == "cards":
                self._insurance_numbers(rows, at, texts)
            if layout.feed == "vocational_training":
                rows.lost[at[~usable]] = True  # without a number nobody knows who was trained
            rows.note(fault, at)

    def _number(self, fault: str, department: str, person: int, spell: int) -> str | None:
        """The number of a person as the department has it; the person's own where the fault cannot be."""
        number = f"{self.city.number[person]:012d}"
        if fault in ("number missing", "number of a child missing"):
            return None
        if fault == "number of 9 digits":
            return number[PREFIX_DIGITS:]
        if fault == "number of another member":
            mate = self._mate(person)
            return f"{self.city.number[mate]:012d}"
        place = int(self.city.draws.whole(f"{department} digit", person, PREFIX_DIGITS, NUMBER_DIGITS - 2, key=spell))
        if fault == "number with two digits exchanged":
            return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        step = int(self.city.draws.whole(f"{department} wrong digit", person, 1, 9, key=spell))
        return number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]

    def _mate(self, person: int) -> int:
        """Somebody of the same household; the person itself where there is nobody else."""
        home = self.city.home
        beside = (mate for mate in (person + 1, person - 1) if 0 <= mate < len(home))
        return next((mate for mate in beside if home[mate] == home[person]), person)

    def _bearer(self, number: int) -> int:
        """Whom a number belongs to: a person, or somebody beyond them all whom only this number means."""
        place = np.searchsorted(self.city.number, number, sorter=self._by_number)
        if place < len(self._by_number) and self.city.number[self._by_number[place]] == number:
            return int(self._by_number[place])
        return self._nobody.setdefault(number, self.city.persons + len(self._nobody))

    def _bearers(self, rows: Rows) -> None:
        """Whose a number is that stands on several rows: theirs whose sex and year of birth it tells, nobody's else."""
        if "birth_date" not in rows.columns:
            return
        somebody = np.flatnonzero(~rows.unnumbered & (rows.bearer < self.city.persons))
        bearer = rows.bearer[somebody]
        tells = self.city.number[bearer] // 10**6
        born = 1900 + tells // 100 % 10 // 2 * 100 + tells % 100
        stated = pc.cast(rows.columns["birth_date"], pa.int32()).to_numpy(zero_copy_only=False)[somebody]
        true = month_of_day(stated.astype(np.int64)) // 12 == born
        if "sex" in rows.columns:
            is_female = pc.is_in(rows.columns["sex"], pa.array(["female", "0"])).to_numpy(zero_copy_only=False)
            true &= is_female[somebody] == (tells // 100 % 2 == 1)
        rows.unnumbered[somebody[~true & np.isin(bearer, bearer[true])]] = True

    def _insurance_numbers(self, rows: Rows, at: NDArray[np.int64], texts: list[str | None]) -> None:
        """Where the personal number stands as insurance number too, the fault does as well."""
        as_before = pc.utf8_length(rows.columns["insurance_number"]).to_numpy(zero_copy_only=False) == NUMBER_DIGITS
        cards = rows.columns["card_number"].take(pa.array(at)).to_pylist()
        social = [
            text if text and len(text) == NUMBER_DIGITS else card[-10:] for text, card in zip(texts, cards, strict=True)
        ]
        twice = as_before[at]
        rows.replace("insurance_number", at[twice], [text for text, both in zip(social, twice, strict=True) if both])

    # Names, sex, birth

    def _names(self, rows: Rows, layout: Layout, month: int) -> None:
        columns = [name for name in NAME_COLUMNS if name in rows.columns]
        for fault, struck, spell in self._first_of(NAMES, layout, rows, month):
            at = np.flatnonzero(struck)
            if not len(at):
                continue
            place = self.city.draws.uniform(f"{layout.department} letter", rows.person[at], key=spell[at])
            changed = np.zeros(len(at), dtype=bool)
            for column in columns:
                names = rows.columns[column].take(pa.array(at)).to_pylist()
                texts = [
                    None if name is None else WRITTEN[fault](name, drawn)
                    for name, drawn in zip(names, place.tolist(), strict=True)
                ]
                rows.replace(column, at, texts)
                changed |= np.array([text != name for text, name in zip(texts, names, strict=True)])
            rows.note(fault, at[changed])

    def _sex(self, rows: Rows, layout: Layout, month: int) -> None:
        at = np.flatnonzero(self._struck("sex", layout.department, rows, month)[0])
        other = {"male": "female", "female": "male", "0": "1", "1": "0"}
        rows.replace("sex", at, [other[sex] for sex in rows.columns["sex"].take(pa.array(at)).to_pylist()])
        rows.note("sex", at)

    def _births(self, rows: Rows, layout: Layout, month: int) -> None:
        if "birth_date" not in rows.columns and BIRTH_YEAR not in rows.columns:
            return
        born = self.city.birth[rows.person].astype(np.int64)
        age = (month - month_of_day(born)) // 12
        for fault, struck, spell in self._first_of(BIRTHS, layout, rows, month):
            if fault == "birth year alone":
                alone = struck & (age >= YEAR_ALONE_FROM) & ("birth_date" in rows.columns)
                rows.say("birth_date", alone, (month_of_day(born) // 12).astype(str).astype(object))
                rows.year_only |= alone
                rows.note(fault, np.flatnonzero(alone))
                continue
            if fault == "birth year off by one":
                later = self.city.draws.uniform(f"{layout.department} year later", rows.person, key=spell) < 0.5
                moved = _moved_birth(born, np.where(later & (age > 1), 12, -12))
            else:
                moved = _exchanged_birth(born)
            at = np.flatnonzero(struck & (moved != born) & (moved <= int(first_day(month))))
            if "birth_date" in rows.columns:
                rows.replace("birth_date", at, moved[at].astype(np.int32))
            else:
                years = month_of_day(moved[at]) // 12
                at, years = at[years != month_of_day(born[at]) // 12], years[years != month_of_day(born[at]) // 12]
                rows.replace(BIRTH_YEAR, at, years)
            rows.note(fault, at)

    # Cards

    def _cards(self, rows: Rows, layout: Layout, month: int) -> None:
        """Another insurance number, and with it another card; a commune where the holder does not live."""
        struck, spell = self._struck("insurance number reassigned", layout.department, rows, month)
        at = np.flatnonzero(struck)
        drawn = self.city.draws.whole("reassigned", rows.person[at], 0, 99_999_999, key=spell[at])
        social = [f"91{number:08d}" for number in drawn.tolist()]
        for column in ("card_number", "insurance_number"):
            texts = rows.columns[column].take(pa.array(at)).to_pylist()
            keeps = column == "insurance_number"
            rows.replace(
                column,
                at,
                [
                    text if keeps and len(text) == NUMBER_DIGITS else text[:-10] + own
                    for text, own in zip(texts, social, strict=True)
                ],
            )
        rows.note("insurance number reassigned", at)

        struck, spell = self._struck("commune of another place", layout.department, rows, month)
        places = self.city.places
        elsewhere = self.city.draws.whole("commune elsewhere", rows.person, 0, len(places.codes) - 1, key=spell)
        at = np.flatnonzero(struck & (elsewhere != rows.commune))
        rows.commune[at] = elsewhere[at]
        codes = np.array(
            places.codes if month >= MERGER else [places.old_codes[units[0]] for units in places.old_of], dtype=object
        )
        rows.replace("commune_code", at, codes[elsewhere[at]].tolist())
        rows.note("commune of another place", at)


def _moved_birth(born: NDArray[np.int64], months: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same day of the month, that many months away; the last of a shorter month."""
    month = month_of_day(born)
    day = born - first_day(month)
    there = month + months
    return np.minimum(first_day(there) + day, first_day(there + 1) - 1).astype(np.int64)


def _exchanged_birth(born: NDArray[np.int64]) -> NDArray[np.int64]:
    """Day and month exchanged, where the day can be a month."""
    month = month_of_day(born)
    day = born - first_day(month) + 1
    there = first_day(month // 12 * 12 + np.minimum(day, 12) - 1) + month % 12
    return np.where(day <= 12, there, born).astype(np.int64)


def _without_middle(name: str, _: float) -> str:
    words = name.split(" ")
    return f"{words[0]} {words[-1]}"


def _letter_lost(name: str, place: float) -> str:
    inner = [at for at in range(1, len(name)) if name[at - 1] != " " and name[at] != " "]
    at = inner[int(place * len(inner))]
    return name[:at] + name[at + 1 :]


_Y_FOR_I = str.maketrans("yýỳỷỹỵiíìỉĩị", "iíìỉĩịyýỳỷỹỵ")
_HOOK_FOR_TILDE = str.maketrans("ảẩẳẻểỉỏổởủửỷãẫẵẽễĩõỗỡũữỹ", "ãẫẵẽễĩõỗỡũữỹảẩẳẻểỉỏổởủửỷ")


def _y_for_i(name: str, _: float) -> str:
    return " ".join(word[:-1] + word[-1].translate(_Y_FOR_I) for word in name.split(" "))


def _another_tone(name: str, _: float) -> str:
    return name.translate(_HOOK_FOR_TILDE)


def _another_order(name: str, _: float) -> str:
    words = name.split(" ")
    return " ".join([words[-1], *words[:-1]])


def _joined(name: str, place: float) -> str:
    words = name.split(" ")
    at = int(place * (len(words) - 1))
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


WRITTEN: dict[str, Callable[[str, float], str]] = {
    "name without its middle": _without_middle,
    "name with a letter lost": _letter_lost,
    "name with y for i": _y_for_i,
    "name with another tone": _another_tone,
    "name in another order": _another_order,
    "name joined": _joined,
}
