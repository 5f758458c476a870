"""The code lists shipped with the project: words and codes to codes, and places by date.

Each list is a file of `reference/`; where it comes from stands in that folder's README.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from sources.contracts.feeds import Column
from sources.text import fold

FOLDER = Path(__file__).parents[1] / "reference"
MERGER = date(2025, 7, 1)
CITY = "Thành phố Cần Thơ"
# Prefixes assigned to no province: the numbers of all simulated people begin with them.
SIMULATED_PREFIXES = frozenset({"097", "098", "099"})


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def code_list(name: str) -> dict[str, str]:
    """Codes of a list by code, name and spelling variants, all folded. An ambiguous word is left out."""
    by_spelling: dict[str, set[str]] = {}
    for row in _rows(name):
        spellings = [row["code"], row.get("name_vi", ""), *row.get("variants", "").split("|")]
        for spelling in filter(None, spellings):
            by_spelling.setdefault(fold(spelling), set()).add(row["code"])
    codes = {word: codes.pop() for word, codes in by_spelling.items() if len(codes) == 1}
    # Excel turns the code 05 into the number 5.
    return codes | {code.lstrip("0"): code for code in codes.values() if code.isdigit() and code.lstrip("0")}


@cache
def number_prefixes() -> frozenset[str]:
    """What a personal number can begin with: the code of the province where its holder's birth was registered."""
    return SIMULATED_PREFIXES | {row["cccd_prefix"] for row in _rows("birth_provinces")}


def words(column: Column) -> dict[str, str]:
    """What may stand in a column of words, folded, with the code each stands for."""
    if column.code_list:
        return code_list(column.code_list)
    return {fold(word): code for code, spellings in column.words.items() for word in (code, *spellings)}


@cache
def communes() -> frozenset[str]:
    """Codes of the 103 communes of today."""
    return frozenset(row["code"] for row in _rows("communes"))


def review_calendar(day: date) -> list[dict[str, str]]:
    """The rows on when households are reviewed that hold on a day; no month stands for every month."""
    return [row for row in _rows("review_calendar") if row["valid_from"] <= day.isoformat() <= row["valid_to"]]


@cache
def successors() -> dict[str, tuple[str, bool]]:
    """Communes of before July 2025: code to today's commune, and whether that is the default part of a split."""
    return {
        row["old_code"]: (row["new_code"], row["relation"] == "part")
        for row in _rows("communes_before_2025")
        if row["is_primary"] == "true"
    }


@cache
def unit(code: str, month: date) -> str:
    """Names the unit that a code of its day stood for in `month`: another name where July 2025 gave it another meaning.

    A commune of today that one unit of the same code became, whole and alone, is that unit.
    """
    if month >= MERGER:
        return code
    today = successors().get(code, (code, False))[0]
    became = [row for row in _rows("communes_before_2025") if row["new_code"] == today]
    is_same = today == code and len(became) == 1 and became[0]["relation"] == "whole"
    return code if is_same else f"{code} before the merger"


def place(code: str, month: date) -> tuple[str, str, bool]:
    """Today's commune for a code used in `month`, the unit as it was then, and whether the default was assumed.

    All of today's codes named another unit before the merger, so the month decides what a code means. An older code
    that is still in use after the merger stands for its successor. Raises `ValueError` for a code of neither list.
    """
    if month >= MERGER and code in communes():
        return code, code, False
    if code not in successors():
        raise ValueError("unknown commune")
    today, assumed = successors()[code]
    return today, today if month >= MERGER else code, assumed


def same_boundaries(month: date, other: date) -> bool:
    """Whether the communes of two months are the same units."""
    return (month >= MERGER) == (other >= MERGER)


@cache
def bank_place(code: str, month: date) -> str:
    """The commune that the policy bank's place code stood for in `month`; `ValueError` when it stood for none.

    The bank adds the hamlet behind the six characters of the commune.
    """
    for row in _rows("bank_places"):
        ended = row["valid_to"] and date.fromisoformat(row["valid_to"]) < month
        if row["code"] == code[:6] and date.fromisoformat(row["valid_from"]) <= month and not ended:
            return row["commune_code"]
    raise ValueError("unknown place")


# ----------------------------------------------------------------------------------------------- places by name

_COMMUNE_KINDS = {"phuong": "phuong", "p": "phuong", "xa": "xa", "x": "xa", "thi tran": "thi tran", "tt": "thi tran"}
_DISTRICT_KINDS = {
    "quan": "quan", "q": "quan", "huyen": "huyen", "h": "huyen", "thi xa": "thi xa", "tx": "thi xa",
    "thanh pho": "thanh pho", "tp": "thanh pho", "tinh": "tinh", "t": "tinh",
}  # fmt: skip
_ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}


@dataclass(frozen=True)
class _Unit:
    """A commune that a name can mean: its code, the folded names by which it goes, and where it lay."""

    code: str
    names: frozenset[str]
    kind: str
    district: str
    province: str
    today: bool


def _split_kind(name: str, kinds: dict[str, str]) -> tuple[str, str]:
    """A folded name without the kind of unit before it, with Arabic numbers, and that kind (empty if not said)."""
    words = fold(name).split()
    kind = ""
    for length in (2, 1):
        kind_code = kinds.get(" ".join(words[:length]))
        if kind_code and len(words) > length:
            kind, words = kind_code, words[length:]
            break
    words = [*words[:-1], _ROMAN.get(words[-1], words[-1].lstrip("0") or "0")] if words else words
    return " ".join(words), kind


@cache
def _units() -> tuple[_Unit, ...]:
    """Every commune of today, of before July 2025, and those abolished in the years before."""

    def unit(code: str, names: list[str], district: str, province: str, today: bool) -> _Unit:
        spellings = frozenset(_split_kind(name, _COMMUNE_KINDS)[0] for name in names if name)
        return _Unit(code, spellings, _split_kind(names[0], _COMMUNE_KINDS)[1], district, province, today)

    now = [
        unit(row["code"], [row["name"], row["name_variant_tone"]], "", row["former_province_name"], True)
        for row in _rows("communes")
    ]
    before = [
        unit(
            row["old_code"], [row["old_name"], *row["old_name_variants"].split("|")],
            row["old_district_name"], row["old_province_name"], False,
        )
        for row in _rows("communes_before_2025") if row["is_primary"] == "true"
    ]  # fmt: skip
    provinces = {row["old_province_code"]: row["old_province_name"] for row in _rows("communes_before_2025")}
    gone = [
        unit(
            row["successor_code_2025"], [row["abolished_name"]], row["district_name"],
            provinces[row["province_code"]], False,
        )
        for row in _rows("communes_abolished")
    ]  # fmt: skip
    return (*now, *before, *gone)


def _is_of(given: str, name: str) -> bool:
    """Whether a district or province that a row names is this one; the kind of unit decides only where both say it."""
    (word, kind), (own, own_kind) = _split_kind(given, _DISTRICT_KINDS), _split_kind(name, _DISTRICT_KINDS)
    return word == own and (not kind or kind == own_kind)


@cache
def communes_named(name: str, district: str, province: str, month: date) -> frozenset[tuple[str, str, bool]]:
    """Every place (as `place` gives it) that this name can mean in `month`.

    Names were reused like codes: after the merger a name alone means today's unit and every older one of that name. A
    district tells the older ones apart; today there is none. A kind of unit (ward, commune, town) decides only between
    units of one name, since lists confuse them.
    """
    word, kind = _split_kind(name, _COMMUNE_KINDS)
    candidates = [unit for unit in _units() if word in unit.names and not (unit.today and month < MERGER)]
    # The city has the name of one of the three provinces that it was made of: its name tells nothing.
    if province and not _is_of(province, CITY):
        candidates = [unit for unit in candidates if _is_of(province, unit.province)]
    if district and not _is_of(district, CITY):
        candidates = [unit for unit in candidates if not unit.today and _is_of(district, unit.district)]
    if district and len({unit.code for unit in candidates}) > 1:
        candidates = [unit for unit in candidates if unit.kind == kind] or candidates
    # Sorted, a place that nothing had to be assumed for comes first and stays.
    places = {
        found_place[:2]: found_place for found_place in sorted((_place_of(u, month) for u in candidates), reverse=True)
    }
    return frozenset(places.values())


@cache
def named_today(name: str) -> tuple[bool, bool]:
    """Whether a unit of today has this name, and whether no older one has it."""
    word, _ = _split_kind(name, _COMMUNE_KINDS)
    are_of_today = {unit.today for unit in _units() if word in unit.names}
    return True in are_of_today, are_of_today == {True}


@cache
def today_named(name: str) -> frozenset[tuple[str, str, bool]]:
    """The places, as `place` gives them, that have this name today."""
    word, _ = _split_kind(name, _COMMUNE_KINDS)
    return frozenset((unit.code, unit.code, False) for unit in _units() if unit.today and word in unit.names)


def parts(code: str) -> frozenset[str]:
    """Today's communes that have a part of a commune of before July 2025."""
    return frozenset(row["new_code"] for row in _rows("communes_before_2025") if row["old_code"] == code)


def _place_of(unit: _Unit, month: date) -> tuple[str, str, bool]:
    if unit.today:
        return unit.code, unit.code, False
    today, assumed = successors()[unit.code]
    return today, today if month >= MERGER else unit.code, assumed
