"""Workbooks that cannot be trusted: read as last calculated, or refused before they fill the memory."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import read_whole

from sources.contracts.refusal import BrokenPromise
from sources.reading import workbook
from sources.reading.delivery import Delivery
from sources.reading.rows import CheckedRows
from sources.reading.table import TextTable

Deliver = Callable[[str, str, bytes | str], Delivery]
TOTALS = "labour/commune_totals"
HEADER = ["commune_code", "households", "persons", "minority_households"]
LOCKED = Path(__file__).parent / "locked.xlsx"


def _book(write: Callable[[xlsxwriter.Workbook, Any], None]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    page = book.add_worksheet("Dữ liệu")
    page.write_row(0, 0, HEADER)
    page.write_row(1, 0, [31120, 3, 9, 1])
    page.write_row(2, 0, [31135, 5, 12, 2])
    write(book, page)
    book.close()
    return buffer.getvalue()


def _read(delivery: Delivery) -> tuple[TextTable, CheckedRows]:
    return read_whole(delivery)


def test_a_formula_is_what_was_last_calculated(deliver: Deliver) -> None:
    content = _book(lambda _, page: page.write_formula(1, 1, "=1+1", None, 4))

    _, checked = _read(deliver(TOTALS, "2026-09.xlsx", content))

    assert checked.accepted["households"].to_pylist() == [4, 5]


@pytest.mark.parametrize(("value", "why"), [("", "never calculated"), ("#REF!", "error")])
def test_a_formula_without_a_value_is_not_an_empty_cell(deliver: Deliver, value: str, why: str) -> None:
    content = _book(lambda _, page: page.write_formula(1, 3, "=A9", None, value))
    if not value:
        content = _patched(content, b"<f>A9</f><v></v>", b"<f>A9</f>")

    _, checked = _read(deliver(TOTALS, "2026-09.xlsx", content))

    assert checked.rejected["reasons"].to_pylist() == ["type:minority_households"], why


def test_hidden_and_foreign_sheets_are_reported_and_not_read(deliver: Deliver) -> None:
    def more(book: xlsxwriter.Workbook, _: object) -> None:
        hidden = book.add_worksheet("Ẩn")
        hidden.write_row(0, 0, HEADER)
        hidden.write_row(1, 0, [31147, 7, 8, 0])
        hidden.hide()
        book.add_worksheet("Ghi chú").write(0, 0, "xem lại")

    table, checked = _read(deliver(TOTALS, "2026-09.xlsx", _book(more)))

    assert checked.accepted["commune_code"].to_pylist() == ["31120", "31135"]
    assert table.ignored_columns == ["(hidden sheet Ẩn)", "(sheet Ghi chú)"]


def test_a_locked_workbook_is_refused_as_locked(deliver: Deliver) -> None:
    with pytest.raises(BrokenPromise, match="locked with a password"):
        read_whole(deliver(TOTALS, "2026-09.xlsx", LOCKED.read_bytes()))


def test_a_workbook_that_unpacks_beyond_its_bound_is_refused_unread(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sources.reading.workbook.UNPACKED_BYTES", 20_000_000)
    content = _patched(_book(lambda *_: None), b"</sheetData>", b"</sheetData>" + b" " * 30_000_000)

    assert len(content) < 100_000
    with pytest.raises(BrokenPromise, match="unpacks to more"):
        read_whole(deliver(TOTALS, "2026-09.xlsx", content))


@pytest.mark.parametrize("far", [b'r="XFD1048576"', b"r='A99999999'", b'r = "ZZZZ3"'])
def test_one_cell_far_out_does_not_fill_the_memory(deliver: Deliver, far: bytes) -> None:
    content = _patched(_book(lambda *_: None), b'r="D3"', far)

    with pytest.raises(BrokenPromise, match="unpacks to more"):
        read_whole(deliver(TOTALS, "2026-09.xlsx", content))


def test_a_size_that_the_file_understates_is_found_out(deliver: Deliver) -> None:
    content = _book(lambda *_: None)
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        size = whole.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = content.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))

    with pytest.raises(BrokenPromise, match="no whole Excel workbook"):
        read_whole(deliver(TOTALS, "2026-09.xlsx", lying))


def test_a_text_merged_over_rows_holds_for_each_of_them(deliver: Deliver) -> None:
    content = _book(lambda _, page: page.merge_range(1, 3, 2, 3, 2))

    _, checked = _read(deliver(TOTALS, "2026-09.xlsx", content))

    assert checked.accepted["minority_households"].to_pylist() == [2, 2]


def test_a_table_over_several_sheets_is_read_whole(deliver: Deliver) -> None:
    def more(book: xlsxwriter.Workbook, _: object) -> None:
        second = book.add_worksheet("Tiếp")
        second.write_row(0, 0, HEADER)
        second.write_row(1, 0, [31147, 7, 8, 0])

    _, checked = _read(deliver(TOTALS, "2026-09.xlsx", _book(more)))

    assert checked.accepted["place"].to_pylist() == ["Dữ liệu", "Dữ liệu", "Tiếp"]


def _patched(content: bytes, old: bytes, new: bytes) -> bytes:
    return _patched_part(content, "xl/worksheets/sheet1.xml", old, new)


def _patched_part(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in whole.namelist():
            packed.writestr(name, whole.read(name).replace(old, new) if name == part else whole.read(name))
    return out.getvalue()


def test_a_workbook_of_hidden_sheets_alone_is_refused(deliver: Deliver) -> None:
    content = _patched_part(_book(lambda *_: None), "xl/workbook.xml", b'sheetId="1"', b'sheetId="1" state="hidden"')

    with pytest.raises(BrokenPromise, match="no whole Excel workbook"):
        read_whole(deliver(TOTALS, "2026-09.xlsx", content))


SHEET = "xl/worksheets/sheet1.xml"
ERRORS = {
    "no place of its own": b"""<c t='e'><v>#N/A</v></c>""",
    "line breaks between attributes": b"""<c\n\tt = "e"\n r="B3"\n><v>#N/A</v></c >""",
    "a formula with a prefix": b"""<c r="B3"><x:f xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/></c>""",
    "a comment within": b"""<c r="B3"><!-- <v>5</v> --><f>A1</f></c>""",
}


@pytest.mark.parametrize("spelling", ERRORS)
def test_a_cell_without_a_value_is_found_however_it_is_spelled(deliver: Deliver, spelling: str) -> None:
    content = _patched(_book(lambda *_: None), b'<c r="B3"><v>5</v></c>', ERRORS[spelling])

    _, checked = _read(deliver(TOTALS, "2026-09.xlsx", content))

    assert checked.rejected["reasons"].to_pylist() == ["type:households"]


def test_a_row_of_formulas_that_nobody_calculated_is_a_row(deliver: Deliver) -> None:
    cells = b"".join(b'<c r="%c4"><f>A9</f></c>' % letter for letter in b"ABCD")
    content = _patched(_book(lambda *_: None), b"</sheetData>", b'<row r="4">' + cells + b"</row></sheetData>")

    _, checked = _read(deliver(TOTALS, "2026-09.xlsx", content))

    assert (checked.accepted.num_rows, checked.rejected["row_number"].to_pylist()) == (2, [4])


def test_a_zero_that_a_program_calculated_is_a_zero(deliver: Deliver) -> None:
    content = _book(lambda _, page: page.write_formula(2, 3, "=1-1", None, 0))
    calculated = _patched_part(content, "xl/workbook.xml", b' fullCalcOnLoad="1"', b"")

    _, left = _read(deliver(TOTALS, "2026-09.xlsx", content))
    _, right = _read(deliver(TOTALS, "2026-10.xlsx", calculated))

    assert left.rejected["reasons"].to_pylist() == ["type:minority_households"]
    assert right.accepted["minority_households"].to_pylist() == [1, 0]


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml"])
def test_a_workbook_that_declares_entities_is_refused(deliver: Deliver, part: str) -> None:
    root = b"<worksheet" if part == SHEET else b"<workbook"
    declared = b"<!DOCTYPE x [<!ENTITY e '<c t=\"e\"/>'>]>" + root
    content = _patched_part(_book(lambda *_: None), part, root, declared)

    with pytest.raises(BrokenPromise, match="no whole Excel workbook"):
        read_whole(deliver(TOTALS, "2026-09.xlsx", content))


def test_a_workbook_with_one_part_twice_is_refused(deliver: Deliver) -> None:
    out = io.BytesIO(_book(lambda *_: None))
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr(SHEET.upper(), "<worksheet/>")

    with pytest.raises(BrokenPromise, match="no whole Excel workbook"):
        read_whole(deliver(TOTALS, "2026-09.xlsx", out.getvalue()))


def test_an_encoding_that_nobody_knows_is_refused(deliver: Deliver) -> None:
    book = _book(lambda _, page: page.write_formula(1, 1, "=1"))
    content = _patched(book, b'encoding="UTF-8"', b'encoding="UTF-888"')

    with pytest.raises(BrokenPromise, match="no whole Excel workbook"):
        read_whole(deliver(TOTALS, "2026-09.xlsx", content))


def test_an_error_that_no_reader_knows_is_named_with_its_row(deliver: Deliver) -> None:
    content = _patched(_book(lambda *_: None), b'<c r="B3"><v>5</v></c>', b'<c r="B3" t="e"><v>#SPILL!</v></c>')

    with pytest.raises(BrokenPromise, match="row 3 has an error of a formula"):
        read_whole(deliver(TOTALS, "2026-09.xlsx", content))


def _spelled(references: list[tuple[str, str, str]]) -> bytes:
    return "".join(f"<c{before}{reference}{after}<v>1 r 2</v></c>" for before, reference, after in references).encode()


_REFERENCES = st.tuples(
    st.one_of(st.just(' r="'), st.sampled_from(['\nr="', ' r = "', " r='", ' r=" ', ' s="1" r="', ' rr="', 'r="'])),
    st.one_of(st.from_regex(r"\A[A-Z]{1,3}[1-9][0-9]{0,6}\Z"), st.from_regex(r"\A[A-Za-z]{0,5}[0-9]{0,10}[A-Z]?\Z")),
    st.sampled_from(['">', "'>", ':B7">', ' ">']),
)


@given(st.lists(_REFERENCES, max_size=5), st.booleans())
@settings(max_examples=1000)
def test_a_sheet_spans_what_its_references_say_however_they_are_spelled(
    references: list[tuple[str, str, str]], whole: bool
) -> None:
    text = _spelled(references).replace(b" r 2", b"" if whole else b" r 2")

    assert workbook.span(text) == workbook._span_in_any_spelling(text)


@pytest.mark.parametrize(
    ("text", "rows", "columns"),
    [
        (b'<row r="12"><c r="A12"/><c r="AB12"/></row>', 12, 28), (b"<c r='b7'/>", 7, 2), (b"<row><c/></row>", 0, 0),
        (b'<c r = "XFD1048576"/>', 1048576, 16384), (b'<c r="A0000012"/>', 12, 1),
        (b'<c r="A100000000"/>', 100_000_000, 1),
    ],
)  # fmt: skip
def test_rows_and_columns_are_counted_from_one(text: bytes, rows: int, columns: int) -> None:
    assert workbook.span(text) == (rows, columns)
