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
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sources.contract import Feed, discover
from sources.delivery import Delivery
from sources.encoding import (
    BELIEVED,
    HOPELESS,
    LEGACY,
    MISREADINGS,
    UnknownEncoding,
    decode,
    in_one_byte,
    misreading,
    vietnamese_share,
)
from sources.text import fold
from sources.workbook import Workbook, cell_text

ROW_NUMBER, PLACE = "row_number", "place"
# What a row may say of its place beside or instead of a code; helpers of `rows`, not columns of the contract.
COMMUNE_NAME, DISTRICT_NAME, PROVINCE_NAME = "commune_name", "district_name", "province_name"
PLACE_PARTS = (COMMUNE_NAME, DISTRICT_NAME, PROVINCE_NAME)
# Titles above a header take a few rows, and a merged header four; beyond this a file has no header.
HEADER_WITHIN, HEADER_HEIGHT, LONGEST_HEADER = 20, 4, 300
DELIMITERS = ",;\t|"
# What is longer, has a colon or a long number in it is no heading, and may be a note with a name.
LONGEST_SHOWN = 60
NUMBERING = re.compile(r"\(?([0-9]{1,3}|[A-Za-z])\)?")
# The whole register of cards of the city is half a gigabyte of CSV; four times that cannot be meant.
TEXT_FILE_BYTES = 2 * 1024**3
# What a Parquet file may unfold to: a column of one repeated value takes no room in the file.
PARQUET_ROWS, PARQUET_TEXT_BYTES = 20_000_000, 4 * 1024**3
# Words enough to tell how a column was misread.
SAMPLED_TEXTS = 5_000


@dataclass(frozen=True)
class TextTable:
    """Text cells by contract column, with `row_number` (1-based row of the file) and `place` (sheet, or empty).

    `misshapen` are rows that could not be laid out: (row number, reason). `ignored_columns` are headers that the
    contract does not know and sheets that were not read, `encoding` names how text was decoded.
    """

    cells: pa.Table
    misshapen: list[tuple[int, str]] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    encoding: str = "UTF-8"


@dataclass(frozen=True)
class Header:
    """Where a header stands among the rows (`first` to `last`, as indexes), its text and column by position."""

    first: int
    last: int
    texts: list[str]
    columns: dict[int, str]


def speakable(said: str, instead: str) -> str:
    """A header or a sheet's title as it may be shown, `instead` where it may name somebody."""
    return instead if len(said) > LONGEST_SHOWN or ":" in said or re.search(r"\d{6}", said) else said


def read_table(delivery: Delivery) -> TextTable:
    """The delivery's cells; `BrokenPromise` when it cannot be read or lacks a required column."""
    own = delivery.feed.module("reader")
    if own and delivery.extension in own.FORMATS:
        table = own.read(delivery)
    else:
        read = {"csv": _csv, "xlsx": read_flat_workbook, "parquet": _parquet, "jsonl": _jsonl}
        table = read[delivery.extension](delivery)
    ignored = [speakable(header, "(a header that is not shown)") for header in table.ignored_columns]
    return _in_letters(delivery, replace(table, ignored_columns=list(dict.fromkeys(ignored))))


# ----------------------------------------------------------------------------------------------------- headers


@functools.lru_cache(maxsize=4096)
def _heading(header: str) -> str:
    return fold(header) if len(header) < LONGEST_HEADER else ""


def match_headers(feed: Feed, headers: Sequence[str]) -> dict[int, str]:
    """Positions of the contract's columns in a row of headers. A column headed twice keeps both."""
    known = feed.headings
    return {at: known[_heading(header)] for at, header in enumerate(headers) if _heading(header) in known}


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
        found = [name for name in feed.by_name if name in present]
        said = {name: f"“{column.header_vi}”" for name, column in feed.by_name.items()}
        raise feed.broken(
            delivery.file, place, "other_feed" if other else "missing_columns", feed=other,
            missing=", ".join(missing), found=", ".join(found) or "none of the promised columns",
            missing_vi=", ".join(said[name] for name in missing),
            found_vi=", ".join(said[name] for name in found) or "không có cột nào đã cam kết",
        )  # fmt: skip
    return header


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
    for height, last in itertools.product(range(1, HEADER_HEIGHT + 1), range(len(rows))):
        first = last + 1 - height
        if first < 0:
            continue
        texts = _one_header(feed, rows[first : last + 1])
        columns = match_headers(feed, texts)
        # The smallest and first of equals: a row of data below a header adds nothing to it.
        if len(set(columns.values())) > most:
            best, most = Header(first, last, texts, columns), len(set(columns.values()))
    return best


def _one_header(feed: Feed, rows: list[list[str]]) -> list[str]:
    """One text per column for a header of several rows.

    Of the cells over a column the lowest that the contract knows, else all of them read downwards (a group's title
    stands over its first column only), else the lowest.
    """
    if len(rows) == 1:
        return rows[0]
    known, texts = feed.headings, []
    groups = [""] * len(rows)
    for at in range(max(map(len, rows))):
        stack = [row[at] if at < len(row) and not _blank(row[at]) else "" for row in rows]
        groups = [*(cell or group for cell, group in zip(stack[:-1], groups[:-1], strict=True)), stack[-1]]
        lowest = [cell for cell in reversed(stack) if cell]
        downwards = " ".join(filter(None, groups))
        options = [*lowest, downwards] if stack[-1] else lowest
        texts.append(next((text for text in options if _heading(text) in known), lowest[0] if lowest else ""))
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
    found = [NUMBERING.fullmatch(cell) for cell in filled]
    if len(filled) < 3 or not all(found):
        return False
    digits = [int(match[1]) for match in found if match and match[1].isdigit()]
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
    delivery: Delivery, header: Header, cells: Callable[[int], Any], numbers: pa.Array, place: str, shown: Any = ()
) -> TextTable:
    """Cells by position as cells by column.

    `shown` are the rows of the header as the file has them: where they stand again among the data they are dropped, as
    are rows without a cell. A cell where the header has none sets its row apart, unless most rows have one there.
    """
    columns = {name: cells(at) for at, name in sorted(header.columns.items())}
    for name in {name for name in columns if list(header.columns.values()).count(name) > 1}:
        twins = [cells(at) for at, other in header.columns.items() if other == name]
        columns[name] = _agreeing(delivery, place, name, twins)
    table = text_table(delivery, columns, numbers, place)
    ignored, misshapen = [], []
    for at, text in enumerate(header.texts):
        if at not in header.columns and not _blank(text):
            ignored.append(text)
        elif at not in header.columns:
            stray = _filled(cells(at))
            share = pc.mean(stray.cast(pa.float64())).as_py() or 0
            if share > 0.5:
                ignored.append(f"(column {at + 1} without a header)")
            elif share:
                misshapen += [(number, "cell_count") for number in numbers.filter(stray).to_pylist()]
    drop = pc.is_in(numbers, pa.array([number for number, _ in misshapen], pa.int64()))
    drop = pc.or_(drop, pc.invert(_any_cell(table, _filled)))
    for row in shown:
        again = [pc.equal(cells(at), row[at]) for at in header.columns if at < len(row) and row[at].strip()]
        if len(again) > 1:
            drop = pc.or_(drop, pc.fill_null(functools.reduce(pc.and_, again), False))
    return TextTable(table.filter(pc.invert(drop)), misshapen, ignored)


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


def _any_cell(cells: pa.Table, says: Callable[[Any], Any]) -> Any:
    answers = [pc.fill_null(says(cells[name]), False) for name in cells.column_names if name not in (ROW_NUMBER, PLACE)]
    return functools.reduce(pc.or_, answers)


def _in_letters(delivery: Delivery, table: TextTable) -> TextTable:
    """The table with its letters as they were meant, where a column's text was once read in another encoding."""
    accented: dict[str, list[str]] = {}
    for name in delivery.feed.by_name:
        texts = pc.unique(table.cells[name].cast(pa.string()))
        found = texts.filter(pc.fill_null(pc.match_substring_regex(texts, "[^\\x00-\\x7f]"), False))[:SAMPLED_TEXTS]
        if len(found):
            accented[name] = found.to_pylist()
    shares = {name: vietnamese_share("\n".join(texts)) for name, texts in accented.items()}
    suspect = [name for name, share in shares.items() if share < BELIEVED]
    try:
        name = misreading(text for column in suspect for text in accented[column])
    except UnknownEncoding:
        raise delivery.feed.broken(delivery.file, "the file", "encoding") from None
    if name is None:
        return table
    cells, read = table.cells, MISREADINGS[name]
    whole = vietnamese_share("\n".join(text for texts in accented.values() for text in texts)) < HOPELESS
    if name in LEGACY and not whole and any(shares[column] >= HOPELESS for column in suspect):
        # Some cells of a column are misread and some are not: no reading is right for both.
        raise delivery.feed.broken(delivery.file, "the file", "encoding")
    for column in [*accented, *PLACE_PARTS]:
        texts = cells[column].combine_chunks().dictionary_encode()
        mended = [text if text is None or text.isascii() else read(text) for text in texts.dictionary.to_pylist()]
        # Where most words are misread, a column whose words are spelled right either way is misread too.
        either_way = whole and all(in_one_byte(text) for text in texts.dictionary.to_pylist() if text)
        if column in suspect or (either_way and vietnamese_share("\n".join(filter(None, mended))) >= BELIEVED):
            values = pa.array(mended, pa.string()).take(texts.indices)
            cells = cells.set_column(cells.column_names.index(column), column, values)
    return replace(table, cells=cells, encoding=f"{table.encoding}, {name}")


# ----------------------------------------------------------------------------------------------------- formats


def _text(delivery: Delivery) -> tuple[str, str]:
    """A text file's letters and the name of its encoding."""
    if delivery.path.stat().st_size > TEXT_FILE_BYTES:
        raise delivery.feed.broken(delivery.file, "the file", "too_large", limit=TEXT_FILE_BYTES // 1024**2)
    try:
        text, encoding = decode(delivery.path.read_bytes())
    except (UnknownEncoding, UnicodeDecodeError):
        raise delivery.feed.broken(delivery.file, "the file", "encoding") from None
    if not text.strip():
        raise delivery.feed.broken(delivery.file, "the file", "empty")
    return text, encoding


def _csv(delivery: Delivery) -> TextTable:
    text, encoding = _text(delivery)
    if text.count('"') % 2:
        raise delivery.feed.broken(delivery.file, "the file", "unclosed_quote")
    delimiter, header_lines, header, shown = _csv_header(delivery, text)
    invalid: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        invalid.append(row.number)
        return "skip"

    names = [str(at) for at in range(len(header.texts))]
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
    except (pa.ArrowException, UnicodeEncodeError) as broken:
        if "Empty CSV file" not in str(broken):
            # Arrow quotes the offending text, which may be personal: only the fact goes on.
            raise delivery.feed.broken(delivery.file, "the file", "rows_do_not_parse") from None
        table = pa.table({name: pa.array([], pa.string()) for name in names})
    ended = text.endswith(("\n", "\r"))
    # Arrow numbers an invalid row as the file does, the header included.
    total = table.num_rows + len(invalid)
    if not total and not ended:
        raise delivery.feed.broken(delivery.file, "the header", "unfinished_header")
    numbers = pa.array(sorted(set(range(header_lines + 1, header_lines + total + 1)) - set(invalid)), pa.int64())
    laid = _lay_out(delivery, header, lambda at: table.column(str(at)), numbers, "", shown)
    misshapen = laid.misshapen + [(number, "cell_count") for number in invalid]
    # A quote that was never meant to open one swallows the rows up to the next quote.
    swallowing = _any_cell(laid.cells, lambda column: pc.match_substring_regex(column, "[\n\r]"))
    swallowed = laid.cells[ROW_NUMBER].filter(swallowing).to_pylist()
    misshapen += [(number, "line_break_in_cell") for number in swallowed]
    cells = laid.cells.filter(pc.invert(swallowing))
    if not ended and total:
        last = header_lines + total
        misshapen = [entry for entry in misshapen if entry[0] != last] + [(last, "unfinished_row")]
        cells = cells.filter(pc.not_equal(cells[ROW_NUMBER], last))
    return TextTable(cells, misshapen, laid.ignored_columns, encoding)


def _csv_header(delivery: Delivery, text: str) -> tuple[str, int, Header, list[list[str]]]:
    """Delimiter, lines up to and with the header, the header, and its rows."""
    top = text[:200_000]

    def rows(delimiter: str, count: int) -> tuple[list[list[str]], int]:
        reader = csv.reader(io.StringIO(top, newline=""), delimiter=delimiter)
        found: list[list[str]] = []
        # A line may be no CSV; the rows before it may hold the header.
        with contextlib.suppress(csv.Error):
            found += itertools.islice(reader, count)
        return found, reader.line_num

    def columns_found(delimiter: str) -> tuple[int, int]:
        found = rows(delimiter, HEADER_WITHIN)[0]
        # Where letters are misread no header is known yet: then the widest table is meant.
        return max((len(match_headers(delivery.feed, row)) for row in found), default=0), max(
            map(len, found), default=0
        )

    delimiter = max(DELIMITERS, key=columns_found)
    header = find_header(delivery, rows(delimiter, HEADER_WITHIN)[0], "the header")
    # A header cell may hold line breaks; Arrow skips physical lines.
    shown, lines = rows(delimiter, header.last + 1)
    following, lines_with_numbering = rows(delimiter, header.last + 2)
    if len(following) > len(shown) and numbers_columns(following[-1]):
        lines = lines_with_numbering
    width = max(map(len, shown[header.first :]))
    padded = replace(header, texts=[*header.texts, *[""] * (width - len(header.texts))])
    return delimiter, lines, padded, shown[header.first :]


def read_flat_workbook(delivery: Delivery) -> TextTable:
    """Every visible sheet that carries the contract's columns, with or without title rows above its header."""
    book = Workbook(delivery)
    parts, others = [], [f"(hidden sheet {name})" for name in book.hidden]
    if not book.visible:
        raise delivery.feed.broken(delivery.file, "the file", "no_workbook")
    columns, widths = 0, {}
    for at, name in enumerate(book.visible, 1):
        top = list(itertools.islice(book.rows(name), HEADER_WITHIN))
        known = _best_header(delivery.feed, top).columns
        if known or (not parts and name == book.visible[-1]):
            parts.append(_sheet(delivery, book, name, speakable(name, str(at))))
            columns = max(columns, len(known))
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
    laid = _lay_out(
        delivery, header, lambda at: pa.array([row[at] for row in body], pa.string()), numbers, shown,
        rows[header.first : header.last + 1],
    )  # fmt: skip
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
        # Text stays in the dictionaries of the file until it is known how much it unfolds to.
        texts = [name for name in names if _is_text(schema.field(name).type)]
        source = pq.ParquetFile(delivery.path, read_dictionary=texts, page_checksum_verification=True)
        table = source.read(columns=names)
        table.validate(full=True)
        if sum(_unfolded(table.column(name)) for name in texts) > PARQUET_TEXT_BYTES:
            raise refused("unpacks_too_large")
        cells = {at: _as_text(table.column(name)) for at, name in zip(header.columns, names, strict=True)}
    except (pa.ArrowException, OSError, ValueError, KeyError):
        raise refused("no_parquet") from None
    laid = _lay_out(delivery, header, cells.__getitem__, pa.array(range(1, table.num_rows + 1), pa.int64()), "")
    return replace(laid, encoding="parquet")


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _unfolded(column: pa.ChunkedArray) -> int:
    return sum(
        pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py() or 0
        for chunk in column.chunks if pa.types.is_dictionary(chunk.type)
    )  # fmt: skip


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    if _is_text(column.type):
        return column.cast(pa.string())
    if pa.types.is_dictionary(column.type) and _is_text(column.type.value_type):
        return column.cast(column.type.value_type).cast(pa.string())
    encoded = column.combine_chunks().dictionary_encode()
    texts = pa.array([cell_text(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return texts.take(encoded.indices)


def _jsonl(delivery: Delivery) -> TextTable:
    """Answers of a service, one JSON object a line, bare or in an envelope under `data`."""
    text, encoding = _text(delivery)
    answers, misshapen, ignored = [], [], set()
    # Only a line feed ends a line: other breaks may stand inside a text.
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if number == len(lines):
            misshapen.append((number, "unfinished_row"))
            continue
        try:
            answers.append((number, _answer(delivery.feed, json.loads(line, object_pairs_hook=_once), ignored)))
        except (ValueError, AttributeError, TypeError, RecursionError):
            misshapen.append((number, "not_json"))
    find_header(delivery, [sorted(set().union(*(answer for _, answer in answers)))], "the answers")
    names = [*delivery.feed.by_name, *PLACE_PARTS]
    columns = {name: pa.array([answer.get(name) for _, answer in answers], pa.string()) for name in names}
    cells = text_table(delivery, columns, [number for number, _ in answers])
    return TextTable(cells, misshapen, sorted(ignored), encoding)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of an answer; `ValueError` when it says something twice, since JSON's readers keep the last alone."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("one field twice")
    return found


def _answer(feed: Feed, sent: Any, ignored: set[str]) -> dict[str, str]:
    """The cells of one answer; `ValueError` when two of its fields say different things of one column."""
    known, cells = feed.headings, {}
    for name, value in sent.get("data", sent).items():
        column = known.get(fold(name))
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
