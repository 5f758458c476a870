"""How many rows that are set apart come back mended in one round, by somebody who looks at coloured cells alone.

`python -m tests.mended FOLDER` with deliveries of `cantho simulate --dirt 1 --out FOLDER`. The workbook of each
file's rows is mended by picking the first word of a cell's list, or by retyping the coloured cell with a value of its
kind; then it is tried as the supplement it is. Prints rows set apart, mended and the share, by feed, and the reasons of
those that stay.

Not here: whether the value is true. That is the sender's to know.
"""

import argparse
import io
import re
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from sources.contracts.code_lists import words
from sources.contracts.feeds import Column, Feed, discover
from sources.contracts.refusal import BrokenPromise
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


def mend(sheet: Worksheet, feed: Feed) -> None:
    """Retype each coloured cell; no other cell is touched."""
    columns = {column.header_vi: column for column in feed.columns}
    heads = [columns.get(str(cell.value)) for cell in sheet[1]]
    for line, cells in enumerate(sheet.iter_rows(min_row=2), start=1):
        row = {
            head.name: None if cell.value is None else str(cell.value)
            for head, cell in zip(heads, cells, strict=True)
            if head and cell.fill.fgColor.rgb != WRONG
        }
        for column, cell in zip(heads, cells, strict=True):
            if cell.fill.fgColor.rgb == WRONG:
                cell.value = value(column, line, row) if column else "92"


def one_round(path: Path, feed: Feed, folder: Path) -> tuple[int, int, Counter[str]]:
    """Rows set apart of a file, those of them that are taken in once mended, and why the others are not."""
    before = tried(path, feed)
    if before.entry.status != ACCEPTED or not before.rows:
        return 0, 0, Counter()
    book = openpyxl.load_workbook(io.BytesIO(mending.workbook(feed, set_apart(path, feed), before.rows)))
    mend(book[mending.SHEET], feed)
    sent = folder / mending.name(before.entry)
    book.save(sent)
    after = tried(sent, feed)
    if after.entry.status != ACCEPTED:
        return len(before.rows), 0, Counter({after.entry.promise or "refused": len(before.rows)})
    # Heads' rows may stand beside those that were set apart.
    taken_in = min(after.entry.rows, len(before.rows) - after.entry.quarantined)
    return len(before.rows), taken_in, Counter(code for *_, codes in after.rows for code in codes.split(";"))


def main() -> None:
    say = sys.stdout.write
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("deliveries", type=Path)
    apart, mended, reasons = Counter[str](), Counter[str](), defaultdict[str, Counter[str]](Counter)
    deliveries = parser.parse_args().deliveries
    for feed in discover().values():
        for path in sorted((deliveries / feed.id).glob("*.*")):
            if path.name.endswith(".manifest.json"):
                continue
            with tempfile.TemporaryDirectory() as folder:
                try:
                    rows, taken_in, why = one_round(path, feed, Path(folder))
                except BrokenPromise as refused:
                    rows, taken_in, why = 0, 0, Counter({refused.code: 1})
            apart[feed.id] += rows
            mended[feed.id] += taken_in
            reasons[feed.id] += why
    say("feed | rows set apart | mended in one round | share\n")
    for name, rows in apart.items():
        stay = f" | {dict(reasons[name])}" if reasons[name] else ""
        say(f"{name} | {rows:,} | {mended[name]:,} | {mended[name] / max(rows, 1):.1%}{stay}\n")


if __name__ == "__main__":
    main()
