"""How many rows that are set apart come back mended in one round, by somebody who looks at coloured cells alone.

`python -m tests.mended FOLDER` with deliveries of `cantho simulate --dirt 1 --out FOLDER`. The workbook of each
file's rows is mended by picking the first word of a cell's list, or by retyping the coloured cell with a value of its
kind; then it is tried as the supplement it is. Prints by feed: rows set apart, mended and the share, cells that nobody
coloured and those of them that come back as they were sent, and the reasons of rows that stay.

Not here: whether the value is true. That is the sender's to know.
"""

import argparse
import io
import re
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pyarrow as pa
from openpyxl.worksheet.worksheet import Worksheet

from sources.contracts.code_lists import words
from sources.contracts.feeds import Column, Feed, discover
from sources.contracts.refusal import BrokenPromise
from sources.reading.delivery import recognise
from tests.readings import read_whole
from warehouse.intake.trial import set_apart, tried
from warehouse.notices import mending
from warehouse.zones.register import ACCEPTED

WRONG = "FFF7C6C5"
# A value of each kind as an officer would type it; what ends comes after what begins.
TYPED = {"integer": "1", "number": "1", "boolean": "x", "date": "01/06/2025", "text": "1"}
SPELLS = {
    **dict.fromkeys(["started_on", "loan_date", "valid_from"], "01/06/2020"),
    **dict.fromkeys(["finished_on", "completed_on"], "30/11/2026"),
    **dict.fromkeys(["due_date", "valid_to"], "31/12/2027"),
}


def value(column: Column, line: int, row: dict[str, str | None]) -> str:
    """What is put into a coloured cell: the first word that the column knows, else a value that fits its row."""
    if column.code_list:
        return sorted(words(column))[0]
    if column.words:
        code, spellings = next(iter(column.words.items()))
        return spellings[0] if spellings else code
    if column.kind == "date_or_year":
        return _year_of(row)
    if column.kind == "personal_number":
        year, is_female = int(_year_of(row)), row.get("sex") in ("0", "Nữ", "nữ", "female")
        return f"097{2 * (year >= 2000) + is_female}{year % 100:02d}{line:06d}"
    if column.minimum is not None:
        return str(max(column.minimum, line if column.name in KEYS else 0))
    return str(line) if column.name in KEYS else SPELLS.get(column.name, TYPED[column.kind])


# Parts of keys: two rows may not come to have one.
KEYS = {"member_no", "household_code", "household_no", "case_code", "contract_no", "card_number", "class_code"}


def _year_of(row: dict[str, str | None]) -> str:
    """The year of birth that a row tells: by its number, or by its date; else one like another."""
    number = (row.get("personal_id") or "").strip("'")
    if re.fullmatch("0[0-9]{11}", number):
        return str(1900 + int(number[3]) // 2 * 100 + int(number[4:6]))
    years = re.findall(r"(?:19|20)\d\d", row.get("birth_date") or "")
    return years[-1] if years else "1980"


def mend(sheet: Worksheet, feed: Feed) -> set[tuple[int, str]]:
    """Retype each coloured cell; no other cell is touched. Returns the row, from 0, and column of each."""
    columns, retyped = {column.header_vi: column for column in feed.columns}, set()
    heads = [columns.get(str(cell.value)) for cell in sheet[1]]
    for line, cells in enumerate(sheet.iter_rows(min_row=2)):
        row = {
            head.name: None if cell.value is None else str(cell.value)
            for head, cell in zip(heads, cells, strict=True)
            if head and cell.fill.fgColor.rgb != WRONG
        }
        for column, cell in zip(heads, cells, strict=True):
            if cell.fill.fgColor.rgb == WRONG:
                cell.value = value(column, line + 1, row) if column else "92"
                retyped.add((line, column.name if column else ""))
    return retyped


@dataclass
class Round:
    """What became of the rows that were set apart, and of their cells that nobody retyped; `left` counts reasons."""

    rows: int = 0
    mended: int = 0
    cells: int = 0
    same: int = 0
    left: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Round") -> None:
        self.rows, self.mended = self.rows + other.rows, self.mended + other.mended
        self.cells, self.same = self.cells + other.cells, self.same + other.same
        self.left += other.left

    def compare(self, before: pa.Table, after: pa.Table, feed: Feed, retyped: set[tuple[int, str]]) -> None:
        """Count the cells that came back as the sender's own file has them."""
        for column in feed.by_name:
            values = zip(before[column].to_pylist(), after[column].to_pylist(), strict=True)
            # Parquet tells an empty cell from none; in a workbook both are a cell without a value.
            same = [
                (old or "") == (new or "") for line, (old, new) in enumerate(values) if (line, column) not in retyped
            ]
            self.cells, self.same = self.cells + len(same), self.same + sum(same)


def one_round(path: Path, feed: Feed, folder: Path) -> Round:
    """A file tried, its workbook mended and tried as the supplement it is."""
    before = tried(path, feed)
    if before.entry.status != ACCEPTED or not before.rows:
        return Round()
    cells = set_apart(path, feed)
    book = openpyxl.load_workbook(io.BytesIO(mending.workbook(feed, before.entry, cells, before.rows)))
    retyped = mend(book[mending.SHEET], feed)
    sent = folder / mending.name(before.entry)
    book.save(sent)
    after = tried(sent, feed)
    if after.entry.status != ACCEPTED:
        return Round(len(before.rows), left=Counter({after.entry.promise or "refused": len(before.rows)}))
    # Heads' rows may stand beside those that were set apart.
    mended = min(after.entry.rows, len(before.rows) - after.entry.quarantined)
    came = Round(len(before.rows), mended, left=Counter(code for *_, codes in after.rows for code in codes.split(";")))
    came.compare(cells, read_whole(recognise(feed, sent))[0].cells, feed, retyped)
    return came


def main() -> None:
    say = sys.stdout.write
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("deliveries", type=Path)
    rounds = defaultdict[str, Round](Round)
    deliveries = parser.parse_args().deliveries
    for feed in discover().values():
        for path in sorted((deliveries / feed.id).glob("*.*")):
            if path.name.endswith(".manifest.json"):
                continue
            with tempfile.TemporaryDirectory() as folder:
                try:
                    came = one_round(path, feed, Path(folder))
                except BrokenPromise as refused:
                    came = Round(left=Counter({refused.code: 1}))
            rounds[feed.id].add(came)
    say("feed | rows set apart | mended in one round | share | other cells | as they were sent\n")
    for name, came in rounds.items():
        left = f" | {dict(came.left)}" if came.left else ""
        share, same = came.mended / max(came.rows, 1), came.same / max(came.cells, 1)
        say(f"{name} | {came.rows:,} | {came.mended:,} | {share:.1%} | {came.cells:,} | {same:.2%}{left}\n")


if __name__ == "__main__":
    main()
