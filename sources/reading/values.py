"""What one cell says, by the kind its contract gives its column.

Each reader takes the text of a non-empty cell and returns the value, or raises `ValueError` when the text could mean
two things or nothing. Not here: empty cells, whole rows, or which column a cell belongs to (`rows`).
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from sources.contracts.code_lists import number_prefixes
from sources.contracts.feeds import Column
from sources.text import fold, tidy

TRUE = {"x", "co", "1", "true", "yes"}
FALSE = {"khong", "0", "false", "no"}

EXCEL_EPOCH, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
YEARS = range(1900, 2101)
# Four digits are a year; day numbers of Excel have five from May 1927 on.
SERIALS = range(10_000, 73_415)
# A year typed into a cell formatted as a day becomes a day of 1905; nobody alive was born then.
YEARS_TAKEN_FOR_DAYS = range(1900, 2101)
# What the columns of the lake can hold; no amount, count or area of the city comes near.
LARGEST_INTEGER, LARGEST_NUMBER = 10**15, Decimal(10**12)

_NUMBER_SEPARATORS = re.compile(r"[\s.\-'’]")
# A day's midnight says nothing.
_MIDNIGHT = r"(?:[T ]0?0:00(?::00(?:\.0+)?)?(?: ?[AaSs][MmAa])?| 12:00(?::00)? ?(?:[AaSs][MmAa]))?"
_DAY_FIRST = re.compile(rf"(\d{{1,2}})[/.\-](\d{{1,2}})[/.\-](\d{{4}}){_MIDNIGHT}")
_ISO = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){_MIDNIGHT}")
_SERIAL = re.compile(r"(\d{4,5})(?:\.0+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_PLAIN = re.compile(r"[+-]?\d+")
_WHOLE_WITH_ZERO_CENTS = re.compile(r"([+-]?\d+)[.,]0{1,2}")
# With both separators there is no doubt which parts the cents.
_GROUPED_WITH_ZERO_CENTS = re.compile(r"([+-]?\d{1,3}(?:\.\d{3})+),0{1,2}|([+-]?\d{1,3}(?:,\d{3})+)\.0{1,2}")
_CURRENCY = re.compile(r"\s*(?:đồng|đ|vnđ|vnd|₫)\.?", re.IGNORECASE)
_GROUPED_DECIMAL = re.compile(r"([+-]?\d{1,3}(?:\.\d{3})+),(\d+)|([+-]?\d{1,3}(?:,\d{3})+)\.(\d+)")
_DECIMAL = re.compile(r"([+-]?\d+)[.,](\d+)")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+?\d{1,2}")
# What a table of numbers makes of an identifier in a column with empty cells.
_WITHOUT_ZERO_CENTS = re.compile(r"^(\d+)\.0$")
# What other programs and hands put around a text instead of quotes.
_PAIRED_QUOTES = {("'", "'"), ("‘", "’"), ("“", "”"), ("«", "»"), ("`", "`")}
_QUOTED_FORMULA = re.compile(r'="([^"]*)"')
_EXCEL_ERROR = re.compile(
    r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|ERROR!|UNCALCULATED!|NO DAY!|#+)|ERR:\d{3}"
)


def plain(cell: str) -> str:
    """A cell without what Excel puts around a number kept as text; `ValueError` for an error of a formula."""
    text = tidy(cell)
    if quoted := _QUOTED_FORMULA.fullmatch(text):
        text = tidy(quoted[1])
    if _EXCEL_ERROR.fullmatch(text.upper()):
        raise ValueError("an error of a formula")
    if len(text) > 1 and (text[0], text[-1]) in _PAIRED_QUOTES:
        return text[1:-1].strip()
    return text.lstrip("'’").strip()


def read_text(cell: str) -> str:
    """Text as it stands. An identifier that a spreadsheet has rounded (9.21E+10) stands for many."""
    text = plain(cell)
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError("a rounded number")
    return _WITHOUT_ZERO_CENTS.sub(r"\1", text)


def read_number_text(cell: str) -> str:
    """A personal number as it stands; one that cannot be used is kept for people to see."""
    return plain(cell)


def read_integer(cell: str) -> int:
    """A whole number; dots or commas may group its thousands."""
    number = _whole(plain(cell).replace(" ", ""))
    if abs(number) > LARGEST_INTEGER:
        raise ValueError("beyond any count")
    return number


def _whole(text: str) -> int:
    if _PLAIN.fullmatch(text):
        return int(text)
    if _GROUPED.fullmatch(text):
        return int(text.replace(".", "").replace(",", ""))
    if whole := _WHOLE_WITH_ZERO_CENTS.fullmatch(text):
        return int(whole[1])
    if whole := _GROUPED_WITH_ZERO_CENTS.fullmatch(text):
        return int((whole[1] or whole[2]).replace(".", "").replace(",", ""))
    raise ValueError("not a whole number")


def read_money(cell: str) -> int:
    """An amount in VND, with or without the unit behind it."""
    text = plain(cell)
    return read_integer(
        next((text[: unit.start()] for unit in _CURRENCY.finditer(text) if unit.end() == len(text)), text)
    )


def says_nothing(cell: str) -> bool:
    """Whether a cell holds the dash that stands for nothing."""
    return not cell[-1:].isalnum() and tidy(cell) in ("-", "–", "—", "--")


def read_number(cell: str) -> Decimal:
    """A decimal number. One separator before exactly three digits could group or part them: refused as ambiguous."""
    text = plain(cell).replace(" ", "")
    if _PLAIN.fullmatch(text):
        return _quantized(text)
    if grouped := _GROUPED_DECIMAL.fullmatch(text):
        whole, fraction = (grouped[1], grouped[2]) if grouped[1] else (grouped[3], grouped[4])
        return _quantized(whole.replace(".", "").replace(",", "") + "." + fraction)
    if _GROUPED.fullmatch(text):
        if text.count(".") + text.count(",") == 1 and not text.lstrip("+-").startswith("0"):
            raise ValueError("thousands or decimals")
        if not text.lstrip("+-").startswith("0"):
            return _quantized(text.replace(".", "").replace(",", ""))
    if parted := _DECIMAL.fullmatch(text):
        return _quantized(f"{parted[1]}.{parted[2]}")
    raise ValueError("not a number")


def _quantized(text: str) -> Decimal:
    try:
        number = Decimal(text).quantize(Decimal("0.0001"))
    except InvalidOperation:
        raise ValueError("not a number") from None
    if abs(number) > LARGEST_NUMBER:
        raise ValueError("beyond any amount")
    return number


def read_boolean(cell: str) -> bool:
    """Yes or no: x, có/không, 1/0, true/false."""
    word = fold(plain(cell))
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError("neither yes nor no")


def _day(year: int, month: int, day: int) -> date:
    if year not in YEARS:
        raise ValueError("year out of range")
    return date(year, month, day)


def day_and_month(cell: str) -> tuple[int, int] | None:
    """The first two numbers of a day written with slashes, dots or dashes, as day and month."""
    parts = _DAY_FIRST.fullmatch(tidy(cell))
    return (int(parts[1]), int(parts[2])) if parts else None


# All days that people were born on are fewer than the rows of a feed.
@lru_cache(maxsize=100_000)
def read_date(cell: str, epoch: date = EXCEL_EPOCH) -> date:
    """A day: dd/mm/yyyy, ISO, or the day number of an Excel cell, counted from `epoch`."""
    text = plain(cell)
    if parts := _DAY_FIRST.fullmatch(text):
        return _day(int(parts[3]), int(parts[2]), int(parts[1]))
    if parts := _ISO.fullmatch(text):
        day = _day(int(parts[1]), int(parts[2]), int(parts[3]))
        if YEARS_TAKEN_FOR_DAYS.start <= (day - epoch).days < YEARS_TAKEN_FOR_DAYS.stop:
            raise ValueError("a year taken for a day")
        return day
    if (serial := _SERIAL.fullmatch(text)) and int(serial[1]) in SERIALS:
        return epoch + timedelta(days=int(serial[1]))
    raise ValueError("not a day")


@lru_cache(maxsize=100_000)
def read_date_or_year(cell: str, epoch: date = EXCEL_EPOCH) -> str:
    """A day as yyyy-mm-dd, a month as yyyy-mm (00/mm/yyyy) or a year alone as yyyy (also 00/00/yyyy)."""
    text = plain(cell)
    if (year := _SERIAL.fullmatch(text)) and int(year[1]) in YEARS:
        return year[1]
    if (parts := _DAY_FIRST.fullmatch(text)) and int(parts[1]) == 0:
        if int(parts[3]) not in YEARS or int(parts[2]) > 12:
            raise ValueError("year out of range")
        return parts[3] if int(parts[2]) == 0 else f"{parts[3]}-{int(parts[2]):02d}"
    return read_date(text, epoch).isoformat()


def word_reader(column: Column, codes: dict[str, str]) -> Callable[[str], str]:
    """Reader of a word for its code; `codes` maps folded words and codes to codes."""

    def read(cell: str) -> str:
        word = fold(plain(cell))
        # What has a digit in it is no word, but a cell that has slipped.
        unlisted = column.unlisted_word if word and not any(map(str.isdigit, word)) else None
        code = codes.get(word, unlisted)
        if code is None:
            raise ValueError("not in the code list")
        return code

    return read


def list_reader(codes: dict[str, str]) -> Callable[[str], str]:
    """Reader of several words or codes separated by semicolons; returns the codes in order, joined by semicolons."""

    def read(cell: str) -> str:
        read_codes = [codes.get(fold(part)) for part in plain(cell).split(";") if part.strip()]
        if None in read_codes:
            raise ValueError("not in the code list")
        return ";".join(sorted({code for code in read_codes if code}))

    return read


def person_number(text: str | None) -> str | None:
    """The 12-digit personal number that a text stands for, or None when it does not stand for one.

    A number starts with a zero, so eleven digits are one whose zero Excel has dropped. Nine digits are an identity card
    of before 2021, which no rule turns into a personal number. One that begins with the code of no province is made up
    to fill the cell (000000000000), and would make one person of all who have it.
    """
    if not text:
        return None
    digits = text if text.isdigit() else _NUMBER_SEPARATORS.sub("", _WITHOUT_ZERO_CENTS.sub(r"\1", text))
    if not (digits.isascii() and digits.isdigit()):
        return None
    number = {12: digits, 11: "0" + digits}.get(len(digits), "")
    return number if number[:3] in number_prefixes() else None


def read_person_number(cell: str) -> str:
    """A usable personal number, where a row is nothing without one."""
    number = person_number(plain(cell))
    if number is None:
        raise ValueError("no personal number")
    return number


READERS: dict[str, Callable[[str], object]] = {
    "text": read_text,
    "integer": read_integer,
    "number": read_number,
    "boolean": read_boolean,
    "date": read_date,
    "date_or_year": read_date_or_year,
    "personal_number": read_number_text,
}
