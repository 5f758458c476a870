"""A delivery as text cells under promised columns, before anything is made of the text.

Formats end here: CSV and Parquet are read by Arrow, workbooks by calamine. Each reader finds the header, matches it to
the contract, and returns a `TextTable`. What the text means is decided in `rows`. A feed whose files have a layout of
their own brings its own `reader.read(delivery)`.
"""

import csv
import functools
import io
import itertools
import json
import zipfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from sources.contract import Feed, discover
from sources.delivery import Delivery
from sources.encoding import UnknownEncoding, decode
from sources.text import fold, tidy

ROW_NUMBER, PLACE = "row_number", "place"
# Titles above a header take a few rows; beyond this a file has no header.
HEADER_WITHIN = 15
DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class TextTable:
    """Text cells by contract column, with `row_number` (1-based row of the file) and `place` (sheet, or empty).

    `misshapen` are rows that could not be laid out: (row number, reason). `ignored_columns` are headers that the
    contract does not know, `encoding` names how text was decoded.
    """

    cells: pa.Table
    misshapen: list[tuple[int, str]] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    encoding: str = "UTF-8"


def read_table(delivery: Delivery) -> TextTable:
    """The delivery's cells; `BrokenPromise` when it cannot be read or lacks a required column."""
    own = delivery.feed.module("reader")
    if own and delivery.extension in own.FORMATS:
        return own.read(delivery)
    return {"csv": _csv, "xlsx": read_flat_workbook, "parquet": _parquet, "jsonl": _jsonl}[delivery.extension](delivery)


# ----------------------------------------------------------------------------------------------------- headers


def match_headers(feed: Feed, headers: Sequence[Any]) -> dict[int, str]:
    """Positions of the contract's columns in a row of headers. A column headed twice keeps both."""
    known = feed.headings
    return {at: known[fold(str(header))] for at, header in enumerate(headers) if fold(str(header)) in known}


def find_header(
    delivery: Delivery, rows: Sequence[Sequence[Any]], place: str, given: Collection[str] = ()
) -> tuple[int, dict[int, str]]:
    """Index of the header among the first rows, and the columns it names.

    `given` are columns that the layout tells by other means. `BrokenPromise` when a required column is missing or one
    is headed twice.
    """
    feed = delivery.feed
    candidates = [(at, match_headers(feed, row)) for at, row in enumerate(rows[:HEADER_WITHIN])]
    at, matched = max(candidates, key=lambda found: len(set(found[1].values())), default=(0, {}))
    present = {*matched.values(), *given}
    missing = [column.name for column in feed.columns if column.required and column.name not in present]
    if missing:
        found = sorted(set(matched.values())) or ["none of the promised columns"]
        raise feed.broken(
            delivery.file,
            place,
            f"it lacks {', '.join(missing)}. It has: {', '.join(found)}.",
            _meant_for(rows) or "send the file with these columns.",
        )
    twice = {name for name in matched.values() if list(matched.values()).count(name) > 1}
    if twice:
        raise feed.broken(delivery.file, f"{place}, row {at + 1}", f"{', '.join(sorted(twice))} stands there twice.")
    return at, matched


def _meant_for(rows: Sequence[Sequence[Any]]) -> str | None:
    """The advice for a file that keeps the promise of another feed."""
    for feed in discover().values():
        required = {column.name for column in feed.columns if column.required}
        if any(required <= set(match_headers(feed, row).values()) for row in rows[:HEADER_WITHIN]):
            return f"it has the columns of {feed.id}; put it into that feed's folder, and the right file here."
    return None


def _ignored(headers: Sequence[Any], matched: Iterable[int]) -> list[str]:
    taken = set(matched)
    return [tidy(str(header)) for at, header in enumerate(headers) if at not in taken and fold(str(header))]


def text_table(delivery: Delivery, columns: dict[str, Any], row_numbers: Any, places: Any = "") -> pa.Table:
    """A table of the contract's columns as text (absent ones null) with row numbers and places."""
    row_numbers = pa.array(row_numbers, pa.int64())
    empty = pa.nulls(len(row_numbers), pa.string())
    cells = {column.name: columns.get(column.name, empty) for column in delivery.feed.columns}
    if isinstance(places, str):
        places = pa.repeat(pa.scalar(places), len(row_numbers))
    return pa.table(
        {**cells, ROW_NUMBER: row_numbers, PLACE: pa.array(places, pa.string()) if isinstance(places, list) else places}
    )


# ----------------------------------------------------------------------------------------------------- formats


def _unreadable(delivery: Delivery, why: str) -> Exception:
    return delivery.feed.broken(delivery.file, "the file", f"it cannot be read: {why}.")


def _csv(delivery: Delivery) -> TextTable:
    try:
        text, encoding = decode(delivery.path.read_bytes())
    except UnknownEncoding:
        raise _unreadable(delivery, "its letters are in none of the known encodings") from None
    except UnicodeDecodeError:
        raise _unreadable(delivery, "its text is damaged") from None
    if not text.strip():
        raise _unreadable(delivery, "it is empty")
    if text.count('"') % 2:
        raise _unreadable(delivery, "a quoted cell is not closed")
    delimiter, header_lines, header, matched = _csv_header(delivery, text)
    invalid: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        invalid.append(row.number)
        return "skip"

    names = [str(at) for at in range(len(header))]
    try:
        table = pacsv.read_csv(
            io.BytesIO(text.encode()),
            read_options=pacsv.ReadOptions(column_names=names, skip_rows=header_lines, use_threads=False),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip, ignore_empty_lines=False
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as broken:
        if "Empty CSV file" not in str(broken):
            # Arrow quotes the offending text, which may be personal: only the fact goes on.
            raise _unreadable(delivery, "its rows do not parse") from None
        table = pa.table({name: pa.array([], pa.string()) for name in names})
    # Arrow numbers an invalid row as the file does, the header included.
    total = table.num_rows + len(invalid)
    numbers = pa.array(sorted(set(range(header_lines + 1, header_lines + total + 1)) - set(invalid)), pa.int64())
    misshapen = [(number, "cell_count") for number in invalid]
    cells = text_table(delivery, {name: table.column(str(at)) for at, name in matched.items()}, numbers)
    # A quote that was never meant to open one swallows the rows up to the next quote.
    swallowing = _any_cell(cells, lambda column: pc.match_substring(column, "\n"))
    misshapen += [(number, "line_break_in_cell") for number in numbers.filter(swallowing).to_pylist()]
    cells = cells.filter(pc.and_(pc.invert(swallowing), _any_cell(cells, lambda c: pc.greater(pc.utf8_length(c), 0))))
    if not text.endswith(("\n", "\r")) and total:
        last = header_lines + total
        misshapen = [entry for entry in misshapen if entry[0] != last] + [(last, "unfinished_row")]
        cells = cells.filter(pc.not_equal(cells[ROW_NUMBER], last))
    return TextTable(cells, misshapen, _ignored(header, matched), encoding)


def _any_cell(cells: pa.Table, says: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.ChunkedArray:
    answers = [pc.fill_null(says(cells[name]), False) for name in cells.column_names if name not in (ROW_NUMBER, PLACE)]
    return functools.reduce(pc.or_, answers)


def _csv_header(delivery: Delivery, text: str) -> tuple[str, int, list[str], dict[int, str]]:
    """Delimiter, lines up to and with the header, header cells and their columns."""
    top = text[:200_000]
    candidates = {}
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(top, newline=""), delimiter=delimiter)
        rows = list(itertools.islice(reader, HEADER_WITHIN))
        candidates[delimiter] = (max((len(match_headers(delivery.feed, row)) for row in rows), default=0), rows)
    delimiter = max(candidates, key=lambda d: candidates[d][0])
    rows = candidates[delimiter][1]
    at, matched = find_header(delivery, rows, "the header")
    reader = csv.reader(io.StringIO(top, newline=""), delimiter=delimiter)
    header = list(itertools.islice(reader, at + 1))[-1]
    # A header cell may hold line breaks; Arrow skips physical lines.
    return delimiter, reader.line_num, header, matched


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
        case float() if value.is_integer():
            return str(int(value))
        case float() | Decimal():
            # Four decimals are never mistaken for grouped thousands.
            return f"{value:.4f}"
        case datetime():
            return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat()
        case date():
            return value.isoformat()
        case _:
            return str(value)


def workbook(delivery: Delivery) -> CalamineWorkbook:
    """The workbook, opened without running formulas or following links."""
    try:
        return CalamineWorkbook.from_path(str(delivery.path))
    except PasswordError:
        raise delivery.feed.broken(
            delivery.file, "the file", "it is locked with a password.", "send it unlocked."
        ) from None
    except (CalamineError, zipfile.BadZipFile, OSError):
        raise _unreadable(delivery, "it is no whole Excel workbook") from None


def sheet_rows(delivery: Delivery, book: CalamineWorkbook, name: str) -> list[list[str]]:
    """All cells of a sheet as text, from cell A1 on."""
    try:
        return [
            [cell_text(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        ]
    except CalamineError:
        raise _unreadable(delivery, f"sheet {name} is damaged") from None


def read_flat_workbook(delivery: Delivery) -> TextTable:
    """The first sheet of a workbook, with or without title rows above its header."""
    book = workbook(delivery)
    name = book.sheet_names[0]
    rows = sheet_rows(delivery, book, name)
    at, matched = find_header(delivery, rows, f"sheet {name}")
    body = [(n, row) for n, row in enumerate(rows[at + 1 :], start=at + 2) if any(cell.strip() for cell in row)]
    columns = {name: pa.array([row[c] for _, row in body], pa.string()) for c, name in matched.items()}
    cells = text_table(delivery, columns, [n for n, _ in body], name)
    return TextTable(cells, [], _ignored(rows[at], matched), "xlsx")


def _parquet(delivery: Delivery) -> TextTable:
    try:
        table = pq.read_table(delivery.path)
    except (pa.ArrowInvalid, pa.ArrowException, OSError):
        raise _unreadable(delivery, "it is no whole Parquet file") from None
    _, matched = find_header(delivery, [table.column_names], "the columns")
    columns = {name: _as_text(table.column(at)) for at, name in matched.items()}
    cells = text_table(delivery, columns, range(1, table.num_rows + 1))
    return TextTable(cells, [], _ignored(table.column_names, matched), "parquet")


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.cast(pa.string())
    encoded = column.combine_chunks().dictionary_encode()
    texts = pa.array([cell_text(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return texts.take(encoded.indices)


def _jsonl(delivery: Delivery) -> TextTable:
    """Answers of a service, one JSON object a line, bare or in an envelope under `data`."""
    try:
        text, encoding = decode(delivery.path.read_bytes())
    except (UnknownEncoding, UnicodeDecodeError):
        raise _unreadable(delivery, "its text is damaged") from None
    known, ignored = delivery.feed.headings, set()
    answers, misshapen = [], []
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if number == len(lines) and not text.endswith("\n"):
            misshapen.append((number, "unfinished_row"))
            continue
        try:
            answer = json.loads(line)
            answer = answer.get("data", answer)
            ignored |= {name for name in answer if fold(name) not in known}
            answers.append((number, {known[fold(n)]: cell_text(v) for n, v in answer.items() if fold(n) in known}))
        except (ValueError, AttributeError):
            misshapen.append((number, "not_json"))
    if not answers and not misshapen:
        raise _unreadable(delivery, "it is empty")
    find_header(delivery, [sorted(set().union(*(answer for _, answer in answers)))], "the answers")
    columns = {
        column.name: pa.array([answer.get(column.name) for _, answer in answers], pa.string())
        for column in delivery.feed.columns
    }
    return TextTable(text_table(delivery, columns, [n for n, _ in answers]), misshapen, sorted(ignored), encoding)
