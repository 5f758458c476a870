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
import zipfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sources.contracts.feeds import Column, Feed, discover
from sources.contracts.refusal import BrokenPromise
from sources.reading.delivery import Delivery
from sources.reading.encoding import (
    BELIEVED,
    ETH,
    HOPELESS,
    LEGACY,
    MISREADINGS,
    UnknownEncoding,
    d_for_eth,
    decode,
    in_known_letters,
    in_one_byte,
    misreading,
    vietnamese_share,
)
from sources.reading.footer import LAST_LINES, lines_left_out, speaks_of_the_table
from sources.reading.workbook import OLE2, Workbook, cell_text
from sources.text import fold

ROW_NUMBER, PLACE = "row_number", "place"
# What a row may say of its place beside or instead of a code; helpers of `rows`, not columns of the contract.
COMMUNE_NAME, DISTRICT_NAME, PROVINCE_NAME = "commune_name", "district_name", "province_name"
PLACE_PARTS = (COMMUNE_NAME, DISTRICT_NAME, PROVINCE_NAME)
# Titles above a header take a few rows, and a merged header four; beyond this a file has no header.
HEADER_WITHIN, HEADER_HEIGHT, LONGEST_HEADER = 20, 4, 300
DELIMITERS = ",;\t|"
LINE_END = re.compile("\r\n|\n|\r")
# What is longer, has a colon or a long number in it is no heading, and may be a note with a name.
LONGEST_SHOWN = 60
NUMBERING = re.compile(r"\(?([0-9]{1,3}|[A-Za-z])\)?")
# What a Parquet file may unfold to: a column of one repeated value takes no room in the file.
PARQUET_ROWS, PARQUET_TEXT_BYTES = 20_000_000, 4 * 1024**3
# A file with more lines that are next to empty has no footer, but broken rows.
SPARSE_LINES = 1000
NO_DAY = "#NO DAY!"
# Words enough to tell how a column was misread.
SAMPLED_TEXTS = 5_000


@dataclass(frozen=True)
class TextTable:
    """Text cells by contract column, with `row_number` (1-based row of the file) and `place` (sheet, or empty).

    `misshapen` are rows that could not be laid out: (row number, reason). `ignored_columns` are headers that the
    contract does not know, sheets and lines below the table that were not read, `encoding` names how text was decoded.
    `from_1904` says that a day written as a plain number counts from 1904.
    """

    cells: pa.Table
    misshapen: list[tuple[int, str]] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    encoding: str = "UTF-8"
    from_1904: bool = False


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


def read_table(delivery: Delivery) -> TextTable:
    """The delivery's cells; `BrokenPromise` when it cannot be read or lacks a required column."""
    _keep_to_kind(delivery)
    own = delivery.feed.module("reader")
    if own and delivery.extension in own.FORMATS:
        table = own.read(delivery)
    else:
        read = {"csv": _csv, "xlsx": read_flat_workbook, "parquet": _parquet, "jsonl": _jsonl}
        table = read[delivery.extension](delivery)
    ignored = [speakable(header, "(a header that is not shown)") for header in table.ignored_columns]
    return _in_letters(delivery, replace(table, ignored_columns=list(dict.fromkeys(ignored))))


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
    shown: Any = (),
    line: Callable[[int], Sequence[str | None]] | None = None,
) -> TextTable:
    """Cells by position as cells by column. `line` gives one row by its index, where that is cheaper than its cells.

    `shown` are the rows of the header as the file has them: where they stand again among the data they are dropped, as
    are rows without a cell. A cell where the header has none sets its row apart, unless most rows have one there.
    """
    columns = {name: cells(at) for at, name in sorted(header.columns.items())}
    for name in {name for name in columns if list(header.columns.values()).count(name) > 1}:
        twins = [cells(at) for at, other in header.columns.items() if other == name]
        columns[name] = _agreeing(delivery, place, name, twins)
    table = text_table(delivery, columns, numbers, place)
    filled = {name: _filled(table[name]) for name in columns}
    line = line or (lambda at: [cells(position)[at].as_py() for position in range(len(header.texts))])
    around = _lines_around(delivery, line, filled, len(numbers))
    left_out = pc.is_in(numbers, numbers.take(pa.array(around, pa.int64())))
    ignored, misshapen = [], []
    for at, text in enumerate(header.texts):
        if at not in header.columns and not _blank(text):
            ignored.append(text)
        elif at not in header.columns:
            stray = pc.and_(_filled(cells(at)), pc.invert(left_out))
            share = pc.mean(stray.cast(pa.float64())).as_py() or 0
            if share > 0.5:
                ignored.append(f"(column {at + 1} without a header)")
            elif share:
                misshapen += [(number, "cell_count") for number in numbers.filter(stray).to_pylist()]
    drop = pc.is_in(numbers, pa.array([number for number, _ in misshapen], pa.int64()))
    drop = pc.or_(pc.or_(drop, left_out), pc.invert(functools.reduce(pc.or_, filled.values())))
    for row in shown:
        drop = pc.or_(drop, _shown_again({at: row[at] for at in header.columns if at < len(row)}, cells, len(numbers)))
    ignored += lines_around(len(around))
    return TextTable(table.filter(pc.invert(drop)) if pc.any(drop).as_py() else table, misshapen, ignored)


def _shown_again(header: dict[int, str], cells: Callable[[int], Any], rows: int) -> Any:
    """Which rows have the texts of a header, of two or more, by position."""
    again, filled = pa.repeat(True, rows), {at: text for at, text in header.items() if text.strip()}
    for at, text in filled.items():
        again = pc.and_(again, pc.fill_null(pc.equal(cells(at), text), False))
        if not pc.any(again).as_py():
            break
    return again if len(filled) > 1 else pc.invert(pa.repeat(True, rows))


def _lines_around(
    delivery: Delivery, line: Callable[[int], Sequence[str | None]], filled: dict[str, Any], rows: int
) -> list[int]:
    """Indexes of the lines that are none of the table's rows: totals, signatures, notes. `line` gives one by index."""
    required = [filled[column.name] for column in delivery.feed.columns if column.required and column.name in filled]
    if not required or not rows:
        return []
    count = functools.reduce(np.add, (_flags(column).astype(np.int8) for column in required))
    says = functools.reduce(np.logical_or, map(_flags, filled.values()))
    sparse = set(np.flatnonzero((2 * count < len(required)) & says).tolist()[:SPARSE_LINES])
    last_row = int(np.flatnonzero(2 * count >= len(required)).max(initial=-1))
    doubtful = {at: [cell or "" for cell in line(at)] for at in sparse | set(range(max(0, rows - LAST_LINES), rows))}
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


def _in_letters(delivery: Delivery, table: TextTable) -> TextTable:
    """The table with its letters as they were meant, where a column's text was once read in another encoding."""
    names = [*delivery.feed.by_name, *PLACE_PARTS]
    accented = {name: texts for name in names if (texts := _accented_texts(table.cells[name]))}
    shares = {name: vietnamese_share("\n".join(texts)) for name, texts in accented.items()}
    suspect = [name for name, share in shares.items() if share < BELIEVED]
    # What a closed list of words lacks is set apart row by row, and proves nothing about the file.
    free = [name for name in suspect if name in PLACE_PARTS or _is_free_text(delivery.feed.by_name[name])]
    try:
        name = misreading(text for column in suspect for text in accented[column])
    except UnknownEncoding:
        if free:
            raise _damaged_letters(delivery) from None
        name = None
    cells = table.cells
    if name is not None:
        read = MISREADINGS[name]
        whole = vietnamese_share("\n".join(text for texts in accented.values() for text in texts)) < HOPELESS
        if name in LEGACY and not whole:
            # Some cells of a column are misread and some are not: no reading is right for both. One is its row's fault.
            mixed = [column for column in suspect if shares[column] >= HOPELESS]
            if any(sum(vietnamese_share(text) < 1 for text in accented[column]) > 1 for column in {*mixed} & {*free}):
                raise _damaged_letters(delivery)
            suspect = [column for column in suspect if column not in mixed]
            name = name if suspect else None
        for column in accented:
            texts = cells[column].combine_chunks().dictionary_encode()
            mended = [text if text is None or text.isascii() else read(text) for text in texts.dictionary.to_pylist()]
            # Where most words are misread, a column whose words are spelled right either way is misread too.
            either_way = whole and all(in_one_byte(text) for text in texts.dictionary.to_pylist() if text)
            if column in suspect or (either_way and vietnamese_share("\n".join(filter(None, mended))) >= BELIEVED):
                cells = _replaced(cells, column, texts, mended)
    cells, eth = _with_d_for_eth(cells, accented)
    readings = [table.encoding, *filter(None, [name]), *[ETH] * eth]
    return replace(table, cells=cells, encoding=", ".join(readings))


def _is_free_text(column: Column) -> bool:
    return column.kind == "text" and not column.words and not column.code_list


def _damaged_letters(delivery: Delivery) -> BrokenPromise:
    in_bytes = delivery.extension in ("csv", "jsonl")
    return delivery.feed.broken(delivery.file, "the file", "encoding" if in_bytes else "letters")


def _accented_texts(column: Any) -> list[str]:
    """Texts of a column from which its encoding can be told. A sign that no encoding makes is its row's fault alone."""
    accented = pc.unique(column.filter(pc.invert(pc.string_is_ascii(column))))[:SAMPLED_TEXTS]
    return [text for text in accented.to_pylist() if in_known_letters(text)]


def _replaced(cells: pa.Table, column: str, encoded: pa.DictionaryArray, texts: list[str | None]) -> pa.Table:
    values = pa.array(texts, pa.string()).take(encoded.indices)
    return cells.set_column(cells.column_names.index(column), column, values)


def _with_d_for_eth(cells: pa.Table, columns: Collection[str]) -> tuple[pa.Table, bool]:
    """The cells with Đ where another alphabet's letter that looks like it stands in a word, and whether any did."""
    replaced = False
    for column in columns:
        if not pc.any(pc.match_substring_regex(cells[column].cast(pa.string()), "[ðÐ]")).as_py():
            continue
        texts = cells[column].combine_chunks().dictionary_encode()
        mended = [text and d_for_eth(text) for text in texts.dictionary.to_pylist()]
        replaced = replaced or mended != texts.dictionary.to_pylist()
        cells = _replaced(cells, column, texts, mended)
    return cells, replaced


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


def _text(delivery: Delivery) -> tuple[str, str]:
    """A text file's letters and the name of its encoding."""
    try:
        text, encoding = decode(delivery.path.read_bytes())
    except (UnknownEncoding, UnicodeDecodeError):
        raise delivery.feed.broken(delivery.file, "the file", "encoding") from None
    # Old programs of DOS end a file with a sign of its end.
    text = text.removesuffix("\x1a")
    if not text or text.isspace():
        raise delivery.feed.broken(delivery.file, "the file", "empty")
    return text, encoding


def _csv(delivery: Delivery) -> TextTable:
    """Each line of the file is a row: one that is no whole row, or lies within a quoted cell, is set apart."""
    text, encoding = _text(delivery)
    delimiter, header_lines, header, shown = _csv_header(delivery, text)
    width = len(header.texts)
    body, numbers, misshapen = _whole_lines(delivery, text, delimiter, header_lines)
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
    lines = pa.array(numbers[parsed], pa.int64())
    laid = _lay_out(delivery, header, lambda at: table.column(str(at)), lines, "", shown)
    around = {number for number, line in invalid if speaks_of_the_table(_cells_of(line, delimiter))}
    misshapen += [(int(numbers[number - 1]), "cell_count") for number, _ in invalid if number not in around]
    misshapen += laid.misshapen
    # A line without a separator may be the rest of the row above, or the beginning of the one below.
    alone = {int(numbers[number - 1]) for number, line in invalid if delimiter not in line and number not in around}
    beside = pa.array(sorted({number + step for number in alone for step in (-1, 1)}), pa.int64())
    doubtful = pc.is_in(laid.cells[ROW_NUMBER], beside)
    misshapen += [(number, "line_break_in_cell") for number in laid.cells[ROW_NUMBER].filter(doubtful).to_pylist()]
    cells = laid.cells.filter(pc.invert(doubtful)) if len(beside) else laid.cells
    ignored = [*laid.ignored_columns, *lines_around(len(around))]
    if not text.endswith(("\n", "\r")):
        cells, misshapen = _without_unfinished(delivery, text, delimiter, width, cells, misshapen)
    return TextTable(cells, misshapen, list(dict.fromkeys(ignored)), encoding)


def _cells_of(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _whole_lines(
    delivery: Delivery, text: str, delimiter: str, header_lines: int
) -> tuple[pa.Buffer, np.ndarray, list[tuple[int, str]]]:
    """The lines below the header that are whole rows, as bytes, their numbers, and the lines that are set apart."""
    begins = 0
    for line_end in itertools.islice(LINE_END.finditer(text), header_lines):
        begins = line_end.end()
    lines = text.count("\n", begins) + text.count("\r", begins) - text.count("\r\n", begins)
    if not lines and begins in (0, len(text)) and not text.endswith(("\n", "\r")):
        raise delivery.feed.broken(delivery.file, "the header", "unfinished_header")
    lines += begins < len(text) and not text.endswith(("\n", "\r"))
    try:
        body = pa.py_buffer(text.encode()).slice(len(text[:begins].encode()))
    except UnicodeEncodeError:
        raise delivery.feed.broken(delivery.file, "the file", "encoding") from None
    numbers = np.arange(header_lines + 1, header_lines + 1 + lines)
    if text.find('"', begins) < 0:
        return body, numbers, []
    torn = _torn_lines(delivery, _lines(delivery, text, body), delimiter)
    if not torn:
        return body, numbers, []
    apart = np.zeros(lines, bool)
    apart[list(torn)] = True
    whole = _lines(delivery, text, body).filter(pa.array(~apart)).to_pylist()
    kept = pa.py_buffer("".join(f"{line}\n" for line in whole).encode())
    return kept, numbers[~apart], [(int(numbers[at]), reason) for at, reason in sorted(torn.items())]


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
    except pa.ArrowException:
        raise delivery.feed.broken(delivery.file, "the file", "rows_do_not_parse") from None
    return table.column("line")


def _torn_lines(delivery: Delivery, lines: pa.ChunkedArray, delimiter: str) -> dict[int, str]:
    """Lines by index that are no row by themselves, with the reason; `BrokenPromise` when a quote is never closed.

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
        return {}
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
    if opened is not None:
        raise delivery.feed.broken(delivery.file, "the file", "unclosed_quote")
    return torn


def _without_unfinished(
    delivery: Delivery, text: str, delimiter: str, width: int, cells: pa.Table, misshapen: list[tuple[int, str]]
) -> tuple[pa.Table, list[tuple[int, str]]]:
    """The rows without the last line, which has no end; `BrokenPromise` when the file is cut within it."""
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    last = _cells_of(text[max(text.rfind("\n"), text.rfind("\r")) + 1 :], delimiter)
    if speaks_of_the_table(last):
        return cells, misshapen
    if len(last) < width:
        raise delivery.feed.broken(delivery.file, f"row {ends + 1}", "cut")
    misshapen = [entry for entry in misshapen if entry[0] != ends + 1] + [(ends + 1, "unfinished_row")]
    return cells.filter(pc.not_equal(cells[ROW_NUMBER], ends + 1)), misshapen


def _csv_header(delivery: Delivery, text: str) -> tuple[str, int, Header, list[list[str]]]:
    """Delimiter, lines up to and with the header, the header, and its rows."""
    top = text[:200_000]

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
    return delimiter, lines, padded, shown[header.first :]


def _swallows_rows(cell: str, delimiter: str, width: int) -> bool:
    """Whether a cell of a header goes on over lines that are rows: a quote was never meant to open it."""
    return any(2 * line.count(delimiter) >= width for line in LINE_END.split(cell)[1:])


def read_flat_workbook(delivery: Delivery) -> TextTable:
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
            parts.append(_sheet(delivery, book, name, speakable(name, str(at))))
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
    )


def _sheet(delivery: Delivery, book: Workbook, name: str, shown: str) -> TextTable:
    rows = list(book.rows(name, fill_down=True))
    header = find_header(delivery, rows, f"sheet {shown}")
    start = header.last + 1
    if start < len(rows) and numbers_columns(rows[start]):
        start += 1
    body = rows[start:]
    numbers = pa.array(range(start + 1, len(rows) + 1), pa.int64())
    across = [number for number in book.merged_across(name) if number > start]
    width = max([len(header.texts), *map(len, rows[:1])])
    header = replace(header, texts=[*header.texts, *[""] * (width - len(header.texts))])
    cells = functools.cache(lambda at: pa.array([row[at] for row in body], pa.string()))
    shown_rows = rows[header.first : header.last + 1]
    laid = _lay_out(delivery, header, cells, numbers, shown, shown_rows, body.__getitem__)
    kept = pc.invert(pc.is_in(laid.cells[ROW_NUMBER], pa.array(across, pa.int64())))
    merged = [(number, "cell_count") for number in laid.cells[ROW_NUMBER].filter(pc.invert(kept)).to_pylist()]
    return replace(laid, cells=laid.cells.filter(kept), misshapen=laid.misshapen + merged)


def _parquet(delivery: Delivery) -> TextTable:
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
        source = pq.ParquetFile(delivery.path, read_dictionary=texts, page_checksum_verification=True)
        table = source.read(columns=names)
        table.validate(full=True)
        if sum(_unfolded(table.column(name)) for name in texts) > PARQUET_TEXT_BYTES:
            raise refused("unpacks_too_large")
        cells = {at: _as_text(table.column(name)) for at, name in zip(header.columns, names, strict=True)}
    except UnknownEncoding:
        raise refused("letters") from None
    except (pa.ArrowException, OSError, ValueError, KeyError):
        raise refused("no_parquet") from None
    # Other columns are not read; a file of columns has no cell without a header.
    unread = pa.nulls(table.num_rows, pa.string())
    numbers = pa.array(range(1, table.num_rows + 1), pa.int64())
    laid = _lay_out(delivery, header, lambda at: cells.get(at, unread), numbers, "")
    return replace(laid, encoding="parquet")


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
    encoded = column.combine_chunks().dictionary_encode()
    return pa.array(map(_day_as_text, encoded.dictionary), pa.string()).take(encoded.indices)


def _day_as_text(value: pa.Scalar) -> str:
    try:
        return cell_text(value.as_py())
    except (OverflowError, ValueError, pa.ArrowException):
        # Infinity, and years beyond 9999.
        return NO_DAY


def _jsonl(delivery: Delivery) -> TextTable:
    """Answers of a service, one JSON object a line, bare or in an envelope under `data`."""
    text, encoding = _text(delivery)
    answers, misshapen, ignored = [], [], set()
    # Only a line feed ends a line: other breaks may stand inside a text.
    lines = text.split("\n")
    if text.lstrip().startswith("["):
        raise delivery.feed.broken(delivery.file, "the file", "json_array")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            answer = _answer(delivery.feed, json.loads(line, object_pairs_hook=_once), ignored)
        except (ValueError, AttributeError, TypeError, RecursionError):
            if number == len(lines):
                raise delivery.feed.broken(delivery.file, f"row {number}", "cut") from None
            misshapen.append((number, "not_json"))
            continue
        if number == len(lines):
            misshapen.append((number, "unfinished_row"))
        else:
            answers.append((number, answer))
    find_header(delivery, [sorted(set().union(*(answer for _, answer in answers)))], "the answers")
    names = [*delivery.feed.by_name, *PLACE_PARTS]
    columns = {name: pa.array([answer.get(name) for _, answer in answers], pa.string()) for name in names}
    cells = text_table(delivery, columns, [number for number, _ in answers])
    return TextTable(cells, misshapen, sorted(ignored), encoding)


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
