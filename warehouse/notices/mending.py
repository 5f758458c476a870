"""The rows of a file that would be set apart, as a workbook to mend and send, under the headings of the contract.

What is wrong is coloured and says why in a note, words that a column knows are a list to choose from, and everything
else stands as it was sent. The workbook is a supplement: sent as it is named, it adds these rows to those taken in. A
heading names the file they are of (`sources.reading.mended`). It holds what the sender wrote, so it is for the sender
alone. Not here: which rows (`intake.trial`).
"""

import io
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from sources.contracts.code_lists import words
from sources.contracts.feeds import Column, Feed
from sources.contracts.refusal import reason
from sources.reading import mended
from sources.reading.table import PLACE, PLACE_PARTS, ROW_NUMBER
from warehouse.zones.register import Entry

# A row is shown as wrong as a whole where the reason names no column.
WHY = "Lý do"
SHEET, LISTS = "Dòng cần sửa", "Danh mục"


def name(entry: Entry) -> str:
    """The name under which the workbook is to be sent."""
    scope = f"_{entry.commune}" if entry.commune else ""
    return f"{entry.month:%Y-%m}{scope}_supplement.xlsx"


def workbook(feed: Feed, entry: Entry, cells: pa.Table, rows: Iterable[tuple[int, str | None, str]]) -> bytes:
    """The workbook of these rows of a file: `cells` are texts by contract column, `rows` (row number, sheet, codes).

    Cells of a row without a reason are of a head whose household is not whole without it.
    """
    codes = {(number, sheet or ""): reasons.split(";") for number, sheet, reasons in rows}
    shown = [*feed.columns, *(part for part in PLACE_PARTS if pc.any(cells[part].is_valid()).as_py())]
    headings = [
        heading.header_vi if isinstance(heading, Column) else feed.place_headings[heading][0] for heading in shown
    ]
    names = [heading.name if isinstance(heading, Column) else heading for heading in shown]
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_numbers": False}) as book:
        styles = {
            "head": book.add_format({"bold": True, "text_wrap": True, "border": 1}),
            "wrong": book.add_format({"bg_color": "#f7c6c5", "border": 1, "num_format": "@"}),
            "as_sent": book.add_format({"num_format": "@"}),
        }
        sheet = book.add_worksheet(SHEET)
        for at, heading in enumerate([*headings, mended.heading(entry.sha256 or ""), WHY]):
            sheet.write_string(0, at, heading, styles["head"])
        for line, row in enumerate(cells.to_pylist(), start=1):
            _row(
                sheet,
                styles,
                feed,
                line,
                [row[column] for column in names],
                names,
                codes.get((row[ROW_NUMBER], row[PLACE]), []),
            )
            sheet.write_number(line, len(names), row[ROW_NUMBER])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(names) + 1, 18)
        _choices(book, sheet, feed, names, cells.num_rows)
    return content.getvalue()


def _row(
    sheet: Any, styles: dict[str, Any], feed: Feed, line: int, values: list[Any], names: list[str], codes: list[str]
) -> None:
    headers = {column.name: column.header_vi for column in feed.columns}
    wrong: dict[str, list[str]] = {}
    for code in codes:
        wrong.setdefault(code.partition(":")[2], []).append(reason(code, headers).vi)
    for at, (column, value) in enumerate(zip(names, values, strict=True)):
        style = styles["wrong" if column in wrong else "as_sent"]
        if value is None:
            sheet.write_blank(line, at, None, style)
        else:
            sheet.write_string(line, at, str(value), style)
        if column in wrong:
            sheet.write_comment(line, at, "; ".join(wrong[column]))
    sheet.write_string(line, len(names) + 1, "; ".join(words for reasons in wrong.values() for words in reasons))


def _choices(book: Any, sheet: Any, feed: Feed, names: list[str], rows: int) -> None:
    """Lists to choose from, on a sheet that readers of deliveries pass over."""
    lists = book.add_worksheet(LISTS)
    lists.hide()
    for column in feed.columns:
        options = _known(column)
        if not options or column.kind == "list" or not rows:
            continue
        at = names.index(column.name)
        lists.write_column(0, at, options)
        letter = xl_col_to_name(at)
        source = f"='{LISTS}'!${letter}$1:${letter}${len(options)}"
        # A word that is not listed stays possible: the reader knows more spellings than a list can show.
        sheet.data_validation(1, at, rows, at, {"validate": "list", "source": source, "error_type": "information"})


def _known(column: Column) -> list[str]:
    """The words of a column, one for each code."""
    if column.code_list:
        shown: dict[str, str] = {}
        for word, code in words(column).items():
            shown.setdefault(code, word)
        return sorted(shown.values())
    return [spellings[0] if spellings else code for code, spellings in column.words.items()]
