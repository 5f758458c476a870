"""Files as departments send them: wording, headers, and the bytes of CSV, XLSX and Parquet.

Here belong styles and writing; the commune's three-sheet workbook is `workbook`, damage is `dirt`. Every file is a
function of its rows and its style, so the same rows give the same bytes.
"""

import csv
import datetime
import io
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import xlsxwriter

from sources.simulator.delivery import Rows, Said, together
from sources.simulator.layout import Column, Layout

NormalForm = Literal["NFC", "NFD"]
CREATED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SHEET_ROWS = 1_048_575  # data rows that an xlsx sheet holds
INLINE_FROM_ROWS = 20_000  # larger sheets are streamed, with strings inline


@dataclass(frozen=True)
class Style:
    """How a file speaks: headers and words in English codes or Vietnamese, forms of dates and booleans, text form."""

    vietnamese: bool = False
    date_format: str = "%Y-%m-%d"
    booleans: tuple[str, str] = ("true", "false")
    headers: Callable[[str], str] = field(default=str)
    order: tuple[int, ...] = ()  # of the columns; the contract's own when empty
    extra: tuple[str, ...] = ()  # headers of columns that no contract knows
    encode: Callable[[str], bytes] | None = None  # UTF-8 when not given
    normal_form: NormalForm = "NFC"
    lead: bytes = b""  # byte order mark of a text file
    text_columns: frozenset[str] = frozenset()  # written as text in Parquet, whatever their type


PLAIN = Style()
VIETNAMESE = Style(vietnamese=True, date_format="%d/%m/%Y", booleans=("có", "không"))


def columns_in_order(layout: Layout, style: Style) -> list[Column]:
    """The columns as the file shows them."""
    order = style.order or tuple(range(len(layout.columns)))
    return [layout.columns[position] for position in order]


def header(column: Column, style: Style) -> str:
    """The header of a column in this style."""
    return style.headers(column.header if style.vietnamese else column.name)


def worded(values: pa.Array, column: Column, style: Style) -> pa.Array:
    """Codes as the words of the style, booleans as its pair; other types stay what they are."""
    if pa.types.is_boolean(values.type):
        if column.empty_is_false:
            return pc.if_else(pc.fill_null(values, False), "x", pa.scalar(None, pa.string()))
        return pc.if_else(values, style.booleans[0], style.booleans[1])
    if style.vietnamese and column.words and pa.types.is_string(values.type):
        if column.name == "causes":
            return pa.array(
                [";".join(column.words[c] for c in v.split(";")) if v else None for v in values.to_pylist()]
            )
        codes = values.dictionary_encode()
        names = pa.array([column.words.get(code, code) for code in codes.dictionary.to_pylist()], pa.string())
        return names.take(codes.indices)
    return values


def as_text(values: pa.Array, style: Style) -> pa.Array:
    """Every value as the text of a CSV cell."""
    if pa.types.is_date(values.type):
        return pc.strftime(pc.cast(values, pa.timestamp("s")), style.date_format)
    if pa.types.is_floating(values.type):
        text = pc.cast(_nullable(values), pa.string())
        return pc.replace_substring_regex(text, r"\.0$", "")
    return pc.cast(values, pa.string())


def _instead(values: pa.Array, texts: Said | None) -> pa.Array:
    """Text cells with what was said instead."""
    if texts is None or not texts.where.any():
        return values
    return pc.if_else(pa.array(texts.where), pa.array(texts.text, pa.string()), pc.cast(values, pa.string()))


def _extra(rows: Rows, style: Style) -> list[pa.Array]:
    return [pa.repeat(pa.scalar(name), len(rows)) for name in style.extra]


def write_csv(path: Path, parts: Iterable[Rows], layout: Layout, style: Style) -> None:
    """Comma-separated text in the style's encoding; part after part below one header."""
    columns = columns_in_order(layout, style)
    with path.open("wb") as file:
        heading = io.StringIO()
        csv.writer(heading, lineterminator="\n").writerow(
            [*(header(column, style) for column in columns), *style.extra]
        )
        file.write(style.lead + _encoded(heading.getvalue().encode("utf-8"), style))
        for rows in parts:
            cells = [
                _instead(as_text(worded(rows.columns[column.name], column, style), style), rows.said.get(column.name))
                for column in columns
            ]
            cells += _extra(rows, style)
            table = pa.table(cells, names=[str(position) for position in range(len(cells))])
            if style.encode is None and style.normal_form == "NFC":
                pyarrow.csv.write_csv(table, file, _WITHOUT_HEADER)
                continue
            sink = io.BytesIO()
            pyarrow.csv.write_csv(table, sink, _WITHOUT_HEADER)
            file.write(_encoded(sink.getvalue(), style))


_WITHOUT_HEADER = pyarrow.csv.WriteOptions(include_header=False)


def _encoded(utf8: bytes, style: Style) -> bytes:
    text = utf8.decode("utf-8")
    if style.normal_form != "NFC":
        text = unicodedata.normalize(style.normal_form, text)
    return style.encode(text) if style.encode else text.encode("utf-8")


def write_parquet(path: Path, parts: Iterable[Rows], layout: Layout, style: Style) -> None:
    """Parquet with true types; a column in which something else was said is text throughout."""
    writer = None
    for rows in parts:
        names, arrays = [], []
        for column in columns_in_order(layout, style):
            values = _nullable(rows.columns[column.name])
            texts = rows.said.get(column.name)
            if column.name in style.text_columns or texts is not None:
                values = _instead(as_text(worded(values, column, style), style), texts)
            names.append(header(column, style))
            arrays.append(values)
        names += style.extra
        arrays += _extra(rows, style)
        table = pa.table(arrays, names=names)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer:
        writer.close()


def _nullable(values: pa.Array) -> pa.Array:
    """Floating-point columns with null instead of nan."""
    if pa.types.is_floating(values.type):
        return pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    return values


def write_xlsx(path: Path, parts: Iterable[Rows], layout: Layout, style: Style) -> None:
    """One sheet with a header row; dates are date cells, numbers are numbers."""
    rows = together(list(parts))
    book = xlsxwriter.Workbook(str(path), {"constant_memory": len(rows) > INLINE_FROM_ROWS})
    book.set_properties({"created": CREATED})
    sheet = book.add_worksheet("Du lieu" if style.vietnamese else "data")
    date_cell = book.add_format({"num_format": "dd/mm/yyyy"})
    columns = columns_in_order(layout, style)
    cells = [
        _cells(worded(rows.columns[column.name], column, style), rows.said.get(column.name)) for column in columns
    ] + [values.to_pylist() for values in _extra(rows, style)]
    heads = [*(header(column, style) for column in columns), *style.extra]
    sheet.write_row(0, 0, [unicodedata.normalize(style.normal_form, head) for head in heads])
    for number, record in enumerate(zip(*cells, strict=True), start=1):
        for position, value in enumerate(record):
            write_cell(sheet, number, position, value, date_cell, style.normal_form)
    book.close()


def write_cell(sheet: Any, row: int, column: int, value: Any, date_cell: Any, normal_form: NormalForm = "NFC") -> None:
    """One cell in its own type; nothing where there is no value."""
    if value is None:
        return
    if isinstance(value, str):
        text = value if normal_form == "NFC" else unicodedata.normalize(normal_form, value)
        sheet.write_string(row, column, text)
    elif isinstance(value, datetime.date):
        sheet.write_datetime(row, column, value, date_cell)
    else:
        sheet.write_number(row, column, value)


def _cells(values: pa.Array, texts: Said | None) -> list[Any]:
    cells = _nullable(values).to_pylist()
    if texts is not None:
        for row in np.flatnonzero(texts.where).tolist():
            cells[row] = texts.text[row]
    return cells


WRITERS = {".csv": write_csv, ".xlsx": write_xlsx, ".parquet": write_parquet}


def write(path: Path, parts: Iterable[Rows], layout: Layout, style: Style) -> None:
    """Write the rows in the format of the path's suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    WRITERS[path.suffix](path, parts, layout, style)
