"""Excel workbooks as rows of text, opened without trusting them.

No formula is run and no link followed: a cell is what was last calculated. What a workbook unpacks to is measured
before anything is held in memory. Not here: which row is a header, or what a column means (`table`).
"""

import html
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from sources.delivery import Delivery

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
ERROR, UNCALCULATED = "#ERROR!", "#UNCALCULATED!"

_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"([^>]*)>(.*?)</c>', re.DOTALL)
# Of a row or a cell, however it is written: the reader believes any of them.
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]*)(\d*)""")
_FAR = re.compile(rb"""\sr\s*=\s*["']\s*(?:[A-Za-z]{3}|[A-Za-z]*\d{6})""")
_FORMULA_WITHOUT_VALUE = re.compile(rb"\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*$")
_SHEET = re.compile(r'<sheet\s[^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)"')
_RELATION = re.compile(r"<Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


def cell_text(value: Any) -> str:
    """A typed cell as the text that `values` reads back without doubt."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if abs(value) >= EXACT:
            # Its last digits are not those that were typed: no reader may take it for a number.
            return f"{value:E}"
        case float() if value.is_integer():
            return str(int(value))
        case float() | Decimal():
            # Four decimals are never mistaken for grouped thousands.
            return f"{value:.4f}"
        case datetime():
            return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat()
        case date():
            return value.isoformat()
        case list() | dict():
            raise ValueError("a cell within a cell")
        case _:
            return str(value)


class Workbook:
    """A workbook of a delivery. `visible` and `hidden` are names of sheets, in their order."""

    def __init__(self, delivery: Delivery) -> None:
        """Open it; `BrokenPromise` when it is locked, damaged or too large."""
        self._delivery = delivery
        with delivery.path.open("rb") as file:
            locked_or_old = file.read(8) == OLE2
        self._faults = {} if locked_or_old else _faulty_cells(delivery)
        try:
            self._book = CalamineWorkbook.from_path(str(delivery.path))
        except PasswordError:
            raise delivery.feed.broken(delivery.file, "the file", "locked") from None
        except (CalamineError, zipfile.BadZipFile, OSError):
            raise delivery.feed.broken(delivery.file, "the file", "no_workbook") from None
        if locked_or_old:
            raise delivery.feed.broken(delivery.file, "the file", "no_workbook")
        sheets = [(sheet.name, sheet.visible == SheetVisibleEnum.Visible) for sheet in self._book.sheets_metadata]
        self.visible = [name for name, visible in sheets if visible]
        self.hidden = [name for name, visible in sheets if not visible]

    def rows(self, name: str, fill_down: bool = False) -> Iterator[list[str]]:
        """All rows of a sheet as text, from cell A1 on, each as long as the sheet is wide.

        `fill_down` repeats the text of a cell merged over several rows in each of them.
        """
        try:
            sheet = self._book.get_sheet_by_name(name)
            before = [""] * (sheet.start or (0, 0))[1]
            faults, held = self._faults.get(name, {}), {}
            for (top, left), (bottom, right) in (sheet.merged_cell_ranges or []) if fill_down else []:
                if left == right:
                    held.setdefault(top, {})[left] = bottom
            filling: dict[int, tuple[int, str]] = {}
            for number, cells in enumerate(sheet.iter_rows()):
                row = [*before, *map(cell_text, cells)]
                for at, text in faults.get(number, {}).items():
                    row[at] = text
                filling |= {at: (bottom, row[at]) for at, bottom in held.get(number, {}).items() if at < len(row)}
                for at, (bottom, text) in filling.items():
                    row[at] = text if number <= bottom else row[at]
                yield row
        except (CalamineError, OSError):
            raise self._delivery.feed.broken(self._delivery.file, f"sheet {name}", "damaged") from None

    def merged_across(self, name: str) -> list[int]:
        """Numbers of the rows in which cells of several columns are merged into one."""
        ranges = self._book.get_sheet_by_name(name).merged_cell_ranges or []
        wide = [(top, bottom) for (top, left), (bottom, right) in ranges if right > left]
        return [row + 1 for top, bottom in wide for row in range(top, min(bottom, top + COVERED_ROWS) + 1)]


def _faulty_cells(delivery: Delivery) -> dict[str, dict[int, dict[int, str]]]:
    """Cells that hold an error, or a formula that was never calculated, by sheet, row and column.

    Reads every part of the file to its end in small pieces, which proves the sizes that the file states of itself.
    """
    found: dict[str, dict[int, dict[int, str]]] = {}
    try:
        with zipfile.ZipFile(delivery.path) as parts:
            entries = parts.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > UNPACKED_BYTES or len(entries) > PARTS:
                raise delivery.feed.broken(delivery.file, "the file", "unpacks_too_large")
            names = _sheet_names(parts)
            for entry in entries:
                with parts.open(entry) as part:
                    if entry.filename in names:
                        found[names[entry.filename]] = _scan(delivery, names[entry.filename], part)
                    else:
                        while part.read(CHUNK):
                            pass
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError):
        raise delivery.feed.broken(delivery.file, "the file", "no_workbook") from None
    return found


def _sheet_names(parts: zipfile.ZipFile) -> dict[str, str]:
    """Name of the sheet that each part of the file holds."""
    sheets = _SHEET.findall(parts.read("xl/workbook.xml").decode("utf-8", "replace"))
    targets = {}
    for relation in _RELATION.findall(parts.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")):
        attributes = dict(_ATTRIBUTE.findall(relation))
        target = attributes.get("Target", "")
        targets[attributes.get("Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return {targets[relation]: html.unescape(name) for name, relation in sheets if relation in targets}


def _scan(delivery: Delivery, name: str, part: IO[bytes]) -> dict[int, dict[int, str]]:
    """The faulty cells of one sheet; `BrokenPromise` when its cells span too large a grid."""
    found: dict[int, dict[int, str]] = {}
    last_row = last_column = 0
    rest = b""
    chunk = b"start"
    while chunk:
        chunk = part.read(CHUNK)
        text = rest + chunk
        # Whole cells, else whole tags; at the end all that is left.
        whole = (text.rfind(b"</c>") + 4 if b"</c>" in text else text.rfind(b">") + 1) if chunk else len(text)
        text, rest = text[:whole], text[whole:]
        if len(rest) > CHUNK:
            raise delivery.feed.broken(delivery.file, f"sheet {name}", "unpacks_too_large")
        if _FAR.search(text):
            for letters, row in _REFERENCE.findall(text):
                last_row, last_column = max(last_row, int(row[:9] or 0)), max(last_column, _column(letters[:9].upper()))
            if last_row * (last_column + 1) > GRID_CELLS or last_column >= COLUMNS:
                raise delivery.feed.broken(delivery.file, f"sheet {name}", "unpacks_too_large")
        if b"<f" in text or b't="e"' in text:
            for letters, row, attributes, content in _CELL.findall(text):
                if b't="e"' in attributes:
                    fault = ERROR
                elif b't="str"' not in attributes and _FORMULA_WITHOUT_VALUE.match(content):
                    fault = UNCALCULATED
                else:
                    continue
                found.setdefault(int(row) - 1, {})[_column(letters)] = fault
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
