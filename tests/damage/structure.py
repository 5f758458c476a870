"""Damage to the structure of CSV files, in the kinds that published benchmarks of CSV readers list.

`python -m damage.structure` writes and judges all files: each kind once and twice in a file, in three ways of quoting,
over all feeds. The test judges a part of them. A file is read wrong when an accepted row says what nobody sent, or when
fewer rows are accepted and set apart than it has lines.
"""

import csv
import io
import itertools
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from damage.files import MONTH, Sheet, clean_sheets, deliver
from damage.verdict import clean_rows, compare
from sources.contracts.refusal import BrokenPromise

SEEDS = 2
# How a file is quoted, and what separates its cells.
DIALECTS: dict[str, tuple[Any, str]] = {
    "quotes where needed": (csv.QUOTE_MINIMAL, ","),
    "quotes around all": (csv.QUOTE_ALL, ","),
    "semicolons": (csv.QUOTE_MINIMAL, ";"),
}


@dataclass
class Table:
    """Lines of a CSV file before they are joined; `cells` are those of each line as written, quotes included."""

    separator: str
    cells: list[list[str]]
    ends: list[str]
    below: str = ""

    def text(self) -> str:
        lines = (self.separator.join(cells) + end for cells, end in zip(self.cells, self.ends, strict=True))
        return "".join(lines) + self.below


Damage = Callable[[random.Random, Table, int], None]
KINDS: dict[str, Damage] = {}


def kind(name: str) -> Callable[[Damage], Damage]:
    """Register a damage to one row of a table."""

    def register(damage: Damage) -> Damage:
        KINDS[name] = damage
        return damage

    return register


def _cell(name: str, change: Callable[[random.Random, str], str], of_text: bool = False) -> None:
    """Register a damage to one cell of a row that is not empty, or to one that holds words."""

    def damage(chance: random.Random, table: Table, row: int) -> None:
        cells = table.cells[row]
        fitting = [at for at, cell in enumerate(cells) if (" " in cell if of_text else cell.strip('"'))]
        if fitting:
            at = chance.choice(fitting)
            cells[at] = change(chance, cells[at])

    KINDS[name] = damage


def _bare(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') and cell.endswith('"') and len(cell) > 1 else cell


def _within(chance: random.Random, cell: str, mark: str) -> str:
    at = chance.randrange(1, max(2, len(cell)))
    return cell[:at] + mark + cell[at:]


_cell("a quote at the start of a cell", lambda _, cell: f'"{cell}')
_cell("a quote in the middle of a cell", lambda chance, cell: _within(chance, cell, '"'))
_cell("a quote at the end of a cell", lambda _, cell: f'{cell}"')
_cell("two quotes in a cell", lambda chance, cell: _within(chance, _within(chance, cell, '"'), '"'))
_cell("a quote doubled at both ends", lambda _, cell: f'""{_bare(cell)}""')
_cell("quotes within quotes, not doubled", lambda chance, cell: f'"{_within(chance, _bare(cell), chr(34))}"')
_cell("a quote escaped by a backslash", lambda chance, cell: f'"{_within(chance, _bare(cell), chr(92) + chr(34))}"')
_cell("a backslash before the closing quote", lambda _, cell: f'"{_bare(cell)}\\"')
_cell("apostrophes as quotes", lambda _, cell: f"'{_bare(cell)}'")
_cell("typographic quotes", lambda _, cell: f"“{_bare(cell)}”")
_cell("a space before the quotes", lambda _, cell: f' "{_bare(cell)}"')
_cell("a space behind the quotes", lambda _, cell: f'"{_bare(cell)}" ')
_cell("a line break in a quoted cell", lambda chance, cell: f'"{_within(chance, _bare(cell), chr(10))}"', of_text=True)
_cell("several line breaks in a quoted cell", lambda _, cell: f'"{_bare(cell)}\n\n{_bare(cell)}\n"')
_cell("a line break in a cell without quotes", lambda chance, cell: _within(chance, _bare(cell), "\n"))
_cell("a carriage return in a cell", lambda chance, cell: _within(chance, cell, "\r"))
_cell("a byte order mark in a cell", lambda _, cell: f"\ufeff{cell}")
_cell("a zero byte in a cell", lambda chance, cell: _within(chance, cell, "\0"))


@kind("the separator before a quoted cell is missing")
def _(chance: random.Random, table: Table, row: int) -> None:
    at = chance.randrange(1, len(table.cells[row]))
    cells = table.cells[row]
    cells[at - 1 : at + 1] = [f'{_bare(cells[at - 1])}"{_bare(cells[at])}"']


@kind("the separator behind a quoted cell is missing")
def _(chance: random.Random, table: Table, row: int) -> None:
    at = chance.randrange(1, len(table.cells[row]))
    cells = table.cells[row]
    cells[at - 1 : at + 1] = [f'"{_bare(cells[at - 1])}"{_bare(cells[at])}']


@kind("a separator is missing, and another cell is split")
def _(chance: random.Random, table: Table, row: int) -> None:
    cells = table.cells[row]
    at = chance.randrange(1, len(cells))
    cells[at - 1 : at + 1] = [f'{_bare(cells[at - 1])}"{_bare(cells[at])}{table.separator}x"']


@kind("a separator in a cell without quotes")
def _(chance: random.Random, table: Table, row: int) -> None:
    at = chance.randrange(len(table.cells[row]))
    table.cells[row][at] = _within(chance, _bare(table.cells[row][at]), table.separator)


@kind("a separator is missing between two cells")
def _(chance: random.Random, table: Table, row: int) -> None:
    cells = table.cells[row]
    at = chance.randrange(1, len(cells))
    cells[at - 1 : at + 1] = [_bare(cells[at - 1]) + _bare(cells[at])]


@kind("a cell more")
def _(chance: random.Random, table: Table, row: int) -> None:
    table.cells[row].insert(chance.randrange(len(table.cells[row]) + 1), chance.choice(("x", "0", '"x"')))


@kind("an empty cell more")
def _(chance: random.Random, table: Table, row: int) -> None:
    table.cells[row].insert(chance.randrange(len(table.cells[row]) + 1), chance.choice(("", '""')))


@kind("a cell less")
def _(chance: random.Random, table: Table, row: int) -> None:
    del table.cells[row][chance.randrange(len(table.cells[row]))]


@kind("half of a row")
def _(_: random.Random, table: Table, row: int) -> None:
    del table.cells[row][len(table.cells[row]) // 2 :]


@kind("another separator in a row")
def _(chance: random.Random, table: Table, row: int) -> None:
    other = chance.choice([sign for sign in ",;\t|" if sign != table.separator])
    table.cells[row] = [other.join(table.cells[row])]


@kind("mixed line ends")
def _(chance: random.Random, table: Table, row: int) -> None:
    table.ends[row:] = [chance.choice(("\n", "\r\n", "\r")) for _ in table.ends[row:]]


@kind("a line end is missing between two rows")
def _(_: random.Random, table: Table, row: int) -> None:
    table.ends[row] = ""


@kind("an empty line")
def _(_: random.Random, table: Table, row: int) -> None:
    table.ends[row] += table.ends[row]


@kind("a comment between rows")
def _(_: random.Random, table: Table, row: int) -> None:
    table.ends[row] += "# rà soát lần hai\n"


@kind("the header again")
def _(_: random.Random, table: Table, row: int) -> None:
    table.ends[row] += table.separator.join(table.cells[0]) + "\n"


@kind("a second table of other columns")
def _(_: random.Random, table: Table, __: int) -> None:
    table.below += f"\nTên{table.separator}Số\nA{table.separator}1\nB{table.separator}2\n"


@kind("a second table as wide as the first")
def _(_: random.Random, table: Table, __: int) -> None:
    width = len(table.cells[0])
    lines = [[f"Cột {at}" for at in range(width)], *[[f"{row}{at}" for at in range(width)] for row in range(2)]]
    table.below += "\n" + "".join(table.separator.join(line) + "\n" for line in lines)


@kind("a second table with quotes, its last one open")
def _(_: random.Random, table: Table, __: int) -> None:
    table.below += f'\n"Tên"{table.separator}"Số"\n"A{table.separator}1\n'


@kind("a quote that is never closed, in the last row")
def _(_: random.Random, table: Table, __: int) -> None:
    table.cells[-1][-1] = f'"{_bare(table.cells[-1][-1])}'


@dataclass(frozen=True)
class Verdict:
    """`outcome` is exact, set apart (some rows), refused or WRONG."""

    feed: str
    kind: str
    dialect: str
    times: int
    outcome: str
    why: str = ""


def verdicts(part: int = 1) -> Iterator[Verdict]:
    """What became of every file, or of every `part`-th."""
    for file in damaged_files(part):
        yield judge(*file)


def damaged_files(part: int = 1) -> Iterator[tuple[str, str, str, int, str]]:
    """Every file, or every `part`-th: feed, kind of damage, dialect, damaged rows and text."""
    files = itertools.product(clean_sheets().items(), KINDS, DIALECTS, (1, 2), range(SEEDS))
    for number, ((feed_id, sheet), name, dialect, times, seed) in enumerate(files):
        if number % part == 0:
            text = damaged(sheet, name, dialect, times, random.Random(f"{feed_id} {name} {dialect} {times} {seed}"))
            yield feed_id, name, dialect, times, text


def damaged(sheet: Sheet, name: str, dialect: str, times: int, chance: random.Random) -> str:
    """A file of the sheet with one kind of damage, in so many of its rows."""
    quoting, separator = DIALECTS[dialect]
    lines = []
    for row in [sheet.headers, *sheet.rows]:
        out = io.StringIO()
        csv.writer(out, delimiter=separator, quoting=quoting, lineterminator="").writerow(row)
        lines.append(_written_cells(out.getvalue(), separator))
    table = Table(separator, lines, ["\n"] * len(lines))
    for row in chance.sample(range(1, len(lines) - 1), times):
        KINDS[name](chance, table, row)
    return table.text()


def _written_cells(line: str, separator: str) -> list[str]:
    """The cells of a sound line as they are written."""
    cells, quoted = [""], False
    for sign in line:
        quoted = quoted != (sign == '"')
        if sign == separator and not quoted:
            cells.append("")
        else:
            cells[-1] += sign
    return cells


def judge(feed_id: str, name: str, dialect: str, times: int, text: str) -> Verdict:
    feed, clean = clean_sheets()[feed_id].feed, clean_rows(feed_id)
    try:
        _, checked = deliver(feed, text.encode(), "csv")
    except BrokenPromise as broken:
        return Verdict(feed_id, name, dialect, times, "refused", broken.code)
    rejected = checked.rejected.num_rows
    if checked.total and 100 * rejected > feed.tolerances(MONTH).quarantined_pct * checked.total:
        return Verdict(feed_id, name, dialect, times, "refused", "tolerance")
    wrong, _ = compare(feed, clean, checked)
    lines = sum(bool(line.strip()) for line in text.splitlines()) - 1
    if checked.total < min(len(clean), lines):
        wrong.append(f"{min(len(clean), lines) - checked.total} rows lost")
    if wrong:
        return Verdict(feed_id, name, dialect, times, "WRONG", "; ".join(sorted(set(wrong)))[:200])
    return Verdict(feed_id, name, dialect, times, "set apart" if rejected else "exact")


OUTCOMES = ("exact", "set apart", "refused", "WRONG")


def table(found: list[Verdict]) -> str:
    """Outcomes by kind as Markdown."""
    lines = ["| kind | files | exact | rows set apart | refused | silently wrong |", "|---|" + "---:|" * 5]
    for name in [*KINDS, "all"]:
        of = [one for one in found if name in (one.kind, "all")]
        cells = [len(of), *(sum(one.outcome == outcome for one in of) for outcome in OUTCOMES)]
        lines.append(f"| {name} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    everything = list(verdicts())
    wrong = [str(one) for one in everything if one.outcome == "WRONG"]
    sys.stdout.write("\n".join([table(everything), *wrong, ""]))
