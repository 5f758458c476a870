"""The report pack of the circular as a workbook: forms 1 to 13 of one month, a sheet each, as officers know them.

Titles and headers are seeds, figures are the marts `official_report_*`; here is only how they are laid out, and the
city's last row. Not here: named lists (`named_lists`), which no plain file may hold.
"""

from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from warehouse.questions import Unknown, rows

# Where a form asks for the indicators in legal order, those of the standard in force stand in its headers.
COLUMNS = """
    select report_column.form, report_column.column_name, report_column.whole_column, standard.standard_id,
        coalesce(indicator.name_vi || case when whole_column is null then '' else ' (%)' end, header_vi) as header_vi,
        coalesce(indicator.name_en || case when whole_column is null then '' else ' (%)' end, header_en) as header_en
    from reference.report_column
    inner join reference.standard on last_day($month) between standard.valid_from and standard.valid_to
    left join reference.indicator
        on indicator.standard_id = standard.standard_id
        and report_column.column_name like 'indicator_' || printf('%02d', indicator.display_order) || '%'
    where report_column.column_name <> 'standard_id'
    order by report_column.form, report_column.display_order
"""
UNITS = {"household": "Hộ", "person": "Khẩu"}
PROTECTED = "…"


def write(figures: Path, layout: Path, month: date, out: Path) -> int:
    """Write the workbook of `month` to `out` and return its number of forms.

    `figures` is the database the figures come from, exact or protected; `layout` one that knows titles and headers.
    Raises `Unknown` when nothing is published for the month.
    """
    forms = rows(layout, "select form, title_vi, title_en, legal_reference from reference.report_form order by form")
    columns = rows(layout, COLUMNS, {"month": month})
    communes = {
        row["commune_code"]: row["name_vi"]
        for row in rows(layout, "select commune_code, name_vi from marts.dim_commune")
    }
    sheets = [
        rows(
            figures, f"select * from marts.official_report_{form['form']} where period_month = $month", {"month": month}
        )
        for form in forms
    ]
    if not any(sheets):
        raise Unknown(f"Nothing is published for {month:%Y-%m}.")
    with xlsxwriter.Workbook(str(out)) as book:
        styles = _styles(book)
        for form, found in zip(forms, sheets, strict=True):
            own = [column for column in columns if column["form"] == form["form"]]
            sheet = book.add_worksheet(f"Biểu {form['form']}")
            _sheet(sheet, styles, form, own, found, communes, month)
    return len(forms)


def _styles(book: Any) -> dict[str, Any]:
    bold = {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True}
    return {
        "title": book.add_format({"bold": True, "font_size": 13}),
        "office": book.add_format({"bold": True}),
        "english": book.add_format({"italic": True, "font_color": "#555555"}),
        "header": book.add_format({**bold, "border": 1}),
        "below": book.add_format({"italic": True, "align": "center", "text_wrap": True, "border": 1, "font_size": 8}),
        "text": book.add_format({"border": 1}),
        "count": book.add_format({"border": 1, "num_format": "#,##0"}),
        "share": book.add_format({"border": 1, "num_format": "0.00"}),
        "total_text": book.add_format({"border": 1, "bold": True}),
        "total_count": book.add_format({"border": 1, "bold": True, "num_format": "#,##0"}),
        "total_share": book.add_format({"border": 1, "bold": True, "num_format": "0.00"}),
    }


def _sheet(
    sheet: Any,
    styles: dict[str, Any],
    form: dict[str, Any],
    columns: list[dict[str, Any]],
    found: list[dict[str, Any]],
    communes: dict[str, str],
    month: date,
) -> None:
    has_unit = bool(found) and "unit" in found[0]
    leading = [("TT", "No."), ("Mã xã", "Code"), ("Xã, phường", "Commune"), *([("Đơn vị", "Unit")] if has_unit else [])]
    sheet.write(0, 0, "ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ", styles["office"])
    sheet.write(1, 0, f"Biểu số {form['form']}: {form['title_vi']}", styles["title"])
    sheet.write(2, 0, f"Form {form['form']}: {form['title_en']}. {form['legal_reference']}", styles["english"])
    sheet.write(3, 0, f"Kỳ báo cáo: tháng {month:%m} năm {month:%Y}. Chuẩn áp dụng: {columns[0]['standard_id']}")
    headers = [*leading, *((column["header_vi"], column["header_en"]) for column in columns)]
    for position, (vietnamese, english) in enumerate(headers):
        sheet.write(5, position, vietnamese, styles["header"])
        sheet.write(6, position, english, styles["below"])
        number = position - len(leading) + 1
        sheet.write(7, position, f"({number})" if number > 0 else "", styles["below"])
    found = sorted(found, key=lambda row: (row["commune_code"], row.get("unit", "")))
    order = {code: number for number, code in enumerate(sorted({row["commune_code"] for row in found}), start=1)}
    line = 8
    for row in found:
        place = [order[row["commune_code"]], row["commune_code"], communes[row["commune_code"]]]
        _line(sheet, styles, "", line, [*place, *([UNITS[row["unit"]]] if has_unit else [])], columns, row)
        line += 1
    for unit in UNITS if has_unit else [None]:
        of_unit = [row for row in found if row.get("unit") == unit]
        place = ["", "92", "Toàn thành phố", *([UNITS[unit]] if unit else [])]
        _line(sheet, styles, "total_", line, place, columns, _total(columns, of_unit))
        line += 1
    sheet.write(
        line + 1, 0, f"{PROTECTED}: không có số liệu, hoặc được bảo vệ / not known, or protected", styles["english"]
    )
    sheet.set_column(2, 2, 22)
    sheet.set_column(len(leading), len(headers) - 1, 13)
    sheet.freeze_panes(8, len(leading))


def _line(
    sheet: Any,
    styles: dict[str, Any],
    kind: str,
    line: int,
    place: list[Any],
    columns: list[dict[str, Any]],
    row: dict[str, Any],
) -> None:
    for position, value in enumerate([*place, *(row[column["column_name"]] for column in columns)]):
        if value is None:
            sheet.write_string(line, position, PROTECTED, styles[f"{kind}text"])
        elif isinstance(value, str):
            sheet.write_string(line, position, value, styles[f"{kind}text"])
        else:
            style = "share" if isinstance(value, float) else "count"
            sheet.write_number(line, position, value, styles[kind + style])


def _total(columns: list[dict[str, Any]], found: list[dict[str, Any]]) -> dict[str, Any]:
    """The city's row: sums of counts, and shares weighted by what they are shares of; unknown if a part is."""
    total: dict[str, Any] = {}
    for column in columns:
        name, whole = column["column_name"], column["whole_column"]
        values = [row[name] for row in found if not whole or row[whole]]
        if not values or any(value is None for value in values):
            total[name] = None
        elif whole:
            total[name] = sum(row[name] * row[whole] for row in found if row[whole]) / sum(row[whole] for row in found)
        else:
            total[name] = sum(values)
    return total
