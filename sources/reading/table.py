"""A delivery as text cells under promised columns, before anything is made of the text.

Formats end here: CSV and Parquet are read by Arrow, workbooks by `workbook`. Each reader finds the header, matches it
to the contract, and returns a `TextTable`. What the text means is decided in `rows`. A feed whose files have a layout
of their own brings its own `reader.read(delivery)`.
"""

import contextlib
import csv
import functools
import io
import itertools
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sources.contracts.feeds import Feed, discover
from sources.reading.delivery import Delivery
from sources.reading.encoding import MISREADINGS, UnknownEncoding, decode, decoded, encoding_of
from sources.reading.footer import LAST_LINES, lines_left_out, speaks_of_the_table
from sources.reading.whole import COMMUNE_NAME, PLACE_PARTS, Whole
from sources.reading.workbook import OLE2, Workbook, cell_text
from sources.text import fold

ROW_NUMBER, PLACE = "row_number", "place"
# Titles above a header take a few rows, and a merged header four; beyond this a file has no header.
HEADER_WITHIN, HEADER_HEIGHT, LONGEST_HEADER = 20, 4, 300
DELIMITERS = ",;\t|"
LINE_END = re.compile("\r\n|\n|\r")
# What is longer, has a colon or a long number in it is no heading, and may be a note with a name.
LONGEST_SHOWN = 60
NUMBERING = re.compile(r"\(?([0-9]{1,3}|[A-Za-z])\)?")
# A table has no more rows, and a piece of a text file no more bytes: what is held in memory at once.
PIECE_ROWS, PIECE_BYTES = 100_000, 8 * 1024**2
# The header is looked for in so many letters.
TOP = 200_000
# What a Parquet file may unfold to: a column of one repeated value takes no room in the file.
PARQUET_ROWS, PARQUET_TEXT_BYTES = 200_000_000, 256 * 1024**2
# Rows of a sheet that are held as Python has them.
SHEET_ROWS = 20_000
# What a line raises that is no answer.
_NO_ANSWER = (ValueError, AttributeError, TypeError, RecursionError)
# So much of a column of a Parquet file is read at a time.
PARQUET_BUFFER = 1024**2
# A file with more lines that are next to empty has no footer, but broken rows.
SPARSE_LINES = 1000
NO_DAY = "#NO DAY!"


@dataclass(frozen=True)
class TextTable:
    """Text cells by contract column, with `row_number` (1-based row of the file) and `place` (sheet, or empty).

    `misshapen` are rows that could not be laid out: (row number, reason). `ignored_columns` are headers that the
    contract does not know, and sheets that were not read, `around` counts lines beside the table that are no rows,
    `encoding` names how text was decoded. `from_1904` says that a day written as a plain number counts from 1904.
    `lines` is how many were laid out, `strays` in how many a cell has no header, by position.
    """

    cells: pa.Table
    misshapen: list[tuple[int, str]] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    encoding: str = "UTF-8"
    from_1904: bool = False
    around: int = 0
    lines: int = 0
    strays: dict[int, int] = field(default_factory=dict)

    def pieces(self, rows: int) -> "Iterator[TextTable]":
        """The same table in tables of so many rows; what could not be laid out stands where it stood."""
        if self.cells.num_rows <= rows:
            yield self
            return
        misshapen = sorted(self.misshapen)
        for begin in range(0, self.cells.num_rows, rows):
            cells = self.cells.slice(begin, rows)
            is_last, last = begin + rows >= self.cells.num_rows, cells[ROW_NUMBER][-1].as_py()
            set_apart = [entry for entry in misshapen if is_last or entry[0] <= last]
            misshapen = misshapen[len(set_apart) :]
            yield replace(self, cells=cells, misshapen=set_apart, around=self.around if is_last else 0)


@dataclass(frozen=True)
class Header:
    """Where a header stands among the rows (`first` to `last`, as indexes), its text and column by position."""

    first: int
    last: int
    texts: list[str]
    columns: dict[int, str]


def speakable(text: str, instead: str) -> str:
    """A header or a sheet's title as it may be shown, `instead` where it may name somebody."""
    return instead if len(text) > LONGEST_SHOWN or ":" in text or re.search(r"\d{6}", text) else text


def lines_around(count: int) -> list[str]:
    """How it is reported that so many lines were left out since they are no rows: totals, signatures, notes."""
    return [f"({count} lines around the table that are no rows)"] if count else []


def read_tables(delivery: Delivery) -> Iterator[tuple[Whole, TextTable]]:
    """The delivery's cells in tables of bounded size, with what they say as a whole; at least one, be it empty.

    Nothing is given before all was read once. `BrokenPromise` when it cannot be read or lacks a required column.
    """
    _keep_to_kind(delivery)
    whole, first = Whole(delivery), None
    for number, table in enumerate(_tables(delivery, None)):
        whole.add(table.cells, table.lines, table.strays)
        first = None if number else table
    whole.settle()
    # Of a file in one piece it is at hand, but where cells without a header have to be judged.
    tables = [first] if first and not +whole.strays else _tables(delivery, whole)
    del first
    for table in tables:
        ignored = [speakable(header, "(a header that is not shown)") for header in table.ignored_columns]
        for piece in table.pieces(_piece_rows(delivery)):
            cells, readings = whole.in_letters(piece.cells)
            encoding = ", ".join([table.encoding, *readings])
            yield whole, replace(piece, cells=cells, ignored_columns=list(dict.fromkeys(ignored)), encoding=encoding)


def _tables(delivery: Delivery, whole: Whole | None) -> Iterator[TextTable]:
    """The cells as they stand; cells without a header are judged where it is known what the `whole` says of them."""
    own = delivery.feed.module("reader")
    if own and delivery.extension in own.FORMATS:
        yield own.read(delivery, whole)
    elif delivery.extension == "xlsx":
        yield read_flat_workbook(delivery, whole)
    else:
        yield from {"csv": _csv, "parquet": _parquet, "jsonl": _jsonl}[delivery.extension](delivery, whole)


def _piece_rows(delivery: Delivery) -> int:
    """How many rows a table may have; where rows fall with others of their household, all are judged together."""
    return sys.maxsize if delivery.feed.falls_with_head else PIECE_ROWS


# ----------------------------------------------------------------------------------------------------- headers


@functools.lru_cache(maxsize=20_000)
def _heading(header: str) -> str:
    return fold(header) if len(header) < LONGEST_HEADER else ""


def match_headers(feed: Feed, headers: Sequence[str]) -> dict[int, str]:
    """Positions of the contract's columns in a row of headers. A column headed twice keeps both."""
    headings = feed.headings
    return {at: headings[_heading(header)] for at, header in enumerate(headers) if _heading(header) in headings}


def find_header(delivery: Delivery, rows: Sequence[Sequence[str]], place: str, given: Collection[str] = ()) -> Header:
    """The header among the first rows: of one row or of several, as it was meant or with its letters misread once.

    `given` are columns that the layout tells by other means. `BrokenPromise` when a required column is missing.
    """
    feed = delivery.feed
    header = _best_header(feed, rows)
    present = {*header.columns.values(), *given}
    if COMMUNE_NAME in present:
        present.add("commune_code")
    missing = [column.name for column in feed.columns if column.required and column.name not in present]
    if missing:
        other = _meant_for(rows)
        columns = [name for name in feed.by_name if name in present]
        headers_vi = {name: f"“{column.header_vi}”" for name, column in feed.by_name.items()}
        raise feed.broken(
            delivery.file, place, "other_feed" if other else "missing_columns", feed=other,
            missing=", ".join(missing), found=", ".join(columns) or "none of the promised columns",
            missing_vi=", ".join(headers_vi[name] for name in missing),
            found_vi=", ".join(headers_vi[name] for name in columns) or "không có cột nào đã cam kết",
        )  # fmt: skip
    above = [at for at, row in enumerate(rows[: header.first], 1) if _is_as_full(row, header)]
    # One may be a header in other words; more are rows, which would be lost.
    if len(above) > 1:
        raise feed.broken(delivery.file, place, "rows_above", row=above[-1])
    return header


def _is_as_full(row: Sequence[str], header: Header) -> bool:
    """Whether a row has a cell under most columns of a header; titles have few."""
    return 10 * sum(bool(str(row[at]).strip()) for at in header.columns if at < len(row)) > 7 * len(header.columns)


def _best_header(feed: Feed, rows: Sequence[Sequence[str]]) -> Header:
    """The header that names most columns; misread letters are tried only where a required column is missing."""
    top = [[str(cell) for cell in row] for row in rows[:HEADER_WITHIN]]
    required = {column.name for column in feed.columns if column.required} - {"commune_code", "list_section"}
    best = _most_columns(feed, top)
    if required <= set(best.columns.values()) or all(cell.isascii() for row in top for cell in row):
        return best
    misread = (
        [[cell if cell.isascii() else read(cell) for cell in row] for row in top] for read in MISREADINGS.values()
    )
    return max(
        (best, *(_most_columns(feed, legible) for legible in misread)), key=lambda h: len(set(h.columns.values()))
    )


def _most_columns(feed: Feed, rows: list[list[str]]) -> Header:
    best, most = Header(0, 0, [], {}), -1
    named = [_positions(row, feed.headings) for row in rows]
    ending = [_positions(row, feed.heading_ends) for row in rows]
    for height, last in itertools.product(range(1, HEADER_HEIGHT + 1), range(len(rows))):
        first = last + 1 - height
        # Rows of data could name next to nothing, and are not put together.
        if first < 0 or len(ending[last].union(*named[first:last])) <= most:
            continue
        texts = _one_header(feed, rows[first : last + 1])
        columns = match_headers(feed, texts)
        # The smallest and first of equals: a row of data below a header adds nothing to it.
        if len(set(columns.values())) > most:
            best, most = Header(first, last, texts, columns), len(set(columns.values()))
    return best


def _positions(row: list[str], headings: Collection[str]) -> set[int]:
    return {at for at, cell in enumerate(row) if _heading(cell) in headings}


def _one_header(feed: Feed, rows: list[list[str]]) -> list[str]:
    """One text per column for a header of several rows.

    Of the cells over a column the lowest that the contract knows, else all of them read downwards (a group's title
    stands over its first column only), else the lowest.
    """
    if len(rows) == 1:
        return rows[0]
    headings, texts = feed.headings, []
    groups = [""] * len(rows)
    for at in range(max(map(len, rows))):
        stack = [row[at] if at < len(row) and not _blank(row[at]) else "" for row in rows]
        groups = [*(cell or group for cell, group in zip(stack[:-1], groups[:-1], strict=True)), stack[-1]]
        lowest = [cell for cell in reversed(stack) if cell]
        downwards = " ".join(filter(None, groups))
        options = [*lowest, downwards] if stack[-1] else lowest
        texts.append(next((text for text in options if _heading(text) in headings), lowest[0] if lowest else ""))
    return texts


def _blank(header: str) -> bool:
    """Whether a header says nothing; pandas names such columns itself."""
    return not _heading(header) or bool(re.fullmatch(r"unnamed \d+( level \d+)?", _heading(header)))


def _meant_for(rows: Sequence[Sequence[str]]) -> str | None:
    """The feed whose promise the file keeps, if it is another."""
    for feed in discover().values():
        required = {column.name for column in feed.columns if column.required}
        if required <= set(_best_header(feed, rows).columns.values()):
            return feed.id
    return None


def numbers_columns(row: Sequence[str]) -> bool:
    """Whether a row under a header numbers the columns: (1), (2), ... or A, B, 1, 2, ..."""
    filled = [cell.strip() for cell in row if cell.strip()]
    matches = [NUMBERING.fullmatch(cell) for cell in filled]
    if len(filled) < 3 or not all(matches):
        return False
    digits = [int(match[1]) for match in matches if match and match[1].isdigit()]
    return digits == list(range(digits[0], digits[0] + len(digits))) if digits else True


def text_table(delivery: Delivery, columns: dict[str, Any], row_numbers: Any, places: Any = "") -> pa.Table:
    """A table of the contract's columns and the parts of a place as text (absent ones null), row numbers and places."""
    row_numbers = pa.array(row_numbers, pa.int64())
    empty = pa.nulls(len(row_numbers), pa.string())
    names = [*(column.name for column in delivery.feed.columns), *PLACE_PARTS]
    cells = {name: columns.get(name, empty) for name in names}
    if isinstance(places, str):
        places = pa.repeat(pa.scalar(places), len(row_numbers))
    return pa.table(
        {**cells, ROW_NUMBER: row_numbers, PLACE: pa.array(places, pa.string()) if isinstance(places, list) else places}
    )


def _lay_out(
    delivery: Delivery,
    header: Header,
    cells: Callable[[int], Any],
    numbers: pa.Array,
    place: str,
    whole: Whole | None,
    shown: Any = (),
    is_last: bool = True,
) -> TextTable:
    """Cells by position as cells by column.

    `shown` are the rows of the header as the file has them: where they stand again among the data they are dropped, as
    are rows without a cell. A cell where the header has none sets its row apart, unless most rows of the `whole` have
    one there; without it, these are counted only. Below a table that `is_last` stand no more rows.
    """
    columns = {name: cells(at) for at, name in sorted(header.columns.items())}
    for name in {name for name in columns if list(header.columns.values()).count(name) > 1}:
        twins = [cells(at) for at, other in header.columns.items() if other == name]
        columns[name] = _agreeing(delivery, place, name, twins)
    table = text_table(delivery, columns, numbers, place)
    filled = {name: _filled(table[name]) for name in columns}
    around = _lines_around(
        delivery,
        lambda at: [cells(position)[at].as_py() for position in range(len(header.texts))],
        filled,
        len(numbers),
        is_last,
    )
    left_out = pc.is_in(numbers, numbers.take(pa.array(around, pa.int64())))
    ignored, misshapen, strays = [], [], {}
    for at, text in enumerate(header.texts):
        if at not in header.columns and not _blank(text):
            ignored.append(text)
        elif at not in header.columns:
            stray = pc.and_(_filled(cells(at)), pc.invert(left_out))
            strays[at] = pc.sum(stray).as_py() or 0
            if whole and whole.is_column(at):
                ignored.append(f"(column {at + 1} without a header)")
            elif whole and strays[at]:
                misshapen += [(number, "cell_count") for number in numbers.filter(stray).to_pylist()]
    drop = pc.is_in(numbers, pa.array([number for number, _ in misshapen], pa.int64()))
    drop = pc.or_(pc.or_(drop, left_out), pc.invert(functools.reduce(pc.or_, filled.values())))
    for row in shown:
        drop = pc.or_(drop, _shown_again({at: row[at] for at in header.columns if at < len(row)}, cells, len(numbers)))
    cells_left = table.filter(pc.invert(drop)) if pc.any(drop).as_py() else table
    return TextTable(cells_left, misshapen, ignored, around=len(around), lines=len(numbers), strays=strays)


def _shown_again(header: dict[int, str], cells: Callable[[int], Any], rows: int) -> Any:
    """Which rows have the texts of a header, of two or more, by position."""
    again, filled = pa.repeat(True, rows), {at: text for at, text in header.items() if text.strip()}
    for at, text in filled.items():
        again = pc.and_(again, pc.fill_null(pc.equal(cells(at), text), False))
        if not pc.any(again).as_py():
            break
    return again if len(filled) > 1 else pc.invert(pa.repeat(True, rows))


def _lines_around(
    delivery: Delivery, line: Callable[[int], Sequence[str | None]], filled: dict[str, Any], rows: int, is_last: bool
) -> list[int]:
    """Indexes of the lines that are none of the table's rows: totals, signatures, notes. `line` gives one by index."""
    required = [filled[column.name] for column in delivery.feed.columns if column.required and column.name in filled]
    if not required or not rows:
        return []
    count = functools.reduce(np.add, (_flags(column).astype(np.int8) for column in required))
    says = functools.reduce(np.logical_or, map(_flags, filled.values()))
    sparse = set(np.flatnonzero((2 * count < len(required)) & says).tolist()[:SPARSE_LINES])
    last_row = int(np.flatnonzero(2 * count >= len(required)).max(initial=-1)) if is_last else rows
    below = set(range(max(0, rows - LAST_LINES), rows)) if is_last else set()
    doubtful = {at: [cell or "" for cell in line(at)] for at in sparse | below}
    return lines_left_out(doubtful, sparse, last_row)


def _flags(column: Any) -> np.ndarray:
    return column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()


def _agreeing(delivery: Delivery, place: str, name: str, twins: list[Any]) -> Any:
    """One column of several under the same heading; `BrokenPromise` when two rows of them differ."""
    joined = twins[0]
    for twin in twins[1:]:
        if pc.any(pc.and_(pc.and_(_filled(joined), _filled(twin)), pc.not_equal(joined, twin))).as_py():
            raise delivery.feed.broken(delivery.file, place or "the header", "column_twice", columns=name)
        joined = pc.if_else(_filled(joined), joined, twin)
    return joined


def _filled(column: Any) -> Any:
    return pc.fill_null(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0), False)


# ----------------------------------------------------------------------------------------------------- formats


def _keep_to_kind(delivery: Delivery) -> None:
    """`BrokenPromise` when the file is of another kind than its name says; what is damaged is left to its reader."""
    with delivery.path.open("rb") as file:
        top = file.read(4096)
    kind, extension = _kind(delivery, top), delivery.extension
    meant = {"is_workbook": "xlsx", "is_parquet": "parquet"}.get(kind or "", "")
    if kind and meant != extension:
        raise delivery.feed.broken(delivery.file, "the file", kind, extension=extension)


def _kind(delivery: Delivery, top: bytes) -> str | None:
    if top.startswith(b"PK\x03\x04"):
        return _kind_of_zip(delivery)
    if top.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")):
        return "is_archive"
    if top.startswith(b"PAR1"):
        return "is_parquet"
    if top.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf")):
        return "is_document"
    if top.startswith(OLE2):
        # A workbook locked with a password looks the same: its reader knows.
        return None if delivery.extension == "xlsx" else "is_old_workbook"
    begins = top.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if delivery.extension in ("csv", "xlsx") and begins.startswith(
        (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")
    ):
        return "is_web_page"
    if delivery.extension in ("xlsx", "parquet") and top and b"\0" not in top and (b"\n" in top or b"\r" in top):
        return "is_text" if _reads_as_text(top) else None
    return None


def _kind_of_zip(delivery: Delivery) -> str | None:
    try:
        with zipfile.ZipFile(delivery.path) as parts:
            names = {name.lower() for name in parts.namelist()[: HEADER_WITHIN * 100]}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None if delivery.extension == "xlsx" else "is_archive"
    if "xl/workbook.xml" in names:
        return "is_workbook"
    return "is_old_workbook" if names & {"xl/workbook.bin", "content.xml"} else "is_archive"


def _reads_as_text(top: bytes) -> bool:
    try:
        text, _ = decode(top)
    except (UnknownEncoding, UnicodeDecodeError):
        return False
    return all(letter.isprintable() or letter in "\r\n\t\ufeff\ufffd" for letter in text)


class _Text:
    """A text file read in pieces. `encoding` is its name, `top` its first letters, where a header must stand."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        try:
            self.encoding = encoding_of(self._bytes)
            self.top = ""
            for piece in decoded(self._bytes(), self.encoding):
                self.top += piece
                if len(self.top) >= TOP and not self.top.isspace():
                    break
        except (UnknownEncoding, UnicodeDecodeError):
            raise delivery.feed.broken(delivery.file, "the file", "encoding") from None
        # Old programs of DOS end a file with a sign of its end.
        self.top = self.top.removesuffix("\x1a")
        if not self.top or self.top.isspace():
            raise delivery.feed.broken(delivery.file, "the file", "empty")

    def _bytes(self) -> Iterator[bytes]:
        size = sys.maxsize if self._delivery.feed.falls_with_head else PIECE_BYTES
        with self._delivery.path.open("rb") as file:
            while piece := file.read(min(size, self._delivery.path.stat().st_size + 1)):
                yield piece

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """Pieces that end where a line ends, but for the last, and whether it is that."""
        whole_lines, rest = "", ""
        for piece in filter(None, decoded(self._bytes(), self.encoding)):
            rest += piece
            # A line may end with a carriage return alone, but not between this and a line feed.
            if end := rest.rfind("\n") + 1 or rest.rfind("\r", 0, -1) + 1:
                if whole_lines:
                    yield whole_lines, False
                whole_lines, rest = rest[:end], rest[end:]
        yield (whole_lines + rest).removesuffix("\x1a"), True


@dataclass(frozen=True)
class _Layout:
    """How a CSV file is laid out: its delimiter, the lines up to and with its header, the header and its rows."""

    delimiter: str
    lines: int
    header: Header
    shown: list[list[str]]

    @property
    def width(self) -> int:
        return len(self.header.texts)


def _csv(delivery: Delivery, whole: Whole | None) -> Iterator[TextTable]:
    """Each line of the file is a row: one that is no whole row, or lies within a quoted cell, is set apart.

    A piece of the file ends before a line that neither it nor its neighbours leave in doubt; what is left of the piece
    is read with the next.
    """
    file = _Text(delivery)
    layout, text, line = _csv_layout(delivery, file.top), "", 0
    for piece, is_last in file.pieces():
        text += piece
        if line < layout.lines:
            begins = _after_lines(text, layout.lines)
            if begins is None and not is_last:
                continue
            if is_last and begins in (None, len(text)) and not text.endswith(("\n", "\r")):
                raise delivery.feed.broken(delivery.file, "the header", "unfinished_header")
            text, line = text[begins or 0 :] if begins is not None else "", layout.lines
        table, lines, left = _csv_piece(delivery, layout, text, line, is_last, whole)
        if lines or is_last:
            yield replace(table, encoding=file.encoding)
            text, line = _last_lines(text, left), line + lines


def _after_lines(text: str, lines: int) -> int | None:
    """Where in a text so many lines have ended; None where it has no more than these, or fewer."""
    ends = [line_end.end() for line_end in itertools.islice(LINE_END.finditer(text), lines)]
    return ends[-1] if len(ends) == lines else None


def _last_lines(text: str, lines: int) -> str:
    """The last lines of a text that ends where a line ends."""
    size = 0
    while lines:
        size = 2 * size + 100 * lines
        ends = [line_end.end() for line_end in LINE_END.finditer(text, max(0, len(text) - size))]
        if len(ends) > lines + 1:
            return text[ends[-lines - 1] :]
        if size >= len(text):
            return text[ends[-lines - 1] :] if len(ends) > lines else text
    return ""


def _csv_piece(
    delivery: Delivery, layout: _Layout, text: str, line: int, is_last: bool, whole: Whole | None
) -> tuple[TextTable, int, int]:
    """Lines that follow the first `line` lines of a file as a table, how many of them it has, and how many are left."""
    delimiter, width = layout.delimiter, layout.width
    body, numbers, torn, opened = _whole_lines(delivery, text, delimiter, line)
    if opened is not None and is_last:
        raise delivery.feed.broken(delivery.file, "the file", "unclosed_quote")
    invalid: list[tuple[int, str]] = []

    def skip(row: pacsv.InvalidRow) -> str:
        invalid.append((row.number, row.text))
        return "skip"

    names = [str(at) for at in range(width)]
    try:
        table = pacsv.read_csv(
            pa.BufferReader(body),
            read_options=pacsv.ReadOptions(column_names=names, use_threads=False),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, invalid_row_handler=skip, ignore_empty_lines=False),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except MemoryError:
        raise
    except pa.ArrowException as broken:
        if "Empty CSV file" not in str(broken):
            # Arrow quotes the offending text, which may be personal: only the fact goes on.
            raise delivery.feed.broken(delivery.file, "the file", "rows_do_not_parse") from None
        table = pa.table({name: pa.array([], pa.string()) for name in names})
    total = table.num_rows + len(invalid)
    if total != len(numbers):
        raise delivery.feed.broken(delivery.file, "the file", "rows_do_not_parse")
    parsed = np.ones(total, bool)
    parsed[[number - 1 for number, _ in invalid]] = False
    unfit = {int(numbers[number - 1]): cells for number, cells in invalid}
    lines, every = numbers[parsed], _count_lines(text)
    end = line + every
    if not is_last:
        end = min(end - LAST_LINES, opened - 1 if opened is not None else end)
        end = _end_without_doubt(delivery, layout, table, lines, end, line, {*torn, *unfit})
        kept = int(np.searchsorted(lines, end, side="right"))
        table, lines = table.slice(0, kept), lines[:kept]
        torn = {number: why for number, why in torn.items() if number <= end}
        unfit = {number: cells for number, cells in unfit.items() if number <= end}
    laid = _lay_out(
        delivery, layout.header, lambda at: table.column(str(at)), pa.array(lines, pa.int64()), "", whole,
        layout.shown, is_last=is_last,
    )  # fmt: skip
    around = {number for number, cells in unfit.items() if speaks_of_the_table(_cells_of(cells, delimiter))}
    misshapen = sorted(torn.items()) + [(number, "cell_count") for number in unfit if number not in around]
    misshapen += laid.misshapen
    # A line without a separator may be the rest of the row above, or the beginning of the one below.
    alone = {number for number, cells in unfit.items() if delimiter not in cells and number not in around}
    beside = pa.array(sorted({number + step for number in alone for step in (-1, 1)}), pa.int64())
    doubtful = pc.is_in(laid.cells[ROW_NUMBER], beside)
    misshapen += [(number, "line_break_in_cell") for number in laid.cells[ROW_NUMBER].filter(doubtful).to_pylist()]
    cells = laid.cells.filter(pc.invert(doubtful)) if len(beside) else laid.cells
    if is_last and text and not text.endswith(("\n", "\r")):
        cells, misshapen = _without_unfinished(delivery, text, delimiter, width, cells, misshapen, line + every)
    laid = replace(laid, cells=cells, misshapen=misshapen, around=laid.around + len(around))
    return laid, end - line, line + every - end


def _end_without_doubt(
    delivery: Delivery, layout: _Layout, table: pa.Table, numbers: np.ndarray, end: int, line: int, odd: set[int]
) -> int:
    """The last line up to `end` after which a file may be parted; the `line` before the first where there is none.

    Neither that line nor the next is `odd`, and the next is no footer: it has most of what a row must have.
    """
    required = [
        at
        for at, name in layout.header.columns.items()
        if name in delivery.feed.by_name and delivery.feed.by_name[name].required
    ]
    while end > line:
        at = int(np.searchsorted(numbers, end + 1))
        if end not in odd and at < len(numbers) and numbers[at] == end + 1:
            filled = sum(bool(table.column(str(column))[at].as_py().strip()) for column in required)
            if 2 * filled >= len(required):
                break
        end -= 1
    return max(end, line)


def _cells_of(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _count_lines(text: str) -> int:
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    return ends + (bool(text) and not text.endswith(("\n", "\r")))


def _whole_lines(
    delivery: Delivery, text: str, delimiter: str, line: int
) -> tuple[pa.Buffer, np.ndarray, dict[int, str], int | None]:
    """Lines that follow the first `line` lines of a file: those that are whole rows, as bytes, and their numbers.

    Also the lines that are set apart, with the reason, and the line whose quote is not closed yet, by number.
    """
    try:
        body = pa.py_buffer(text.encode())
    except UnicodeEncodeError:
        raise delivery.feed.broken(delivery.file, "the file", "encoding") from None
    numbers = np.arange(line + 1, line + 1 + _count_lines(text))
    if '"' not in text:
        return body, numbers, {}, None
    torn, opened = _torn_lines(_lines(delivery, text, body), delimiter)
    opened = None if opened is None else line + 1 + opened
    if not torn:
        return body, numbers, {}, opened
    is_apart = np.zeros(len(numbers), bool)
    is_apart[list(torn)] = True
    whole = _lines(delivery, text, body).filter(pa.array(~is_apart)).to_pylist()
    kept = pa.py_buffer("".join(f"{row}\n" for row in whole).encode())
    return kept, numbers[~is_apart], {line + 1 + at: reason for at, reason in torn.items()}, opened


def _lines(delivery: Delivery, text: str, body: pa.Buffer) -> pa.ChunkedArray:
    """The lines of a text as they stand, whatever quotes are in them."""
    unused = next((sign for sign in map(chr, (1, 2, 3, 4, 5, 6, 7, 28, 29, 30, 31)) if sign not in text), None)
    if unused is None:
        raise delivery.feed.broken(delivery.file, "the file", "rows_do_not_parse")
    try:
        table = pacsv.read_csv(
            pa.BufferReader(body),
            read_options=pacsv.ReadOptions(column_names=["line"], use_threads=False),
            parse_options=pacsv.ParseOptions(delimiter=unused, quote_char=False, ignore_empty_lines=False),
            convert_options=pacsv.ConvertOptions(column_types={"line": pa.string()}, strings_can_be_null=False),
        )
    except MemoryError:
        raise
    except pa.ArrowException:
        raise delivery.feed.broken(delivery.file, "the file", "rows_do_not_parse") from None
    return table.column("line")


def _torn_lines(lines: pa.ChunkedArray, delimiter: str) -> tuple[dict[int, str], int | None]:
    """Lines by index that are no row by themselves, with the reason, and the one whose quote is not closed, if any.

    A quote begins a cell, ends it, or stands twice within one. A line whose last cell is not closed swallows the lines
    below, up to one that closes it or that cannot be read as going on: all of them are set apart.
    """
    cell, mark = f'(?:"(?:[^"]|"")*"|[^"{re.escape(delimiter)}]*)', re.escape(delimiter)
    inside = '(?:[^"]|"")*'
    # As RE2, which takes no longer for a hostile line.
    patterns = {
        "whole": f"^{cell}(?:{mark}{cell})*$",
        "opens": f'^(?:{cell}{mark})*"{inside}$',
        "closes": f'^{inside}"(?:{mark}{cell})*$',
        "closes and opens": f'^{inside}"(?:{mark}{cell})*{mark}"{inside}$',
        "goes on": f"^{inside}$",
    }
    # A line without a quote is whole.
    if pc.all(pc.match_substring_regex(lines, patterns["whole"])).as_py():
        return {}, None
    has_quotes = pc.match_substring(lines, '"')
    quoted, texts = np.flatnonzero(_flags(has_quotes)), lines.filter(has_quotes)
    says = {name: _flags(pc.match_substring_regex(texts, pattern)) for name, pattern in patterns.items()}
    torn: dict[int, str] = {}
    opened: int | None = None
    for at, line in enumerate(quoted.tolist()):
        if opened is not None:
            if says["goes on"][at]:
                continue
            closed = says["closes"][at] or says["closes and opens"][at]
            torn |= dict.fromkeys(range(opened, line + bool(closed)), "line_break_in_cell")
            opened = line if says["closes and opens"][at] else None
            if closed:
                continue
        if not says["whole"][at]:
            torn[line] = "stray_quote"
            opened = line if says["opens"][at] else None
    return torn, opened


def _without_unfinished(
    delivery: Delivery,
    text: str,
    delimiter: str,
    width: int,
    cells: pa.Table,
    misshapen: list[tuple[int, str]],
    number: int,
) -> tuple[pa.Table, list[tuple[int, str]]]:
    """The rows without the last line, of this number, which has no end; `BrokenPromise` when it is cut."""
    last = _cells_of(text[max(text.rfind("\n"), text.rfind("\r")) + 1 :], delimiter)
    if speaks_of_the_table(last):
        return cells, misshapen
    if len(last) < width:
        raise delivery.feed.broken(delivery.file, f"row {number}", "cut")
    misshapen = [entry for entry in misshapen if entry[0] != number] + [(number, "unfinished_row")]
    return cells.filter(pc.not_equal(cells[ROW_NUMBER], number)), misshapen


def _csv_layout(delivery: Delivery, text: str) -> _Layout:
    """How a file that begins with this text is laid out; `BrokenPromise` where it has no header."""
    top = text[:TOP]

    def rows(delimiter: str, count: int) -> tuple[list[list[str]], int]:
        reader = csv.reader(io.StringIO(top, newline=""), delimiter=delimiter)
        first: list[list[str]] = []
        # A line may be no CSV; the rows before it may hold the header.
        with contextlib.suppress(csv.Error):
            first += itertools.islice(reader, count)
        return first, reader.line_num

    def columns_found(delimiter: str) -> tuple[int, int]:
        first = rows(delimiter, HEADER_WITHIN)[0]
        # Where letters are misread no header is known yet: then the widest table is meant.
        return max((len(match_headers(delivery.feed, row)) for row in first), default=0), max(
            map(len, first), default=0
        )

    delimiter = max(DELIMITERS, key=columns_found)
    header = find_header(delivery, rows(delimiter, HEADER_WITHIN)[0], "the header")
    # A header cell may hold line breaks; Arrow skips physical lines.
    shown, lines = rows(delimiter, header.last + 1)
    if any(_swallows_rows(cell, delimiter, len(header.texts)) for row in shown for cell in row):
        raise delivery.feed.broken(delivery.file, "the header", "unclosed_quote")
    following, lines_with_numbering = rows(delimiter, header.last + 2)
    if len(following) > len(shown) and numbers_columns(following[-1]):
        lines = lines_with_numbering
    width = max(map(len, shown[header.first :]))
    padded = replace(header, texts=[*header.texts, *[""] * (width - len(header.texts))])
    return _Layout(delimiter, lines, padded, shown[header.first :])


def _swallows_rows(cell: str, delimiter: str, width: int) -> bool:
    """Whether a cell of a header goes on over lines that are rows: a quote was never meant to open it."""
    return any(2 * line.count(delimiter) >= width for line in LINE_END.split(cell)[1:])


def read_flat_workbook(delivery: Delivery, whole: Whole | None) -> TextTable:
    """Every visible sheet that carries the contract's columns, with or without title rows above its header."""
    book = Workbook(delivery)
    parts, others = [], [f"(hidden sheet {name})" for name in book.hidden]
    if not book.visible:
        raise delivery.feed.broken(delivery.file, "the file", "no_workbook")
    columns, widths = 0, {}
    for at, name in enumerate(book.visible, 1):
        top = list(itertools.islice(book.rows(name), HEADER_WITHIN))
        headed = _best_header(delivery.feed, top).columns
        if headed or (not parts and name == book.visible[-1]):
            parts.append(_sheet(delivery, book, name, speakable(name, str(at)), whole))
            columns = max(columns, len(headed))
        else:
            others.append(f"(sheet {name})")
            widths[at] = max((sum(bool(cell.strip()) for cell in row) for row in top), default=0)
    for at, width in widths.items():
        # A page of the same table that lost its header; notes and instructions are narrower.
        if width > 2 and 10 * width >= 7 * columns:
            raise delivery.feed.broken(delivery.file, f"sheet {at}", "sheet_without_header")
    return TextTable(
        pa.concat_tables([part.cells for part in parts]),
        [entry for part in parts for entry in part.misshapen],
        [*dict.fromkeys(header for part in parts for header in part.ignored_columns), *others],
        "xlsx",
        book.from_1904,
        around=sum(part.around for part in parts),
        lines=sum(part.lines for part in parts),
        strays=functools.reduce(Counter.__add__, (Counter(part.strays) for part in parts)),
    )


def _sheet(delivery: Delivery, book: Workbook, name: str, shown: str, whole: Whole | None) -> TextTable:
    rows = book.rows(name, fill_down=True)
    top = list(itertools.islice(rows, HEADER_WITHIN + 1))
    header = find_header(delivery, top, f"sheet {shown}")
    start = header.last + 1
    if start < len(top) and numbers_columns(top[start]):
        start += 1
    width = max([len(header.texts), *map(len, top[:1])])
    header = replace(header, texts=[*header.texts, *[""] * (width - len(header.texts))])
    columns = _columns(itertools.chain(top[start:], rows), width)
    numbers = pa.array(range(start + 1, start + 1 + len(columns[0])), pa.int64())
    across = [number for number in book.merged_across(name) if number > start]
    shown_rows = top[header.first : header.last + 1]
    laid = _lay_out(delivery, header, columns.__getitem__, numbers, shown, whole, shown_rows)
    kept = pc.invert(pc.is_in(laid.cells[ROW_NUMBER], pa.array(across, pa.int64())))
    merged = [(number, "cell_count") for number in laid.cells[ROW_NUMBER].filter(pc.invert(kept)).to_pylist()]
    return replace(laid, cells=laid.cells.filter(kept), misshapen=laid.misshapen + merged)


def _columns(rows: Iterator[list[str]], width: int) -> list[pa.ChunkedArray]:
    """Rows as columns, without more of them at a time as Python has them, which takes five times the memory."""
    chunks: list[list[pa.Array]] = [[] for _ in range(width)]
    while piece := list(itertools.islice(rows, SHEET_ROWS)):
        for at, column in enumerate(chunks):
            column.append(pa.array([row[at] for row in piece], pa.string()))
    return [pa.chunked_array(column, pa.string()) for column in chunks]


def _parquet(delivery: Delivery, whole: Whole | None) -> Iterator[TextTable]:
    row = 0
    for header, cells, rows, is_last in _parquet_cells(delivery):
        numbers = pa.array(range(row + 1, row + rows + 1), pa.int64())
        laid = _lay_out(delivery, header, cells.__getitem__, numbers, "", whole, is_last=is_last)
        yield replace(laid, encoding="parquet")
        row += rows


def _parquet_cells(delivery: Delivery) -> Iterator[tuple[Header, dict[int, pa.Array], int, bool]]:
    """The header, and rows of the file: their text by position, how many they are, and whether they are the last."""
    refused = functools.partial(delivery.feed.broken, delivery.file, "the file")
    try:
        file = pq.ParquetFile(delivery.path)
        schema = file.schema_arrow
        header = find_header(delivery, [schema.names], "the columns")
        if file.metadata.num_rows > PARQUET_ROWS:
            raise refused("unpacks_too_large")
        names = [schema.names[at] for at in header.columns]
        if len(set(names)) < len(names):
            raise refused("column_twice", columns=", ".join(sorted({name for name in names if names.count(name) > 1})))
        nested = [name for name in names if pa.types.is_nested(schema.field(name).type)]
        if nested:
            raise refused("nested", columns=", ".join(header.columns[schema.names.index(name)] for name in nested))
        # Text stays in the dictionaries of the file until it is known how much it unfolds to.
        texts = [name for name in names if _is_text(schema.field(name).type)]
        source = pq.ParquetFile(
            delivery.path, read_dictionary=texts, page_checksum_verification=True, pre_buffer=False,
            buffer_size=PARQUET_BUFFER,
        )  # fmt: skip
        for table, is_last in _parquet_tables(source, names, _piece_rows(delivery)):
            table.validate(full=True)
            if sum(_unfolded(table.column(name)) for name in texts) > PARQUET_TEXT_BYTES:
                raise refused("unpacks_too_large")
            # Other columns are not read; a file of columns has no cell without a header.
            cells = dict.fromkeys(range(len(header.texts)), pa.nulls(table.num_rows, pa.string()))
            cells |= {at: _as_text(table.column(name)) for at, name in zip(header.columns, names, strict=True)}
            yield header, cells, table.num_rows, is_last
    except UnknownEncoding:
        raise refused("letters") from None
    except MemoryError:
        # An error of Arrow, too, and none of the file.
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError):
        raise refused("no_parquet") from None


def _parquet_tables(file: pq.ParquetFile, names: list[str], rows: int) -> Iterator[tuple[pa.Table, bool]]:
    """Tables of so many rows, and whether it is the last, which is long enough for the lines below a table."""
    size = min(rows, file.metadata.num_rows + 1)
    # Group by group: over several at once the dictionaries of all of them would be kept.
    batches = (
        file.iter_batches(size, row_groups=[group], columns=names, use_threads=False)
        for group in range(file.num_row_groups)
    )
    held = file.schema_arrow.empty_table().select(names)
    for batch in map(pa.table, itertools.chain.from_iterable(batches)):
        if held.num_rows + batch.num_rows > rows and held.num_rows > LAST_LINES:
            held, whole = held.slice(held.num_rows - LAST_LINES), held.slice(0, held.num_rows - LAST_LINES)
            yield whole, False
        held = pa.concat_tables([held, batch], promote_options="permissive") if held.num_rows else batch
    yield held, True


def _is_text(kind: pa.DataType) -> bool:
    """Text, or bytes without a word on their meaning, which hold text as other programs write it."""
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or _is_bytes(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _unfolded(column: pa.ChunkedArray) -> int:
    return sum(
        pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py() or 0
        for chunk in column.chunks if pa.types.is_dictionary(chunk.type)
    )  # fmt: skip


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    """A column as text; `ValueError` where its bytes are none. A day of no calendar is a text that nobody can read."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        column = column.cast(kind)
    if _is_bytes(kind):
        try:
            column = column.cast(pa.large_binary()).cast(pa.large_string())
        except pa.ArrowInvalid:
            raise UnknownEncoding("bytes that are no UTF-8") from None
    if _is_text(kind):
        return column.cast(pa.string())
    if pa.types.is_temporal(kind):
        return _days_as_text(column)
    encoded = column.combine_chunks().dictionary_encode()
    texts = pa.array([cell_text(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return texts.take(encoded.indices)


def _days_as_text(column: pa.ChunkedArray) -> pa.Array:
    years = pc.min_max(pc.year(column)) if pa.types.is_date32(column.type) else None
    if years and column.null_count < len(column) and years["min"].as_py() >= 1000 and years["max"].as_py() <= 9999:
        return column.cast(pa.string()).combine_chunks()
    encoded = column.combine_chunks().dictionary_encode()
    return pa.array(map(_day_as_text, encoded.dictionary), pa.string()).take(encoded.indices)


def _day_as_text(value: pa.Scalar) -> str:
    try:
        return cell_text(value.as_py())
    except (OverflowError, ValueError, pa.ArrowException):
        # Infinity, and years beyond 9999.
        return NO_DAY


def _jsonl(delivery: Delivery, whole: Whole | None) -> Iterator[TextTable]:  # noqa: ARG001  answers have no strays
    """Answers of a service, one JSON object a line, bare or in an envelope under `data`."""
    file = _Text(delivery)
    if file.top.lstrip().startswith("["):
        raise delivery.feed.broken(delivery.file, "the file", "json_array")
    named, rest, number = set[str](), "", 0
    for piece, is_last in file.pieces():
        # Only a line feed ends a line: other breaks may stand inside a text.
        *lines, rest = (rest + piece).split("\n")
        table = _jsonl_piece(delivery, lines, number, named)
        number += len(lines)
        if is_last and rest.strip():
            table = replace(table, misshapen=[*table.misshapen, _unfinished(delivery, rest, number + 1)])
        yield replace(table, encoding=file.encoding)
    find_header(delivery, [sorted(named)], "the answers")


def _jsonl_piece(delivery: Delivery, lines: list[str], before: int, named: set[str]) -> TextTable:
    """Whole lines as a table; the columns that they name are added to those `named`."""
    answers, misshapen, ignored = [], [], set()
    for number, line in enumerate(lines, start=before + 1):
        if not line.strip():
            continue
        try:
            answer = _answer(delivery.feed, json.loads(line, object_pairs_hook=_once), ignored)
        except _NO_ANSWER:
            misshapen.append((number, "not_json"))
            continue
        answers.append((number, answer))
        named.update(answer)
    names = [*delivery.feed.by_name, *PLACE_PARTS]
    columns = {name: pa.array([answer.get(name) for _, answer in answers], pa.string()) for name in names}
    cells = text_table(delivery, columns, [number for number, _ in answers])
    return TextTable(cells, misshapen, sorted(ignored))


def _unfinished(delivery: Delivery, line: str, number: int) -> tuple[int, str]:
    """A last line without its end is set apart; `BrokenPromise` when it is cut."""
    try:
        _answer(delivery.feed, json.loads(line, object_pairs_hook=_once), set())
    except _NO_ANSWER:
        raise delivery.feed.broken(delivery.file, f"row {number}", "cut") from None
    return number, "unfinished_row"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of an answer; `ValueError` when it says something twice, since JSON's readers keep the last alone."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("one field twice")
    return members


def _answer(feed: Feed, sent: Any, ignored: set[str]) -> dict[str, str]:
    """The cells of one answer; `ValueError` when two of its fields say different things of one column."""
    headings, cells = feed.headings, {}
    for name, value in sent.get("data", sent).items():
        column = headings.get(fold(name))
        if column is None:
            ignored.add(name)
            continue
        text = cell_text(value)
        # Half of a letter's pair cannot be kept as text.
        text.encode()
        if cells.get(column) and text and text != cells[column]:
            raise ValueError("two answers for one column")
        cells[column] = text or cells.get(column, "")
    return cells
