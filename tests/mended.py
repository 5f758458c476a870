"""How many rows that are set apart come back mended in one round, by somebody who looks at coloured cells alone.

`python -m tests.mended FOLDER` with deliveries of `cantho simulate --dirt 1 --out FOLDER`. The workbook of each
file's rows is mended by picking the first word of a cell's list, or by retyping the coloured cell with a value of its
kind; then it is tried as the supplement it is. Prints rows set apart, mended and the share, by feed, and the reasons of
those that stay.

Not here: whether the value is true. That is the sender's to know.
"""

import argparse
import io
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
# A value of each kind as an officer would type it.
TYPED = {
    "integer": "1", "number": "1", "boolean": "x", "date": "01/06/2026", "date_or_year": "01/06/1980",
    "personal_number": "097080000001", "text": "1",
}  # fmt: skip


def value(column: Column) -> str:
    """What is put into a coloured cell: the first word that the column knows, else a value of its kind."""
    if column.code_list:
        return sorted(words(column))[0]
    if column.words:
        code, spellings = next(iter(column.words.items()))
        return spellings[0] if spellings else code
    return str(column.minimum) if column.minimum is not None else TYPED[column.kind]


def mend(sheet: Worksheet, feed: Feed) -> None:
    """Retype each coloured cell; no other cell is touched."""
    columns = {column.header_vi: column for column in feed.columns}
    heads = [cell.value for cell in sheet[1]]
    for line, row in enumerate(sheet.iter_rows(min_row=2), start=1):
        for cell in row:
            if cell.fill.fgColor.rgb == WRONG:
                column = columns.get(str(heads[cell.column - 1]))
                # Two rows may not come to have one key.
                cell.value = (f"{line}" if column.name in feed.key else value(column)) if column else "92"


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
    return len(before.rows), after.entry.rows, Counter(code for *_, codes in after.rows for code in codes.split(";"))


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
