"""Lines around the rows of a flat table that are no rows: totals, place and date, signatures, notes, page titles.

Only how such a line is told from a row that is broken. A line is left out when it says itself what it is and has next
to nothing of a row; below the last row of the table so are the names that stand under a line of signatures.
"""

import re
from collections.abc import Mapping, Sequence

from sources.reading.encoding import MISREADINGS
from sources.text import fold, tidy

# Lines at the end of a table that may be totals, however many of their cells are filled.
LAST_LINES = 40
# A line of signatures has a cell for each who signs.
SIGNATURES = 4
# What the first cell that is filled says of a total. With its signs, since Tống Công is a name.
_TOTAL = re.compile(
    r"(?:tổng cộng|tổng số|tổng|cộng trang|cộng|lũy kế|luỹ kế|tong cong|tong so|cong trang)"
    r"(?: (?:toàn \w+|số|hộ|người|nhân khẩu|khẩu|xã|phường|thẻ|món|hồ sơ|học viên|trang|này|là|\d+))*"
)
_OPENINGS = (
    "ghi chu", "chu thich", "danh sach nay", "nguoi lap", "nguoi tong hop", "nguoi kiem tra",
    "can bo tong hop", "can bo lap", "ke toan", "thu truong", "chu tich", "pho chu tich", "tm uy ban", "tm ubnd",
    "kt chu tich", "giam doc", "pho giam doc", "truong phong", "truong ban", "ky ten", "ky ghi ro", "xac nhan cua",
    "noi nhan", "dai dien", "so tien bang chu", "bang chu", "total", "note",
)  # fmt: skip
_OPENING = re.compile(rf"(?:{'|'.join(_OPENINGS)})\b")
_DATE = r"ngay(?: \d{1,2})? thang(?: \d{1,2})? nam(?: \d{2,4})?"
# A day alone may be a birth date of a broken row.
_PLACE_AND_DATE, _DATE_ALONE = re.compile(rf"[a-z][a-z0-9 ]* {_DATE}"), re.compile(_DATE)
_PAGE = re.compile(r"(?:trang|page)(?: so)? \d+(?: (?:tren |of )?\d+)?")
_PUNCTUATION = re.compile(r"[\W_]+")


def _readings(cell: str) -> list[str]:
    """The cell as it stands, and as it would be with its letters mended."""
    return [cell] if cell.isascii() else [cell, *(read(cell) for read in MISREADINGS.values())]


def is_total(cells: Sequence[str]) -> bool:
    """Whether a line is a total: the first of its cells that is filled says so."""
    first = next((cell for cell in cells if cell.strip()), "")
    words = (_PUNCTUATION.sub(" ", tidy(reading).casefold()).strip() for reading in _readings(first))
    return any(_TOTAL.fullmatch(reading) for reading in words)


def speaks_of_the_table(cells: Sequence[str]) -> bool:
    """Whether a line says that it is a total, a signature, a note, place and date, or a page's title."""
    filled = [cell for cell in cells if cell.strip()]
    return is_total(cells) or any(_says_so(reading, len(filled) == 1) for cell in filled for reading in _readings(cell))


def _says_so(cell: str, alone: bool) -> bool:
    folded = fold(cell)
    return bool(
        _OPENING.match(folded)
        or tidy(cell).casefold().startswith("lưu ý:")
        or _PLACE_AND_DATE.fullmatch(folded)
        or (alone and _DATE_ALONE.fullmatch(folded))
        or _PAGE.fullmatch(folded)
    )


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
                below = below or at >= last_row
        elif speaks_of_the_table(cells):
            left_out.append(at)
            below = below or at >= last_row
        elif below and at > last_row and filled <= SIGNATURES:
            left_out.append(at)
    return left_out
