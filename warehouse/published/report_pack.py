"""The report pack of the circular as a workbook: forms 1 to 13 of one month, a sheet each, as officers know them.

Where lists of the month stand under two standards, a form has a second sheet, named for the older one.

Titles and headers are seeds, figures are the marts `official_report_*`; here is only how they are laid out, and the
city's last row: from the city's own marts, and where these say nothing from the communes. Not here: named lists
(`named_lists`), which no plain file may hold.
"""

import itertools
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from warehouse.published.questions import Unknown, rows
from warehouse.zones.home import SIMULATED

# Where a form asks for the indicators in legal order, those of the standard of the lists stand in its headers.
COLUMNS = """
    select report_column.form, report_column.column_name, report_column.whole_column, standard.standard_id,
        coalesce(indicator.name_vi || case when whole_column is null then '' else ' (%)' end, header_vi) as header_vi,
        coalesce(indicator.name_en || case when whole_column is null then '' else ' (%)' end, header_en) as header_en
    from reference.report_column
    inner join reference.standard on standard.standard_id = $standard
    left join reference.indicator
        on indicator.standard_id = standard.standard_id
        and report_column.column_name like 'indicator_' || printf('%02d', indicator.display_order) || '%'
    where report_column.column_name <> 'standard_id'
    order by report_column.form, report_column.display_order
"""
CITY_POVERTY = """
    select * from marts.area_poverty
    where area_level = 'city' and basis = 'legal' and period_month = $month and standard_id = $standard
"""
CITY_FLOWS = """
    select * from marts.area_movement
    where area_level = 'city' and period_month = $month and standard_id = $standard
"""
# Lists that are carried over a change of standard keep their own: those of the newest lists come first.
STANDARDS = """
    select standard_id from marts.area_poverty
    where area_level = 'city' and basis = 'legal' and period_month = $month
    qualify newest_list_month is not null or count(newest_list_month) over () = 0
    order by newest_list_month desc
"""
CITY_INDICATORS = """
    select standard_id, printf('indicator_%02d', display_order) as column_name, poor_deprived_households as poor,
        near_poor_deprived_households as near_poor
    from marts.area_indicator
    inner join marts.dim_indicator using (standard_id, indicator_code)
    where area_level = 'city' and unit = 'household' and k = 1 and period_month = $month and standard_id = $standard
"""
UNITS = {"household": "Hộ", "person": "Khẩu"}
PROTECTED = "…"
# Forms of a class: its movement, its lacks in counts and in per cent, its summary.
KINDS = {"poor": (2, 4, 5, 12), "near_poor": (3, 6, 7, 13)}


def write(figures: Path, layout: Path, month: date, out: Path, simulated: bool = False) -> int:
    """Write the workbook of `month` to `out` and return its number of forms.

    `figures` is the database the figures come from, exact or protected; `layout` one that knows titles and headers.
    Where people are `simulated`, each sheet says so, on paper too. Raises `Unknown` when nothing is published for the
    month.
    """
    forms = rows(layout, "select form, title_vi, title_en, legal_reference from reference.report_form order by form")
    standards = [row["standard_id"] for row in rows(figures, STANDARDS, {"month": month})]
    if not standards:
        raise Unknown(f"Nothing is published for {month:%Y-%m}.")
    communes = {
        row["commune_code"]: row["name_vi"]
        for row in rows(layout, "select commune_code, name_vi from marts.dim_commune")
    }
    columns = {standard: rows(layout, COLUMNS, {"standard": standard}) for standard in standards}
    city = {standard: _city(figures, {"month": month, "standard": standard}) for standard in standards}
    with xlsxwriter.Workbook(str(out)) as book:
        styles = _styles(book)
        for form, standard in itertools.product(forms, standards):
            by_commune = rows(
                figures,
                f"select * from marts.official_report_{form['form']} "
                "where period_month = $month and standard_id = $standard",
                {"month": month, "standard": standard},
            )
            # What the public is not told at all has no column in its pack.
            own = [
                column
                for column in columns[standard]
                if column["form"] == form["form"] and (not by_commune or column["column_name"] in by_commune[0])
            ]
            name = f"Biểu {form['form']}"
            sheet = book.add_worksheet(name if standard == standards[0] else f"{name} ({standard})")
            _sheet(sheet, styles, form, own, by_commune, communes, city[standard], month)
            if simulated:
                sheet.write(1, 0, SIMULATED, styles["office"])
                sheet.set_header(f"&C&B{SIMULATED}")
    return len(forms)


def _styles(book: Any) -> dict[str, Any]:
    bold = {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True}
    return {
        "title": book.add_format({"bold": True, "font_size": 13}),
        "office": book.add_format({"bold": True}),
        "nation": book.add_format({"bold": True, "align": "center"}),
        "signature": book.add_format({"bold": True, "align": "center"}),
        "below_signature": book.add_format({"italic": True, "align": "center"}),
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
    counted: list[dict[str, Any]],
    communes: dict[str, str],
    city: dict[tuple[int, str | None], dict[str, Any]],
    month: date,
) -> None:
    has_unit = bool(counted) and "unit" in counted[0]
    leading = [("TT", "No."), ("Mã xã", "Code"), ("Xã, phường", "Commune"), *([("Đơn vị", "Unit")] if has_unit else [])]
    sheet.write(0, 0, "ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ", styles["office"])
    right = len(leading) + min(len(columns), 6) - 1
    sheet.write(0, right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", styles["nation"])
    sheet.write(1, right, "Độc lập - Tự do - Hạnh phúc", styles["nation"])
    sheet.write(2, 0, f"Biểu số {form['form']}: {form['title_vi']}", styles["title"])
    sheet.write(3, 0, f"Form {form['form']}: {form['title_en']}. {form['legal_reference']}", styles["english"])
    sheet.write(4, 0, f"Kỳ báo cáo: tháng {month:%m} năm {month:%Y}. Chuẩn áp dụng: {columns[0]['standard_id']}")
    headers = [*leading, *((column["header_vi"], column["header_en"]) for column in columns)]
    for position, (vietnamese, english) in enumerate(headers):
        sheet.write(6, position, vietnamese, styles["header"])
        sheet.write(7, position, english, styles["below"])
        number = position - len(leading) + 1
        sheet.write(8, position, f"({number})" if number > 0 else "", styles["below"])
    counted = sorted(counted, key=lambda row: (row["commune_code"], row.get("unit", "")))
    order = {code: number for number, code in enumerate(sorted({row["commune_code"] for row in counted}), start=1)}
    line = 9
    for row in counted:
        place = [order[row["commune_code"]], row["commune_code"], communes[row["commune_code"]]]
        _line(sheet, styles, "", line, [*place, *([UNITS[row["unit"]]] if has_unit else [])], columns, row)
        line += 1
    for unit in UNITS if has_unit else [None]:
        of_unit = [row for row in counted if row.get("unit") == unit]
        place = ["", "92", "Toàn thành phố", *([UNITS[unit]] if unit else [])]
        total = _total(columns, of_unit) | city.get((form["form"], unit), {})
        _line(sheet, styles, "total_", line, place, columns, total)
        line += 1
    sheet.write(
        line + 1, 0, f"{PROTECTED}: không có số liệu, hoặc được bảo vệ / not known, or protected", styles["english"]
    )
    sheet.write(line + 3, 1, "NGƯỜI LẬP BIỂU", styles["signature"])
    sheet.write(line + 4, 1, "(Ký, họ tên)", styles["below_signature"])
    sheet.write(line + 2, right, "Cần Thơ, ngày … tháng … năm …", styles["below_signature"])
    sheet.write(line + 3, right, "THỦ TRƯỞNG ĐƠN VỊ", styles["signature"])
    sheet.write(line + 4, right, "(Ký, đóng dấu)", styles["below_signature"])
    sheet.set_column(2, 2, 22)
    sheet.set_column(len(leading), len(headers) - 1, 13)
    sheet.freeze_panes(9, len(leading))
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(6, 8)


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


def _city(figures: Path, asked: dict[str, Any]) -> dict[tuple[int, str | None], dict[str, Any]]:
    """What marts of the city itself say for its row, by form and unit.

    A count withheld in one commune is missing from their sum, not from the city's own figure, which is protected for
    itself. Shares are of those figures, so that they say no more.
    """
    counted = rows(figures, CITY_POVERTY, asked)
    if not counted:
        return {}
    poverty = counted[0]
    flows = {(row["class"], row["unit"]): row for row in rows(figures, CITY_FLOWS, asked)}
    indicators = rows(figures, CITY_INDICATORS, asked)
    shares = {f"{kind}_persons_pct": _pct(poverty[f"{kind}_persons"], poverty["persons"]) for kind in KINDS}
    city: dict[tuple[int, str | None], dict[str, Any]] = {(1, None): poverty | shares}
    for kind, (movement, counts, percents, summary) in KINDS.items():
        households = {"households": poverty[f"{kind}_households"]}
        city[counts, None] = households | {row["column_name"]: row[kind] for row in indicators}
        city[percents, None] = households
        open_figures = {name: poverty[name] for name in ("households", "persons", "minority_households")}
        city[summary, None] = open_figures | {"rate_pct": poverty[f"{kind}_rate_pct"]}
        for unit in UNITS:
            row = flows.get((kind, unit), {})
            city[movement, unit] = row
            city[summary, None] |= {f"{name}_{unit}s": row[name] for name in ("opening", "closing") if name in row}
            for form in (8, 9, 10):
                city.setdefault((form, unit), {})[f"{kind}_total"] = poverty[f"{kind}_{unit}s"]
    minorities = poverty["minority_poor_households"]
    city[8, "household"]["poor_minority"] = minorities
    city[12, None] |= {
        "closing_minority_households": minorities,
        "minority_rate_pct": poverty["minority_poor_rate_pct"],
    }
    return city


def _pct(part: int | None, whole: int | None) -> float | None:
    return None if part is None or not whole else 100.0 * part / whole


def _total(columns: list[dict[str, Any]], counted: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums of counts, and shares weighted by what they are shares of, over the communes; unknown if a part is."""
    total: dict[str, Any] = {}
    for column in columns:
        name, whole = column["column_name"], column["whole_column"]
        # Of a whole that nobody knows a share is unknown, whatever stands beside it; of an empty one there is none.
        parts = [row for row in counted if not whole or row[whole] != 0]
        needed = [name, whole] if whole else [name]
        if not parts or any(row[column] is None for row in parts for column in needed):
            total[name] = None
        elif whole:
            total[name] = sum(row[name] * row[whole] for row in parts) / sum(row[whole] for row in parts)
        else:
            total[name] = sum(row[name] for row in parts)
    return total
