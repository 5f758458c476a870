"""Files to typed rows: what is read, what is set apart with a reason, what is refused with its owner."""

import gzip
import io
import shutil
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from readings import read_rows, read_whole

from sources.contracts.feeds import Feed, discover
from sources.contracts.refusal import BrokenPromise
from sources.reading.delivery import Delivery, recognise
from sources.reading.rows import CheckedRows

Deliver = Callable[[str, str, bytes | str], Delivery]
TOTALS = "labour/commune_totals"
HEADER = "commune_code,households,persons\n"


def _read(delivery: Delivery) -> CheckedRows:
    return read_rows(delivery)


def _reasons(checked: CheckedRows) -> list[tuple[int, str]]:
    return [(row["row_number"], row["reasons"]) for row in checked.rejected.to_pylist()]


def _workbook(*rows: Sequence[object], sheet: str = "Sheet1") -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


def test_headers_are_found_in_any_order_and_spelling(deliver: Deliver) -> None:
    delivery = deliver(TOTALS, "2026-09.csv", "TONG SO NHAN KHAU;Ghi thêm;Mã  xã;tổng số hộ\n1.234;z;31120;300\n")

    table, checked = read_whole(delivery)

    assert checked.accepted.select(["commune_code", "households", "persons"]).to_pylist() == [
        {"commune_code": "31120", "households": 300, "persons": 1234}
    ]
    assert table.ignored_columns == ["Ghi thêm"]


def test_the_same_rows_are_read_from_csv_workbook_and_parquet(deliver: Deliver) -> None:
    columns = {
        "household_code": ["1", "2"],
        "commune_code": ["31120", "31120"],
        "head_name": ["An", "Ba"],
        "member_count": [3, 4],
        "reviewed_on": [date(2026, 9, 1), date(2026, 9, 2)],
        "income_per_capita_vnd": [1500000, 2],
        "floor_area_m2": [45.125, 40.0],
    }
    parquet = io.BytesIO()
    pq.write_table(pa.table(columns), parquet)
    cells = [[1, 31120, "An", 3, "01/09/2026", 1500000, 45.125], [2, 31120, "Ba", 4, "02/09/2026", 2, 40]]
    files = {
        "2026-09.csv": ",".join(columns)
        + '\n1,31120,An,3,1/9/2026,1.500.000,"45,1250"\n2,31120,Ba,4,2026-09-02,2,40\n',
        "2026-09.xlsx": _workbook(["PHIẾU RÀ SOÁT"], [], list(columns), *cells),
        "2026-09.parquet": parquet.getvalue(),
    }

    read = [
        _read(deliver("labour/household_review", *file)).accepted.select(list(columns)).to_pylist()
        for file in files.items()
    ]

    assert read[0] == read[1] == read[2]
    assert read[0][0]["floor_area_m2"] == Decimal("45.125")


def test_one_empty_cell_too_many_sets_the_row_apart(deliver: Deliver) -> None:
    checked = _read(deliver(TOTALS, "2026-09.csv", HEADER + "31120,,300,900\n31135,5,12\n"))

    assert _reasons(checked) == [(2, "cell_count")]
    assert checked.accepted["households"].to_pylist() == [5]


def test_a_last_line_without_its_end_is_set_apart(deliver: Deliver) -> None:
    checked = _read(deliver(TOTALS, "2026-09.csv", HEADER + "31120,3,9\n31135,5,1"))

    assert _reasons(checked) == [(3, "unfinished_row")]


def test_a_quote_that_swallows_lines_is_not_read_as_one_cell(deliver: Deliver) -> None:
    checked = _read(deliver(TOTALS, "2026-09.csv", HEADER + '31120,3,"9\n31135,5,12\n31147,6",4\n31150,7,8\n'))

    assert checked.accepted["commune_code"].to_pylist() == ["31150"]
    assert checked.rejected.num_rows > 0


def test_every_broken_cell_names_its_column_and_kind(deliver: Deliver) -> None:
    rows = "31120,đang cập nhật,9\n99999,3,9\n31135,,9\n31147,-3,9\n31150,3,9\n31150,4,9\n"

    checked = _read(deliver(TOTALS, "2026-09.csv", HEADER + rows))

    assert _reasons(checked) == [
        (2, "type:households"),
        (3, "unknown_place:commune_code"),
        (4, "required:households"),
        (5, "range:households"),
        (7, "duplicate_key"),
    ]
    assert checked.duplicate_keys == 1


def test_an_old_code_goes_to_its_successor_and_a_reused_one_means_today(deliver: Deliver) -> None:
    # 31117 was abolished in July 2025; 31120 was An Hòa before and is Cái Khế now.
    checked = _read(deliver(TOTALS, "2026-09.csv", HEADER + "31117,1,2\n31135,1,2\n"))

    assert checked.accepted["commune_code"].to_pylist() == ["31120", "31135"]


def test_before_the_merger_a_code_means_the_unit_of_its_day(deliver: Deliver) -> None:
    checked = _read(deliver(TOTALS, "2025-06.csv", HEADER + "31123,1,2\n"))

    row = checked.accepted.to_pylist()[0]
    assert (row["commune_code"], row["commune_code_then"]) == ("31135", "31123")


def test_a_missing_column_is_refused_with_its_owner_and_the_next_step(deliver: Deliver) -> None:
    delivery = deliver(TOTALS, "2026-09.csv", "commune_code,households\n31120,3\n")

    with pytest.raises(BrokenPromise) as refused:
        read_whole(delivery)

    assert "labour/commune_totals/2026-09.csv" in str(refused.value)
    assert "it lacks persons" in refused.value.promise
    assert "poverty review desk" in refused.value.owner
    assert refused.value.next_step


def test_the_file_of_another_feed_is_refused(deliver: Deliver) -> None:
    loans = "Ngày số liệu,Số khế ước,Mã KH\n31/10/2026,1,2\n"

    with pytest.raises(BrokenPromise, match="none of the promised columns"):
        read_whole(deliver(TOTALS, "2026-10.csv", loans))


@pytest.mark.parametrize("name", ["2026-09.xlsx", "2026-09.csv"])
def test_a_damaged_file_is_refused_and_nothing_of_it_quoted(deliver: Deliver, name: str) -> None:
    content = _workbook(["commune_code", "households", "persons"], ["NGUYEN CANARY", 1, 2])[:900]
    content = content if name.endswith("xlsx") else b'commune_code,households,persons\n"NGUYEN CANARY,1,2\n'

    with pytest.raises(BrokenPromise) as refused:
        read_whole(deliver(TOTALS, name, content))

    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize("name", ["totals.csv", "2026-13.csv", "2026-09_99999.csv", "2026-09.doc"])
def test_a_file_name_outside_the_promise_is_refused(deliver: Deliver, name: str) -> None:
    with pytest.raises(BrokenPromise, match="the file name"):
        deliver(TOTALS, name, HEADER)


def test_ticks_make_empty_cells_a_no_and_other_answers_do_not(deliver: Deliver) -> None:
    header = "household_code,commune_code,head_name,member_count,reviewed_on,wall_durable,roof_durable\n"
    rows = "1,31120,An,2,01/09/2026,x,có\n2,31120,Ba,2,01/09/2026,,\n"

    checked = _read(deliver("labour/household_review", "2026-09_31120.csv", header + rows))

    assert checked.accepted["wall_durable"].to_pylist() == [True, False]
    assert checked.accepted["roof_durable"].to_pylist() == [True, None]


def test_rows_of_a_foreign_commune_are_set_apart(deliver: Deliver) -> None:
    header = "household_code,commune_code,head_name,member_count,reviewed_on\n"
    rows = "1,31120,An,2,01/09/2026\n2,31135,Ba,2,01/09/2026\n"

    checked = _read(deliver("labour/household_review", "2026-09_31120.csv", header + rows))

    assert _reasons(checked) == [(3, "foreign_commune")]
    assert checked.foreign_communes == 1


def test_an_old_card_says_its_group_and_level(deliver: Deliver) -> None:
    header = "card_number,full_name,birth_date,sex,valid_from,valid_to,beneficiary_group\n"
    rows = "HN2979700000001,An,1961,1,01/01/2026,31/12/2026,\n9797000000,Ba,1961,0,2026-01-01,,GD\n"

    checked = _read(deliver("health_insurance/cards", "2026-09.csv", header + rows))

    assert checked.accepted["beneficiary_group"].to_pylist() == ["HN", "GD"]
    assert checked.accepted["benefit_level"].to_pylist() == [2, None]
    assert checked.accepted["sex"].to_pylist() == ["male", "female"]
    assert checked.accepted["valid_to"].to_pylist() == [date(2026, 12, 31), None]


def test_answers_of_the_card_service_are_read_in_and_out_of_their_envelope(deliver: Deliver) -> None:
    answer = (
        '{"maThe": "HN2979700000001", "hoTen": "An", "ngaySinh": "05/03/1961", "gioiTinh": 1, "gtTheTu": "01/01/2026"}'
    )
    lines = f'{{"data": {answer}, "success": true}}\n{answer.replace("0001", "0002")}\nnot json\n'

    delivery = deliver("health_insurance/cards", "2026-09.jsonl", lines)
    table, checked = read_whole(delivery)

    assert checked.accepted.num_rows == 2
    assert table.misshapen == [(3, "not_json")]


@pytest.mark.parametrize("feed", discover().values(), ids=lambda feed: feed.id)
def test_the_sample_beside_each_contract_keeps_it(feed: Feed, tmp_path: Path) -> None:
    samples = list(feed.folder.glob("sample.*"))
    assert len(samples) == 1, f"{feed.id} has {len(samples)} samples. Put one beside its contract: a few rows as sent."
    (sample,) = samples
    sent = shutil.copy(sample, tmp_path / f"2026-09{'_31135' if feed.scope != 'city' else ''}{sample.suffix}")

    checked = _read(recognise(feed, Path(sent)))

    assert checked.rejected.num_rows == 0
    assert checked.accepted.num_rows > 0


def test_letters_that_are_none_are_not_read_from_parquet(deliver: Deliver) -> None:
    names = pa.array([b"An", b"\x98\xff"], pa.binary()).view(pa.string())
    content = io.BytesIO()
    columns = {"household_code": names, "commune_code": names, "head_name": names, "member_count": [1, 2]}
    pq.write_table(pa.table({**columns, "reviewed_on": names}), content)

    with pytest.raises(BrokenPromise, match="no whole Parquet"):
        read_whole(deliver("labour/household_review", "2026-09.parquet", content.getvalue()))


def test_a_header_over_two_rows_is_read_together(deliver: Deliver) -> None:
    loans = (
        "Ngày số liệu,Số khế ước,Mã KH,Tên KH,Mã xã,Mã chương trình,Ngày vay,Lãi suất,Tổng giải ngân,Dư nợ,Unnamed: 10,"
    )
    below = ",,,,,,,,,trong hạn,quá hạn,khoanh"
    row = "31/10/2026,'6600000001,1,An,920101,1,01/02/2025,6.6,50.000.000,40.000.000,0,0"

    checked = _read(deliver("policy_bank/loans", "2026-10.csv", f"{loans}\n{below}\n{row}\n"))

    (read,) = checked.accepted.to_pylist()
    assert (read["in_term_vnd"], read["frozen_vnd"], read["contract_no"]) == (40_000_000, 0, "6600000001")


def test_the_130_columns_of_the_banks_export_are_read_by_the_17_that_are_promised(deliver: Deliver) -> None:
    promised = {
        "Ngày\nsố liệu": "31/10/2026", "Số khế ước": "'6600000001", "Mã KH": "1", "Tên KH": "An",
        "Số CMND": "361234567", "Mã xã": "920101", "Mã chương trình": "1",
        "Ngày vay": "01/02/2025", "Ngày ĐH\n sau cùng": "01/02/2030",
        "Lãi suất": "6.6", "Tổng giải ngân": "50000000", "Dư nợ\n trong hạn": "40000000", "Dư nợ quá hạn": "0",
        "Dư nợ khoanh": "0", "Tình trạng món vay": "",
    }  # fmt: skip
    others = {f"Cột phụ {number}": str(number) for number in range(130 - len(promised))}
    headers, cells = [*promised, *others], [*promised.values(), *others.values()]

    delivery = deliver("policy_bank/loans", "2026-10.xlsx", _workbook(["SAO KÊ"], headers, cells))
    table, checked = read_whole(delivery)

    assert checked.accepted.num_rows == 1
    assert len(table.ignored_columns) == 115


@pytest.mark.parametrize("unit", [1_000_000, 1_000])
def test_amounts_in_millions_or_thousands_are_set_apart_with_their_unit(deliver: Deliver, unit: int) -> None:
    header = "case_code,commune_code,head_name,beneficiary_group,support_type,status,funding_source,amount_vnd\n"
    row = f"1,31120,An,poor,repair,completed,1,{30_000_000 // unit}\n2,31120,Ba,poor,repair,completed,1,30000000\n"

    checked = _read(deliver("housing/support_cases", "2026-09.csv", header + row))

    assert _reasons(checked) == [(2, "unit:amount_vnd")]


def test_days_with_the_month_first_cast_doubt_on_the_days_beside_them(deliver: Deliver) -> None:
    header = "class_code,personal_id,full_name,commune_code,occupation,started_on\n"
    rows = "1,097061001234,An,31120,May,03/25/2026\n2,097061001235,Ba,31120,May,03/05/2026\n"
    rows += "3,097061001236,Ca,31120,May,03/03/2026\n"

    checked = _read(deliver("labour/vocational_training", "2026-09.csv", header + rows))

    assert _reasons(checked) == [(2, "type:started_on"), (3, "type:started_on")]


REVIEW = "labour/household_review"
FORMS = "household_code,commune_code,hamlet,head_name,member_count,reviewed_on\n"


def _forms(rows: int) -> list[str]:
    return [f"{at:05},31120,Khu vực 9,Nguyễn Văn An,4,16/09/2026" for at in range(1, rows + 1)]


def test_lines_between_an_open_quote_and_the_next_are_each_set_apart(deliver: Deliver) -> None:
    lines = _forms(40)
    lines[9] = lines[9].replace("Nguyễn", '"Nguyễn')
    lines[12] = 'ấp Đông",4,16/09/2026'

    checked = _read(deliver(REVIEW, "2026-09_31120.csv", FORMS + "\n".join([*lines, ""])))

    assert _reasons(checked) == [(number, "line_break_in_cell") for number in (11, 12, 13, 14)]
    assert checked.total == 40


def test_a_row_with_a_stray_quote_leaves_the_others_alone(deliver: Deliver) -> None:
    lines = _forms(40)
    lines[4] = lines[4].replace("Khu vực 9", 'ti vi 32"')
    lines[30] = lines[30].replace("Khu vực 9", '"Khu vực 9, ấp ""Đông"""')

    checked = _read(deliver(REVIEW, "2026-09_31120.csv", FORMS + "\n".join([*lines, ""])))

    assert _reasons(checked) == [(6, "stray_quote")]
    assert checked.accepted["hamlet"].to_pylist()[29] == 'Khu vực 9, ấp "Đông"'


def test_a_line_of_its_own_casts_doubt_on_those_beside_it(deliver: Deliver) -> None:
    lines = _forms(40)
    lines[4] = lines[4].replace("2026", "20\n26")

    checked = _read(deliver(REVIEW, "2026-09_31120.csv", FORMS + "\n".join([*lines, ""])))

    assert [number for number, _ in _reasons(checked)] == [6, 7, 8]


@pytest.mark.parametrize("swallowed", [1, 20])
def test_a_stray_quote_in_the_header_swallows_no_rows(deliver: Deliver, swallowed: int) -> None:
    lines = [f"{line},x" for line in _forms(40)]
    lines[swallowed] = lines[swallowed] + '"'

    with pytest.raises(BrokenPromise, match="the header: it cannot be read: a quoted cell is not closed"):
        _read(deliver(REVIEW, "2026-09_31120.csv", FORMS.strip() + ',"Ghi chú\n' + "\n".join([*lines, ""])))


def test_rows_above_a_better_header_are_not_taken_for_titles(deliver: Deliver) -> None:
    damaged = FORMS.replace("hamlet", "ham?let").strip()
    lines = [damaged, *_forms(9), FORMS.strip(), *_forms(9)]

    with pytest.raises(BrokenPromise, match="rows of data stand above the header that was found, down to row 10"):
        _read(deliver(REVIEW, "2026-09_31120.csv", "\n".join([*lines, ""])))


def test_a_header_may_have_line_breaks_and_separators(deliver: Deliver) -> None:
    header = FORMS.replace("reviewed_on", '"Ngày,\nrà\nsoát"').replace("head_name", '"Họ và tên\nchủ hộ"')

    assert _read(deliver(REVIEW, "2026-09_31120.csv", header + "\n".join([*_forms(9), ""]))).accepted.num_rows == 9


@pytest.mark.parametrize("rows", [3, 30])
@pytest.mark.parametrize("lost", ["/09/2026", ",4,16/09/2026"])
def test_a_file_that_ends_inside_a_row_is_cut_whatever_its_size(deliver: Deliver, rows: int, lost: str) -> None:
    content = (FORMS + "\n".join(_forms(rows))).removesuffix(lost)

    if lost.startswith(","):
        with pytest.raises(BrokenPromise, match=f"row {rows + 1}: it breaks off within its last row"):
            _read(deliver(REVIEW, "2026-09_31120.csv", content))
    else:
        assert _reasons(_read(deliver(REVIEW, "2026-09_31120.csv", content))) == [(rows + 1, "unfinished_row")]


FOOTERS = {
    "total": ["Tổng cộng,,,,160,"],
    "total in words": ["Tổng số hộ: 8,,,,32,", "Bằng chữ: tám hộ,,,,,"],
    "a day alone": [",,,,,Ngày     tháng 9 năm 2026", ",,,,,(Ký tên)", ",,,,,Lê Thị Duyệt"],
    "who gets it": ["Nơi nhận:,,,,,", "- Như trên;,,,,,", "- Lưu VT.,,,,,"],
    "signatures": [
        ',,,,,"Cái Khế, ngày 30 tháng 9 năm 2026"',
        ",,NGƯỜI LẬP BIỂU,,,CHỦ TỊCH",
        ",,Trần Văn Ký,,,Lê Thị Duyệt",
    ],
    "a note": ["Ghi chú: có 3 hộ vắng mặt,,,,,"],
    "a note in one cell": ["Ghi chú: có 3 hộ vắng mặt"],
    "page titles": [",,,,,Trang 1/3"],
    "words of another encoding": [",,NGÆ¯á»œI Láº¬P BIá»‚U,,,"],
}


@pytest.mark.parametrize("footer", FOOTERS)
def test_what_stands_below_a_table_is_no_broken_row(deliver: Deliver, footer: str) -> None:
    content = FORMS + "\n".join([*_forms(8), *FOOTERS[footer], ""])

    delivery = deliver(REVIEW, "2026-09_31120.csv", content)
    table, checked = read_whole(delivery)

    assert (checked.accepted.num_rows, checked.rejected.num_rows) == (8, 0)
    assert table.ignored_columns == [f"({len(FOOTERS[footer])} lines around the table that are no rows)"]


@pytest.mark.parametrize(
    "row",
    [
        "00009,31120,Khu vực 9,Tổng Văn An,x,",
        "00009,,,,,",
        ",,Trần Văn Ký,,,",
        "00009,31120,Ghi chú,An,4,x",
        ",,,Tống Công,4,",
        ",,,Lưu Ý Nhi,,",
        "00009,,,,,ngày 16 tháng 9 năm 2026",
        ",,Cộng Hòa,,,",
    ],
)
def test_a_broken_row_is_no_footer(deliver: Deliver, row: str) -> None:
    checked = _read(deliver(REVIEW, "2026-09_31120.csv", FORMS + "\n".join([*_forms(8), row, ""])))

    assert [number for number, _ in _reasons(checked)] == [10]


def test_a_row_that_says_no_place_is_of_the_commune_of_the_files_name(deliver: Deliver) -> None:
    header = FORMS.strip() + ",Huyện\n"
    rows = "1,,,An,4,16/09/2026,\n2,,,Ba,4,16/09/2026,Quận Ninh Kiều\n"

    named = _read(deliver(REVIEW, "2026-09_31120.csv", header + rows))
    city = _read(deliver(REVIEW, "2026-09.csv", header + rows))

    assert named.accepted["commune_code"].to_pylist() == ["31120"]
    assert _reasons(named) == [(3, "required:commune_code;unknown_place:commune_code")]
    assert [number for number, _ in _reasons(city)] == [2, 3]


def test_a_dash_is_nothing_where_nothing_may_stand(deliver: Deliver) -> None:
    rows = "1,31120,-,An,4,16/09/2026\n2,31120,–,-,4,16/09/2026\n3,31120,a,An,-,16/09/2026\n"

    checked = _read(deliver(REVIEW, "2026-09_31120.csv", FORMS + rows))

    assert checked.accepted["hamlet"].to_pylist() == [None, None]
    assert _reasons(checked) == [(4, "type:member_count")]


OTHERS = {
    ("2026-09.csv", "it is an Excel workbook"): lambda: _workbook(["commune_code"]),
    ("2026-09.xlsx", "it is plain text, not .xlsx"): HEADER.encode,
    ("2026-09.xlsx", "it is a web page"): lambda: b"<!DOCTYPE html><table></table>",
    ("2026-09.csv", "it is a packed file"): lambda: gzip.compress(HEADER.encode()),
    ("2026-09.csv", "it is a Parquet file"): lambda: _parquet(a=[1]),
    ("2026-09.xlsx", "it is a packed file"): lambda: _zip("a.csv"),
    ("2026-09.xlsx", "a workbook of another kind"): lambda: _zip("content.xml"),
}


@pytest.mark.parametrize(("name", "said"), OTHERS)
def test_a_file_of_another_kind_is_told_what_it_is(deliver: Deliver, name: str, said: str) -> None:
    with pytest.raises(BrokenPromise, match=said):
        read_whole(deliver(TOTALS, name, OTHERS[name, said]()))


def test_an_array_of_answers_is_told_what_it_is(deliver: Deliver) -> None:
    with pytest.raises(BrokenPromise, match="it is one JSON array"):
        read_whole(deliver("health_insurance/cards", "2026-09.jsonl", '[{"maThe": "1"}]\n'))


def test_an_answer_that_breaks_off_is_a_cut(deliver: Deliver) -> None:
    with pytest.raises(BrokenPromise, match="row 2: it breaks off within its last row"):
        read_whole(deliver("health_insurance/cards", "2026-09.jsonl", '{"maThe": "1"}\n{"maThe": "2'))


def test_lists_within_cells_are_told_what_they_are(deliver: Deliver) -> None:
    columns = {name: ["1"] for name in ("household_code", "commune_code", "head_name", "member_count")}

    with pytest.raises(BrokenPromise, match="reviewed_on has lists or records"):
        read_whole(deliver(REVIEW, "2026-09.parquet", _parquet(**columns, reviewed_on=[["a"]])))


def test_letters_of_a_workbook_are_not_to_be_saved_as_utf8(deliver: Deliver) -> None:
    header = FORMS.strip().split(",")
    rows = [[letter, "31120", "", f"Øåß{letter}ÿÆ œŒ{letter}þ", 4, "16/09/2026"] for letter in "abcdefgh"]

    with pytest.raises(BrokenPromise) as refused:
        read_whole(deliver(REVIEW, "2026-09_31120.xlsx", _workbook(header, *rows)))

    assert "Vietnamese letters are damaged" in refused.value.promise
    assert "Unicode" in refused.value.next_step
    assert "UTF-8" not in str(refused.value)


def test_bytes_that_are_no_text_are_told_from_damaged_files(deliver: Deliver) -> None:
    columns = {name: ["1"] for name in FORMS.strip().split(",")}

    with pytest.raises(BrokenPromise, match="letters are damaged"):
        read_whole(deliver(REVIEW, "2026-09.parquet", _parquet(**columns | {"head_name": [b"Nguy\xd4n"]})))


def _parquet(**columns: Sequence[object]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _zip(part: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(part, "x")
    return out.getvalue()
