"""Lines around the rows of a flat table that are no rows: totals, place and date, signatures, notes, page titles.

Only how such a line is told from a row that is broken. A line is left out when it says itself what it is and has next
to nothing of a row; below the last row of the table so are the names that stand under a line of signatures.
"""

import re
from collections.abc import Mapping, Sequence

from sources.encoding import MISREADINGS
from sources.text import fold

# Lines at the end of a table that may be totals, however many of their cells are filled.
LAST_LINES = 40
# A line of signatures has a cell for each who signs.
SIGNATURES = 4
# What a total begins with in the first cell that is filled: no code, name or number of a row does.
_TOTAL = re.compile(
    r"(?:tong|tong cong|tong so|cong|cong trang|luy ke)(?: (?:cong|so|toan \w+|\d+|ho|nguoi|xa|phuong))*"
)
_OPENINGS = (
    "ghi chu", "luu y", "chu thich", "danh sach nay", "nguoi lap", "nguoi tong hop", "nguoi kiem tra",
    "can bo tong hop", "can bo lap", "ke toan", "thu truong", "chu tich", "pho chu tich", "tm uy ban", "tm ubnd",
    "kt chu tich", "giam doc", "pho giam doc", "truong phong", "truong ban", "ky ten", "ky ghi ro", "xac nhan cua",
    "noi nhan", "dai dien", "so tien bang chu", "bang chu", "total", "note",
)  # fmt: skip
_OPENING = re.compile(rf"(?:{'|'.join(_OPENINGS)})\b")
_PLACE_AND_DATE = re.compile(r"\bngay(?: \d{1,2})? thang(?: \d{1,2})? nam(?: \d{2,4})?$")
_PAGE = re.compile(r"(?:trang|page)(?: so)? \d+(?: (?:tren |of )?\d+)?")


def _readings(cell: str) -> list[str]:
    readings = [cell] if cell.isascii() else [cell, *(read(cell) for read in MISREADINGS.values())]
    return [fold(reading) for reading in readings]


def is_total(cells: Sequence[str]) -> bool:
    """Whether a line is a total: the first of its cells that is filled says so."""
    first = next((cell for cell in cells if cell.strip()), "")
    return any(_TOTAL.fullmatch(reading) for reading in _readings(first))


def speaks_of_the_table(cells: Sequence[str]) -> bool:
    """Whether a line says that it is a total, a signature, a note, place and date, or a page's title."""
    if is_total(cells):
        return True
    return any(
        _OPENING.match(reading) or _PLACE_AND_DATE.search(reading) or _PAGE.fullmatch(reading)
        for cell in cells if cell.strip() for reading in _readings(cell)
    )  # fmt: skip


def lines_left_out(doubtful: Mapping[int, Sequence[str]], sparse: set[int], last_row: int) -> list[int]:
    """Which of the `doubtful` lines, by index, are none of the table.

    `sparse` lines have less than half of what a row must have; `last_row` is the last that has more. Others are left
    out as totals alone.
    """
    left_out, below = [], False
    for at, cells in sorted(doubtful.items()):
        filled = sum(bool(cell.strip()) for cell in cells)
        if at not in sparse:
            if is_total(cells):
                left_out.append(at)
                below = below or at > last_row
        elif speaks_of_the_table(cells):
            left_out.append(at)
            below = below or at > last_row
        elif below and at > last_row and filled <= SIGNATURES:
            left_out.append(at)
    return left_out
