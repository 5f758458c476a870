"""Small deliveries of every feed, and the same rows written in every format, spoilt or not.

Writers only: what is spoilt is `kinds`, what became of it is `verdict`.
"""

import csv
import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from readings import read_rows

from sources.contracts.code_lists import words
from sources.contracts.feeds import Feed, discover
from sources.reading.delivery import Delivery, recognise
from sources.reading.rows import CheckedRows
from sources.simulator import simulate

ROWS = 60
MONTH = date(2026, 9, 1)
Cell = str | None


@dataclass(frozen=True)
class Sheet:
    """A table as a sender has it before it is saved: headers, rows, and what stands around them."""

    feed: Feed
    names: list[str]
    headers: list[str]
    rows: list[list[Cell]]
    above: list[list[str]] = field(default_factory=list)
    below: list[list[str]] = field(default_factory=list)
    delimiter: str = ","
    encode: Callable[[str], bytes] = str.encode
    workbook: Callable[[Any, Any], None] | None = None  # last touches on an xlsxwriter book and its sheet

    def column(self, name: str) -> int:
        return self.names.index(name)

    def change(self, name: str, change: Callable[[str], Cell], every: int = 1) -> "Sheet":
        """The column with its non-empty cells changed, all of them or every n-th."""
        at, rows = self.column(name), [list(row) for row in self.rows]
        for row in rows[::every]:
            if row[at]:
                row[at] = change(row[at] or "")
        return replace(self, rows=rows)

    def each_text(self, change: Callable[[str], str]) -> "Sheet":
        """Every cell and header changed."""
        rows = [[change(cell) if cell else cell for cell in row] for row in self.rows]
        return replace(self, headers=[change(header) for header in self.headers], rows=rows)


def deliver(feed: Feed, content: bytes, extension: str) -> tuple[Delivery, CheckedRows]:
    """Write, recognise, read and check; `BrokenPromise` passes through."""
    with tempfile.TemporaryDirectory() as folder:
        commune = "_31135" if feed.scope != "city" else ""
        path = Path(folder) / f"2026-09{commune}.{extension}"
        path.write_bytes(content)
        delivery = recognise(feed, path)
        return delivery, read_rows(delivery)


@cache
def clean_sheets() -> dict[str, Sheet]:
    """A few rows of each feed that is simulated, from one month, in Vietnamese as a department types them."""
    sheets = {}
    with tempfile.TemporaryDirectory() as folder:
        simulate([MONTH], 0.004, 11, Path(folder), truth=None, review_share=0.2)
        for feed in discover().values():
            files = sorted((Path(folder) / feed.id).glob("2026-09*"))
            if not files:
                continue
            if feed.scope != "city":
                # As they stand for one commune, the largest is told to be of it.
                files = sorted(files, key=lambda path: path.stat().st_size, reverse=True)
            delivery = recognise(feed, files[0])
            rows = read_rows(delivery).accepted.to_pylist()
            if feed.name == "poverty_list":
                rows = [row for row in rows if row["list_section"] == "recognised"]
            rows = rows[:ROWS]
            names = [column.name for column in feed.columns if any(row[column.name] is not None for row in rows)]
            cells = [[_said(feed, name, row[name]) for name in names] for row in rows]
            sheets[feed.id] = Sheet(feed, names, [feed.by_name[name].header_vi for name in names], cells)
    return sheets


def _said(feed: Feed, name: str, value: Any) -> Cell:
    column = feed.by_name[name]
    if name == "commune_code" and feed.scope != "city":
        return "31135"
    if value is None:
        return None
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if column.kind == "number":
        return f"{value.normalize():f}"
    if column.words and column.kind != "list":
        return next(iter(column.words.get(value, [value])))
    if column.code_list == "ethnic_groups":
        return next(word for word, code in words(column).items() if code == value and not word.isdigit())
    if column.kind == "date_or_year" and len(value) == 10:
        return f"{value[8:]}/{value[5:7]}/{value[:4]}"
    return str(value)


def to_csv(sheet: Sheet) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=sheet.delimiter, lineterminator="\n")
    writer.writerows([*sheet.above, sheet.headers, *sheet.rows, *sheet.below])
    return sheet.encode(out.getvalue())


def to_xlsx(sheet: Sheet) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    page = book.add_worksheet("Dữ liệu")
    for number, row in enumerate([*sheet.above, sheet.headers, *sheet.rows, *sheet.below]):
        for at, cell in enumerate(row):
            if cell:
                page.write_string(number, at, cell)
    if sheet.workbook:
        sheet.workbook(book, page)
    book.close()
    return out.getvalue()


def to_parquet(sheet: Sheet) -> bytes:
    out = io.BytesIO()
    columns = [pa.array([row[at] for row in sheet.rows], pa.string()) for at in range(len(sheet.headers))]
    pq.write_table(pa.table(columns, names=sheet.headers), out)
    return out.getvalue()


def to_jsonl(sheet: Sheet) -> bytes:
    lines = [json.dumps(dict(zip(sheet.headers, row, strict=True)), ensure_ascii=False) for row in sheet.rows]
    return sheet.encode("".join(f"{line}\n" for line in lines))


WRITERS: dict[str, Callable[[Sheet], bytes]] = {
    "csv": to_csv, "xlsx": to_xlsx, "parquet": to_parquet, "jsonl": to_jsonl,
}  # fmt: skip
