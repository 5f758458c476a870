"""The same small table with the same idea in it, as four programs write it: made once, committed, read by the tests.

`python -m programs.write` writes `written/<idea>.<program>.xlsx` anew. It needs openpyxl, polars and LibreOffice, which
the project does not; CI reads what is committed. Which outcome each idea has is said beside the test.
"""

import datetime
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "written"
HEADERS = [
    "Mã hồ sơ", "Mã xã", "Họ tên chủ hộ", "Đối tượng", "Hình thức", "Nền cứng",
    "Diện tích (m2)", "Ngày khởi công", "Trạng thái", "Nguồn vốn", "Số tiền",
]  # fmt: skip
NAMES = ["case_code", "commune_code", "head_name", "beneficiary_group", "support_type", "floor_durable",
         "floor_area_m2", "started_on", "status", "funding_source", "amount_vnd"]  # fmt: skip
FLOOR, AREA, DAY, AMOUNT = (
    NAMES.index(name) for name in ("floor_durable", "floor_area_m2", "started_on", "amount_vnd")
)
ROWS = [
    [f"HN{at:08}", "31120", "Nguyễn Văn An", "Hộ nghèo", "Xây mới", "có" if at % 2 else "không", 40.5 + at,
     datetime.date(2026, 3, at), "Đã bàn giao", "Ngân sách thành phố", 60_000_000 + at]
    for at in range(1, 7)
]  # fmt: skip
# The row in which an idea stands; in `days of 1904` it is every row.
ODD = len(ROWS)
FOOTER = [["", "Tổng cộng", *[""] * (AMOUNT - 2), 360_000_021], ["", "NGƯỜI LẬP BIỂU", *[""] * 6, "CHỦ TỊCH"],
          ["", "Trần Văn Ký", *[""] * 6, "Lê Thị Duyệt"]]  # fmt: skip
IDEAS = ("plain", "formula", "error", "styled empty", "days of 1904", "merged", "footer")


def _serial(day: Any) -> int:
    return (day - datetime.date(1904, 1, 1)).days


# ------------------------------------------------------------------------------------------------------ openpyxl


def by_openpyxl(idea: str, path: Path) -> None:
    import openpyxl
    from openpyxl.styles import Border, Side
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.Workbook()
    page: Any = book.active
    if idea == "days of 1904":
        book.epoch = CALENDAR_MAC_1904
    page.append(HEADERS)
    for row in ROWS:
        page.append([_serial(cell) if idea == "days of 1904" and at == DAY else cell for at, cell in enumerate(row)])
    if idea == "formula":
        page.cell(ODD + 1, AMOUNT + 1).value = "=60000000+6"
    if idea in ("error", "styled empty"):
        page.cell(ODD + 1, AREA + 1).value = "#N/A"
    if idea == "styled empty":
        page.cell(ODD + 1, FLOOR + 1).value = None
        page.cell(ODD + 1, FLOOR + 1).border = Border(left=Side("thin"))
    if idea == "merged":
        page.merge_cells(start_row=2, end_row=ODD + 1, start_column=2, end_column=2)
    for row in FOOTER if idea == "footer" else []:
        page.append([cell or None for cell in row])
    book.save(path)


# --------------------------------------------------------------------------------------------------- LibreOffice


def by_libreoffice(idea: str, path: Path) -> None:
    """What openpyxl wrote, opened, calculated and saved; errors are those of formulas."""
    import openpyxl

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.xlsx"
        by_openpyxl(idea, source)
        if idea in ("error", "styled empty"):
            book = openpyxl.load_workbook(source)
            page: Any = book.active
            page.cell(ODD + 1, AREA + 1).value = "=1/0"
            book.save(source)
        out = Path(folder) / "out"
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx"]
        subprocess.run([*command, "--outdir", str(out), str(source)], check=True, capture_output=True)
        shutil.copy(out / "source.xlsx", path)


# -------------------------------------------------------------------------------------------------------- polars


def by_polars(idea: str, path: Path) -> None:
    """Through xlsxwriter, whose formulas have the value 0 until somebody calculates them."""
    import polars
    import xlsxwriter

    rows = [*ROWS, *FOOTER] if idea == "footer" else ROWS
    columns = {
        header: [
            _serial(row[at]) if idea == "days of 1904" and at == DAY else row[at] if at < len(row) else None
            for row in rows
        ]
        for at, header in enumerate(HEADERS)
    }
    frame = polars.DataFrame(
        {name: [None if cell == "" else cell for cell in cells] for name, cells in columns.items()}, strict=False
    )
    with xlsxwriter.Workbook(str(path), {"date_1904": idea == "days of 1904"}) as book:
        frame.write_excel(book, "Dữ liệu", autofilter=False)
        page: Any = book.get_worksheet_by_name("Dữ liệu")
        if idea == "formula":
            page.write_formula(ODD, AMOUNT, "=60000000+6")
        if idea in ("error", "styled empty"):
            page.write_formula(ODD, AREA, "=NA()", None, "#N/A")
        if idea == "styled empty":
            page.write_blank(ODD, FLOOR, None, book.add_format({"border": 1}))


# ----------------------------------------------------------------------------------------------------- hand-made

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def by_hand(idea: str, path: Path) -> None:
    """XML as any program may write it: prefixes, single quotes, attributes in another order, references left out."""
    rows = [HEADERS, *ROWS, *(FOOTER if idea == "footer" else [])]
    body = "".join(_row(idea, number, row) for number, row in enumerate(rows))
    merged = f"<x:mergeCells ><x:mergeCell ref='B2:B{ODD + 1}'/></x:mergeCells>" if idea == "merged" else ""
    says_1904 = "<x:workbookPr date1904='true' />" if idea == "days of 1904" else ""
    parts = {
        "[Content_Types].xml": f"""<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/></Types>""",
        "_rels/.rels": f"""<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships">
<Relationship Target="/xl/workbook.xml" Type="{RELATIONS}/officeDocument" Id="R1"/></Relationships>""",
        "xl/workbook.xml": f"""<?xml version='1.0' encoding='utf-8'?><!-- by hand --><x:workbook xmlns:x='{MAIN}'
 xmlns:rel='{RELATIONS}'>{says_1904}<x:sheets><x:sheet rel:id='R9' sheetId='4' name='Dữ liệu &amp; ghi chú'/></x:sheets>
</x:workbook>""",
        "xl/_rels/workbook.xml.rels": f"""<?xml version="1.0"?><p:Relationships xmlns:p="{PACKAGE}/relationships">
<p:Relationship Type="{RELATIONS}/worksheet" Target="/xl/pages/first.xml" Id="R9"/></p:Relationships>""",
        "xl/pages/first.xml": f"""<?xml version='1.0' encoding='utf-8'?>
<x:worksheet xmlns:x='{MAIN}'><x:sheetData>{body}</x:sheetData>{merged}</x:worksheet>""",
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)


def _row(idea: str, number: int, row: list[Any]) -> str:
    cells = []
    for at, cell in enumerate(row):
        place = f"{chr(ord('A') + at)}{number + 1}"
        if number == ODD and idea == "formula" and at == AMOUNT:
            cells.append(f"<x:c s='0' r='{place}'><x:f >60000000+6</x:f></x:c>")
        elif number == ODD and idea in ("error", "styled empty") and at == AREA:
            cells.append(f"<x:c s='0'\n t = 'e' r='{place}'><x:v>#N/A</x:v></x:c>")
        elif (number == ODD and idea == "styled empty" and at == FLOOR) or (
            idea == "merged" and at == 1 and number > 1
        ):
            cells.append(f"<x:c s='0' r='{place}' />")
        elif isinstance(cell, datetime.date):
            told = str(_serial(cell)) if idea == "days of 1904" else None
            cells.append(f"<x:c><x:v>{told}</x:v></x:c>" if told else _text(f"{cell:%d/%m/%Y}"))
        elif isinstance(cell, int | float):
            cells.append(f'<x:c t="n"><x:v>{cell}</x:v></x:c>')
        else:
            cells.append(_text(cell) if cell else "<x:c/>")
    return f"<x:row spans='1:{len(row)}' r='{number + 1}'>{''.join(cells)}</x:row>"


def _text(text: str) -> str:
    return f"<x:c t='inlineStr'><x:is><x:t xml:space='preserve'>{text}</x:t></x:is></x:c>"


PROGRAMS: dict[str, Callable[[str, Path], None]] = {
    "openpyxl": by_openpyxl, "libreoffice": by_libreoffice, "polars": by_polars, "hand": by_hand,
}  # fmt: skip


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for idea in IDEAS:
        for program, write in PROGRAMS.items():
            if (idea, program) == ("merged", "polars"):
                # It writes a table of Excel, in which no cells are merged.
                continue
            write(idea, FOLDER / f"{idea.replace(' ', '_')}.{program}.xlsx")
            sys.stdout.write(f"{idea} by {program}\n")


if __name__ == "__main__":
    main()
