"""The code lists shipped with the project: words and codes to codes, and places by date.

Each list is a file of `reference/`; where it comes from stands in that folder's README.
"""

import csv
from datetime import date
from functools import cache
from pathlib import Path

from sources.contract import Column
from sources.text import fold

FOLDER = Path(__file__).parent / "reference"
MERGER = date(2025, 7, 1)


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def code_list(name: str) -> dict[str, str]:
    """Codes of a list by code, name and spelling variants, all folded. An ambiguous word is left out."""
    found: dict[str, set[str]] = {}
    for row in _rows(name):
        spellings = [row["code"], row.get("name_vi", ""), *row.get("variants", "").split("|")]
        for spelling in filter(None, spellings):
            found.setdefault(fold(spelling), set()).add(row["code"])
    codes = {word: codes.pop() for word, codes in found.items() if len(codes) == 1}
    # Excel turns the code 05 into the number 5.
    return codes | {code.lstrip("0"): code for code in codes.values() if code.isdigit() and code.lstrip("0")}


def words(column: Column) -> dict[str, str]:
    """What may stand in a column of words, folded, with the code each stands for."""
    if column.code_list:
        return code_list(column.code_list)
    return {fold(word): code for code, spellings in column.words.items() for word in (code, *spellings)}


@cache
def communes() -> frozenset[str]:
    """Codes of the 103 communes of today."""
    return frozenset(row["code"] for row in _rows("communes"))


@cache
def successors() -> dict[str, tuple[str, bool]]:
    """Communes of before July 2025: code to today's commune, and whether that is the default part of a split."""
    return {
        row["old_code"]: (row["new_code"], row["relation"] == "part")
        for row in _rows("communes_before_2025")
        if row["is_primary"] == "true"
    }


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


@cache
def bank_place(code: str, month: date) -> str:
    """The commune that the policy bank's place code stood for in `month`; `ValueError` when it stood for none."""
    for row in _rows("bank_places"):
        ended = row["valid_to"] and date.fromisoformat(row["valid_to"]) < month
        if row["code"] == code and date.fromisoformat(row["valid_from"]) <= month and not ended:
            return row["commune_code"]
    raise ValueError("unknown place")
