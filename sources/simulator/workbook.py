"""The workbook a commune sends: three sheets with title rows, merged Vietnamese headers and signatures.

Sheet 1 has columns A-AA and data from row 8; the two escape sheets have columns A-P in another order and data from
row 10. Only a head's row carries the household number. The rows themselves come from `poverty_list`.
"""

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from numpy.typing import NDArray

from sources.simulator.delivery import Rows
from sources.simulator.files import CREATED, Style, as_text, worded, write_cell
from sources.simulator.layout import Layout
from sources.simulator.poverty_list import SECTIONS

TITLES = {
    "recognised": "DANH SÁCH HỘ NGHÈO, HỘ CẬN NGHÈO SAU KHI RÀ SOÁT",
    "escaped_poor": "DANH SÁCH HỘ THOÁT NGHÈO SAU KHI RÀ SOÁT",
    "escaped_near_poor": "DANH SÁCH HỘ THOÁT CẬN NGHÈO SAU KHI RÀ SOÁT",
}
TABS = {"recognised": "HN, HCN", "escaped_poor": "Thoát nghèo", "escaped_near_poor": "Thoát cận nghèo"}
# Header of each column and the field below it; a field in capitals is printed by the workbook itself.
RECOGNISED = [
    ("STT", "member_no"), ("STT hộ", "household_no"), ("Họ và tên chủ hộ", "head_name"),
    ("Họ và tên thành viên", "member_name"), ("Quan hệ với chủ hộ", "relation"),
    ("Ngày, tháng, năm sinh", "birth_date"), ("Giới tính", "sex"), ("Số CCCD/CMND", "personal_id"),
    ("Tỉnh", "PROVINCE"), ("Huyện", ""), ("Mã huyện", ""), ("Xã", "COMMUNE"), ("Mã xã", "commune_code"),
    ("Thôn/ấp/khu vực", "hamlet"), ("Dân tộc", "ethnicity_code"), ("Phân loại hộ", "legal_class"),
    ("Số QĐ công nhận", "decision_no"), ("Ngày ban hành", "decision_date"), ("Điểm B1", "score_a"),
    ("Điểm B2", "score_b"), ("Hộ DTTS", "is_ethnic_minority"),
    ("Hộ không có khả năng lao động", "no_working_capacity"),
    ("Có thành viên là người có công", "has_merit_member"), ("Nguyên nhân nghèo", "causes"), ("Ghi chú", "note"),
    ("Tuổi", "AGE"), ("Số nhân khẩu", "SIZE"),
]  # fmt: skip
GROUPED = [(0, 1, "Số thứ tự"), (2, 7, "Thông tin thành viên"), (8, 13, "Địa chỉ"), (14, 22, "Kết quả rà soát"),
           (23, 26, "Thông tin khác")]  # fmt: skip
ESCAPED = [
    ("STT", "member_no"), ("STT hộ", "household_no"), ("Họ và tên", "member_name"),
    ("Quan hệ với chủ hộ", "relation"), ("Giới tính", "sex"), ("Ngày, tháng, năm sinh", "birth_date"),
    ("Số CCCD/CMND", "personal_id"), ("Dân tộc", "ethnicity_code"), ("Địa chỉ", "hamlet"), ("Điểm B1", "score_a"),
    ("Điểm B2", "score_b"), ("Nghề nghiệp", ""), ("Ghi chú", "note"), ("Điện thoại", ""), ("Tuổi", "AGE"),
    ("Số nhân khẩu", "SIZE"),
]  # fmt: skip
SIGNATURES = ["NGƯỜI LẬP BIỂU", "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "(Ký tên, đóng dấu)"]


def write_workbook(
    path: Path, rows: Rows, ages: NDArray[np.int64], layout: Layout, style: Style, month: int, commune: str
) -> None:
    """Write the commune's workbook of the month. `ages`: completed years per row; `commune`: name of the unit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": CREATED})
    merged = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True})
    fields = _fields(rows, ages, layout, style, commune)
    sections = rows.columns["list_section"].to_numpy(zero_copy_only=False)
    for section in SECTIONS:
        sheet = book.add_worksheet(TABS[section])
        here = np.flatnonzero(sections == section)
        recognised = section == "recognised"
        plan = RECOGNISED if recognised else ESCAPED
        _titles(sheet, merged, TITLES[section], month, commune, len(plan) - 1, style)
        first = _headers(sheet, merged, plan, recognised, style)
        _data(sheet, first, here, plan, fields)
        _signatures(sheet, first + len(here), len(plan), style)
    book.close()


def _text(style: Style, text: str) -> str:
    return unicodedata.normalize(style.normal_form, text)


def _fields(rows: Rows, ages: NDArray[np.int64], layout: Layout, style: Style, commune: str) -> dict[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    for column in layout.columns:
        values = worded(rows.columns[column.name], column, style)
        if column.name not in ("member_no", "household_no", "score_b", "score_a"):
            values = as_text(values, style)
        cells = [None if value != value else value for value in values.to_pylist()]
        texts = rows.said.get(column.name)
        if texts is not None:
            for row in np.flatnonzero(texts.where).tolist():
                cells[row] = texts.text[row]
        fields[column.name] = [_text(style, cell) if isinstance(cell, str) else cell for cell in cells]
    head = rows.columns["member_no"].to_numpy() == 1
    size = np.bincount(np.cumsum(head) - 1) if len(rows) else np.array([], dtype=int)
    fields["household_no"] = [
        number if first else None for number, first in zip(fields["household_no"], head, strict=True)
    ]
    sizes = iter(size.tolist())
    fields["SIZE"] = [next(sizes) if first else None for first in head]
    fields["AGE"] = ages.tolist()
    fields["PROVINCE"] = [_text(style, "Thành phố Cần Thơ")] * len(rows)
    fields["COMMUNE"] = [_text(style, commune)] * len(rows)
    fields[""] = [None] * len(rows)
    return fields


def _titles(sheet: Any, merged: Any, title: str, month: int, commune: str, last: int, style: Style) -> None:
    sheet.write_string(0, 0, _text(style, f"ỦY BAN NHÂN DÂN {commune.upper()}"))
    sheet.write_string(1, 0, _text(style, "BAN CHỈ ĐẠO GIẢM NGHÈO"))
    sheet.merge_range(2, 0, 2, last, _text(style, title), merged)
    sheet.merge_range(3, 0, 3, last, _text(style, f"Tháng {month % 12 + 1:02d} năm {month // 12}"), merged)


def _headers(sheet: Any, merged: Any, plan: list[tuple[str, str]], recognised: bool, style: Style) -> int:
    """Write the header rows; returns the first data row, counted from 0."""
    if not recognised:
        sheet.write_string(4, 0, _text(style, "(Kèm theo Quyết định của Chủ tịch Ủy ban nhân dân)"))
        for position, (name, _) in enumerate(plan):
            sheet.merge_range(6, position, 8, position, _text(style, name), merged)
        return 9
    for start, end, name in GROUPED:
        sheet.merge_range(5, start, 5, end, _text(style, name), merged)
    for position, (name, _) in enumerate(plan):
        sheet.write_string(6, position, _text(style, name), merged)
    return 7


def _data(
    sheet: Any, first: int, here: NDArray[np.int64], plan: list[tuple[str, str]], fields: dict[str, list]
) -> None:
    for offset, row in enumerate(here.tolist()):
        for position, (_, name) in enumerate(plan):
            write_cell(sheet, first + offset, position, fields[name][row], None)


def _signatures(sheet: Any, row: int, width: int, style: Style) -> None:
    sheet.write_string(row + 1, 2, _text(style, SIGNATURES[0]))
    for offset, text in enumerate(SIGNATURES[1:]):
        sheet.write_string(row + 1 + offset, width - 5, _text(style, text))
