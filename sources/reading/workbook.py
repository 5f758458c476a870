"""Excel workbooks as rows of text, opened without trusting them.

No formula is run and no link followed: a cell is what was last calculated. What a workbook unpacks to is measured
before anything is held in memory. Calamine reads the values; which cells have none, though they are not empty, is read
from the XML itself, by a parser, since every program spells it in its own way. Not here: which row is a header, or what
a column means (`table`).
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from xml.parsers import expat

import numpy as np
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from sources.reading.delivery import Delivery

# A month of every loan of the city with all 130 columns of the bank's export unpacks to 1.9 GB.
UNPACKED_BYTES = 2 * 1024**3
# The reader lays a sheet out as a full grid of 32 bytes a cell, however few of its cells are filled.
GRID_CELLS = 50_000_000
PARTS, COLUMNS = 10_000, 16_384
CHUNK = 4 * 1024**2
# Rows of one merged range that are looked at: a larger one is drawn, not meant.
COVERED_ROWS = 10_000
# Above this a spreadsheet has rounded the number: it keeps 15 digits.
EXACT = 10**15
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Texts that stand for cells without a value; `values` reads them as nothing.
ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
ERROR, UNCALCULATED = "#ERROR!", "#UNCALCULATED!"

# Of a row or a cell, however it is written: the reader believes any of them.
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]*)(\d*)""")
# What may stand before it; none of these signs is above the space.
_GAPS, _SPACE = np.frombuffer(b" \t\n\r\f\v", np.uint8), ord(" ")
# Letters and digits of a reference that a spreadsheet has room for.
COLUMN_LETTERS, ROW_DIGITS = 3, 7
_CELL_REFERENCE = re.compile(r"\s*([A-Za-z]{1,3})(\d{1,7})\s*")
# What a sheet holds that has a formula or an error, in any spelling: only such a sheet is parsed. A value of an
# attribute may be written with references to letters.
_WORTH_PARSING = re.compile(rb"""[<:]f[\s/>]|\st\s*=\s*["'](?:e|[^"'<>]*&)""")
# One of these is in whatever the pattern finds, and looking for them takes a fraction of its time.
_MARKS = (b"<f", b":f", b'"e', b"'e", b"&", b"\0")
WORKBOOK = "xl/workbook.xml"
# Sheets and relations of a workbook are a few kilobytes; the reader holds these parts whole.
DIRECTORY_BYTES = 16 * 1024**2


def cell_text(value: Any) -> str:
    """A typed cell as the text that `values` reads back without doubt."""
    write = _COMMON.get(type(value), _other_text)
    return write(value)


def _number_text(value: Any) -> str:
    if abs(value) >= EXACT:
        # Its last digits are not those that were typed: no reader may take it for a number.
        return f"{value:E}"
    # Four decimals are never mistaken for grouped thousands.
    return str(int(value)) if value.is_integer() else f"{value:.4f}"


def _other_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return _number_text(value)
        case Decimal():
            return f"{value:.4f}"
        case datetime():
            return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return value.decode()
        case list() | dict():
            raise ValueError("a cell within a cell")
        case _:
            return str(value)


# The cells of workbooks are of these types, but for a few.
_COMMON: dict[type, Callable[[Any], str]] = {str: str, float: _number_text, date: date.isoformat}


@dataclass(frozen=True)
class _Directory:
    """What `xl/workbook.xml` and its relations say: the part of each sheet, by name, and how numbers are meant.

    Where `calculates_on_load`, zero is what the writer put where no value was calculated. Where `from_1904`, days are
    counted from the first of January 1904.
    """

    parts: dict[str, str]
    calculates_on_load: bool
    from_1904: bool


class Workbook:
    """A workbook of a delivery. `visible` and `hidden` are names of sheets, in their order.

    `from_1904` says that a day written as a plain number counts from 1904.
    """

    def __init__(self, delivery: Delivery) -> None:
        """Open it; `BrokenPromise` when it is locked, damaged or too large."""
        self._delivery = delivery
        with delivery.path.open("rb") as file:
            locked_or_old = file.read(8) == OLE2
        self._faults: dict[str, dict[int, dict[int, str]]] = {}
        self.from_1904 = False
        if not locked_or_old:
            self._faults, self.from_1904 = _faulty_cells(delivery)
        try:
            self._book = CalamineWorkbook.from_path(str(delivery.path))
        except PasswordError:
            raise delivery.feed.broken(delivery.file, "the file", "locked") from None
        except (CalamineError, zipfile.BadZipFile, OSError):
            raise delivery.feed.broken(delivery.file, "the file", "no_workbook") from None
        if locked_or_old:
            raise delivery.feed.broken(delivery.file, "the file", "no_workbook")
        self._read: CalamineSheet | None = None
        metadata = [sheet for sheet in self._book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        sheets = [(sheet.name, sheet.visible == SheetVisibleEnum.Visible) for sheet in metadata]
        self.visible = [name for name, visible in sheets if visible]
        self.hidden = [name for name, visible in sheets if not visible]
        # A sheet whose cells nobody has looked at may hold errors that read as empty.
        if not set(self.visible) <= set(self._faults) or len({name for name, _ in sheets}) < len(sheets):
            raise delivery.feed.broken(delivery.file, "the file", "no_workbook")

    def rows(self, name: str, fill_down: bool = False) -> Iterator[list[str]]:
        """All rows of a sheet as text, from cell A1 on, each at least as long as the sheet is wide.

        `fill_down` repeats the text of a cell merged over several rows in each of them.
        """
        try:
            sheet = self._sheet(name)
            before = [""] * (sheet.start or (0, 0))[1]
            faults, held = self._faults[name], {}
            for (top, left), (bottom, right) in (sheet.merged_cell_ranges or []) if fill_down else []:
                if left == right:
                    held.setdefault(top, {})[left] = bottom
            filling: dict[int, tuple[int, str]] = {}
            last = -1
            width = len(before) + sheet.width
            for number, cells in enumerate(sheet.iter_rows()):
                row = [*before, *map(cell_text, cells)]
                if number in faults:
                    row = _with_faults(row, faults[number])
                if held:
                    filling |= {at: (bottom, row[at]) for at, bottom in held.get(number, {}).items() if at < len(row)}
                    for at, (bottom, text) in filling.items():
                        row[at] = text if number <= bottom else row[at]
                last = number
                yield row
            # Rows in which nothing has a value: the reader ends before them.
            for number in range(last + 1, max(faults, default=-1) + 1):
                yield _with_faults([""] * width, faults.get(number, {}))
        except (CalamineError, OSError):
            raise self._delivery.feed.broken(self._delivery.file, f"sheet {name}", "damaged") from None

    def _sheet(self, name: str) -> CalamineSheet:
        """A sheet, read anew only when another was asked for since: one is held in memory at a time."""
        if self._read is None or self._read.name != name:
            self._read = None
            self._read = self._book.get_sheet_by_name(name)
        return self._read

    def merged_across(self, name: str) -> list[int]:
        """Numbers of the rows in which cells of several columns are merged into one."""
        ranges = self._sheet(name).merged_cell_ranges or []
        wide = [(top, bottom) for (top, left), (bottom, right) in ranges if right > left]
        return [row + 1 for top, bottom in wide for row in range(top, min(bottom, top + COVERED_ROWS) + 1)]


def _with_faults(row: list[str], faults: dict[int, str]) -> list[str]:
    row += [""] * (max(faults, default=-1) + 1 - len(row))
    for at, text in faults.items():
        row[at] = text
    return row


def _faulty_cells(delivery: Delivery) -> tuple[dict[str, dict[int, dict[int, str]]], bool]:
    """Cells with an error or a formula that was never calculated, by sheet, row and column; whether days are from 1904.

    Reads every part of the file to its end in small pieces, which proves the sizes that the file states of itself.
    """
    cells: dict[str, dict[int, dict[int, str]]] = {}
    try:
        with zipfile.ZipFile(delivery.path) as parts:
            entries = parts.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > UNPACKED_BYTES or len(entries) > PARTS:
                raise delivery.feed.broken(delivery.file, "the file", "unpacks_too_large")
            by_path = {_path(entry.filename): entry for entry in entries}
            if len(by_path) < len(entries):
                raise ValueError("a part twice: another reader may read the other one")
            directory = _directory(parts, by_path)
            names = {part: name for name, part in directory.parts.items()}
            for path, entry in by_path.items():
                name = names.get(path)
                worth_parsing = _measured(delivery, name, parts, entry)
                if name is not None:
                    cells[name] = _faults(delivery, name, parts, entry, directory) if worth_parsing else {}
    except (
        zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, LookupError,
        expat.ExpatError,
    ):  # fmt: skip
        raise delivery.feed.broken(delivery.file, "the file", "no_workbook") from None
    return cells, directory.from_1904


def _path(name: str) -> str:
    """The name of a part as the reader compares it."""
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/").lower()


def _directory(parts: zipfile.ZipFile, by_path: dict[str, zipfile.ZipInfo]) -> _Directory:
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    says: dict[str, bool] = {}

    def in_workbook(element: str, attributes: dict[str, str]) -> None:
        if element == "sheet":
            relation = next((value for name, value in attributes.items() if re.search(r"relationships id$", name)), "")
            sheets.append((attributes["name"], relation))
        elif element == "calcPr":
            says["calculates_on_load"] = attributes.get("fullCalcOnLoad", "0").strip() not in ("0", "false")
        elif element == "workbookPr":
            says["from_1904"] = attributes.get("date1904", "0").strip() not in ("0", "false")

    def in_relations(element: str, attributes: dict[str, str]) -> None:
        if element == "Relationship":
            target = attributes["Target"]
            targets[attributes["Id"]] = _path(target if target.startswith("/") else f"xl/{target}")

    for path, start in ((WORKBOOK, in_workbook), ("xl/_rels/workbook.xml.rels", in_relations)):
        entry = by_path[path]
        if entry.file_size > DIRECTORY_BYTES:
            raise ValueError("a directory larger than any")
        with parts.open(entry) as part:
            _parse(part, start)
    parts_of_sheets = {name: targets[relation] for name, relation in sheets if relation in targets}
    return _Directory(parts_of_sheets, says.get("calculates_on_load", False), says.get("from_1904", False))


def _parse(
    part: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call `start` and `end` with each element's name without its namespace; `ExpatError` where the part is no XML.

    Attributes with a namespace keep it before a space. Nothing may declare entities of its own.
    """

    def refuse(*_: object) -> None:
        raise ValueError("a workbook declares no document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(" ")[2], attributes)
    if end:
        parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    if text:
        parser.CharacterDataHandler = text
    while chunk := part.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _measured(delivery: Delivery, sheet: str | None, parts: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Read a part to its end, and say whether its cells are worth parsing; `BrokenPromise` when they span too much."""
    rows = columns = 0
    worth_parsing = False
    rest = b""
    with parts.open(entry) as part:
        while chunk := part.read(CHUNK):
            if sheet is None:
                continue
            text = rest + chunk
            # A tag that has begun is looked at when it is whole.
            whole = text.rfind(b"<") if text.rfind(b"<") > text.rfind(b">") else len(text)
            text, rest = text[:whole], text[whole:]
            if len(rest) > CHUNK:
                raise delivery.feed.broken(delivery.file, f"sheet {sheet}", "unpacks_too_large")
            # Letters of two bytes are none that this looks for.
            worth_parsing = worth_parsing or (any(mark in text for mark in _MARKS) and _is_worth_parsing(text))
            if b"<!DOCTYPE" in text:
                raise ValueError("a workbook declares no document type")
            row, column = span(text)
            rows, columns = max(rows, row), max(columns, column)
            if rows * columns > GRID_CELLS or columns > COLUMNS:
                raise delivery.feed.broken(delivery.file, f"sheet {sheet}", "unpacks_too_large")
    return worth_parsing


def span(text: bytes) -> tuple[int, int]:
    """The last row and the last column that a piece of a sheet refers to, counted from one; zero where to none."""
    signs = np.frombuffer(text + bytes(5 + COLUMN_LETTERS + ROW_DIGITS), np.uint8)
    at = np.flatnonzero((signs[:-1] <= _SPACE) & (signs[1:] == ord("r")))
    at = at[np.isin(signs[at], _GAPS) & ((signs[at + 2] == ord("=")) | (signs[at + 2] <= _SPACE))]
    # As nearly every program writes it: r="AB12".
    if not ((signs[at + 2] == ord("=")) & (signs[at + 3] == ord('"')) & (signs[at + 4] > _SPACE)).all():
        return _span_in_any_spelling(text)
    at += 4
    columns, rows = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    for _ in range(COLUMN_LETTERS):
        is_letter = (letter := (signs[at] | 0x20) - ord("a")) < 26
        columns = np.where(is_letter, columns * 26 + letter + 1, columns)
        at += is_letter
    for _ in range(ROW_DIGITS):
        is_digit = (digit := signs[at] - ord("0")) < 10
        rows = np.where(is_digit, rows * 10 + digit, rows)
        at += is_digit
    if (((signs[at] | 0x20) - ord("a") < 26) | (signs[at] - ord("0") < 10)).any():
        return _span_in_any_spelling(text)
    return int(rows.max(initial=0)), int(columns.max(initial=0))


def _span_in_any_spelling(text: bytes) -> tuple[int, int]:
    references = _REFERENCE.findall(text)
    rows = (int(row[:9] or 0) for _, row in references)
    columns = (_column(letters[:9].decode().upper()) + 1 for letters, _ in references)
    return max(rows, default=0), max(columns, default=0)


def _is_worth_parsing(text: bytes) -> bool:
    return b"\0" in text or bool(_WORTH_PARSING.search(text))


@dataclass
class _Cell:
    """What a cell's elements have said so far."""

    row: int
    column: int
    kind: str
    formula: bool = False
    value: list[str] | None = None

    def fault(self, calculates_on_load: bool) -> str | None:
        """Why the cell has no value though it is not empty, if so."""
        if self.kind == "e":
            return ERROR
        if not self.formula:
            return None
        value = "".join(self.value or []).strip()
        if self.value is None or (not value and self.kind != "str"):
            return UNCALCULATED
        if calculates_on_load and self.kind == "n" and re.fullmatch(r"[+-]?0*\.?0*", value):
            return UNCALCULATED
        return None


@dataclass
class _FaultFinder:
    """Follows the elements of a sheet. A row or a cell that does not say where it stands follows the one before."""

    calculates_on_load: bool
    faults: dict[int, dict[int, str]] = field(default_factory=dict)
    row: int = -1
    column: int = -1
    cell: _Cell | None = None
    in_value: bool = False
    unreadable: int | None = None

    def start(self, element: str, attributes: dict[str, str]) -> None:
        if element == "c":
            place = _CELL_REFERENCE.fullmatch(attributes.get("r", ""))
            if place:
                self.row, self.column = int(place[2]) - 1, _column(place[1].upper())
            else:
                self.column += 1
            self.cell = _Cell(self.row, self.column, attributes.get("t", "n").strip())
        elif element == "row":
            row_number = attributes.get("r", "").strip()
            self.row, self.column = int(row_number) - 1 if row_number.isdigit() else self.row + 1, -1
        elif self.cell and element == "f":
            self.cell.formula = True
        elif self.cell and element in ("v", "is"):
            self.cell.value, self.in_value = [], True

    def end(self, element: str) -> None:
        if element in ("v", "is"):
            self.in_value = False
        elif element == "c" and self.cell:
            if fault := self.cell.fault(self.calculates_on_load):
                if fault == ERROR and "".join(self.cell.value or []).strip() not in ERRORS:
                    self.unreadable = self.cell.row + 1
                self.faults.setdefault(self.cell.row, {})[self.cell.column] = fault
            self.cell = None

    def text(self, text: str) -> None:
        if self.in_value and self.cell and self.cell.value is not None:
            self.cell.value.append(text)


def _faults(
    delivery: Delivery, sheet: str, parts: zipfile.ZipFile, entry: zipfile.ZipInfo, directory: _Directory
) -> dict[int, dict[int, str]]:
    """The faulty cells of one sheet; `BrokenPromise` when one has an error that keeps its values from being read."""
    finder = _FaultFinder(directory.calculates_on_load)
    with parts.open(entry) as part:
        _parse(part, finder.start, finder.end, finder.text)
    if finder.unreadable:
        raise delivery.feed.broken(delivery.file, f"sheet {sheet}", "odd_error", row=finder.unreadable)
    return finder.faults


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
