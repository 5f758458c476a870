"""Every kind of dirt that departments' files have shown, as a change of a clean sheet.

`KINDS` names them. A kind gives the sheet as it was spoilt, or None where it cannot occur: no such column in the feed,
no such thing in the format.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from damage.files import Cell, Sheet
from sources.reading.encoding import _legacy
from sources.text import fold

TABLES, TEXTS, ALL = ("csv", "xlsx"), ("csv", "jsonl"), ("csv", "xlsx", "parquet", "jsonl")
# Kinds of rows: some (every eighth) or all of them.
SOME = 8

Change = Callable[[Sheet], Sheet | None]
KINDS: dict[str, tuple[tuple[str, ...], Change]] = {}


def kind(name: str, formats: tuple[str, ...] = ALL) -> Callable[[Change], Change]:
    """Register a change of the whole sheet."""

    def register(change: Change) -> Change:
        KINDS[name] = (formats, change)
        return change

    return register


def cells(name: str, kinds: tuple[str, ...], change: Callable[[str], Cell], formats: tuple[str, ...] = ALL) -> None:
    """Register a change of the cells of one column: the last of one of these kinds."""

    def spoil(every: int) -> Change:
        def spoilt(sheet: Sheet) -> Sheet | None:
            fitting = [c.name for c in sheet.feed.columns if c.name in sheet.names and _kind(sheet, c.name) in kinds]
            return sheet.change(fitting[-1], change, every) if fitting else None

        return spoilt

    KINDS[f"{name}, some rows"] = (formats, spoil(SOME))
    KINDS[f"{name}, all rows"] = (formats, spoil(1))


def _kind(sheet: Sheet, name: str) -> str:
    column = sheet.feed.by_name[name]
    if name in ("commune_code", "bank_place_code"):
        return name
    if column.name.endswith("_vnd"):
        return "money"
    if column.zone == "identity" and column.kind == "text":
        return "name" if "name" in name else "identifier"
    return "words" if column.words and column.kind != "list" else column.kind


# ------------------------------------------------------------------------------------------------ letters


def _mistaken(codec: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        return "".join(bytes([b]).decode(codec, "ignore") or chr(b) for b in text.encode())

    return read


def _by_letter(column: str) -> dict[str, str]:
    return {letter: code for code, letter in _legacy(column).items()}


def tcvn3(text: str) -> str:
    letters = {letter: chr(int(code, 16)) for letter, code in _by_letter("tcvn3_bytes_hex").items() if len(code) == 2}
    # TCVN3 has no capitals with a tone: a font of capitals showed the small letter.
    return "".join(letters.get(c) or letters.get(c.lower()) or c for c in text)


def vni(text: str) -> str:
    letters = _by_letter("vni_windows")
    return "".join(letters.get(c, c) for c in text)


def cp1258(text: str) -> bytes:
    codes = {letter: bytes.fromhex(code) for letter, code in _by_letter("cp1258_bytes_hex").items()}
    return b"".join(codes.get(c) or c.encode("cp1258", "replace") for c in text)


def _lower(change: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: change(unicodedata.normalize("NFC", text))


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "UTF-8 with BOM": lambda text: text.encode("utf-8-sig"),
    "UTF-16 with BOM": lambda text: text.encode("utf-16"),
    "UTF-16 little without BOM": lambda text: text.encode("utf-16-le"),
    "UTF-16 big without BOM": lambda text: text.encode("utf-16-be"),
    "CP1258": cp1258,
    "TCVN3": lambda text: tcvn3(text).encode("latin-1", "replace"),
    "VNI": lambda text: vni(text).encode("cp1252", "replace"),
}
for _name, _encode in ENCODINGS.items():
    kind(f"encoding {_name}", TEXTS)(lambda sheet, encode=_encode: replace(sheet, encode=encode))

MISREAD: dict[str, Callable[[str], str]] = {
    "UTF-8 read as CP1252": _mistaken("cp1252"),
    "UTF-8 read as Latin-1": _mistaken("latin-1"),
    "UTF-8 read as CP437": _mistaken("cp437"),
    "UTF-8 read as CP1258": _mistaken("cp1258"),
    "TCVN3 kept as Unicode": tcvn3,
    "VNI kept as Unicode": vni,
}
for _name, _misread in MISREAD.items():
    kind(f"{_name}, everything")(lambda sheet, misread=_misread: sheet.each_text(misread))
    kind(f"{_name}, data only")(
        lambda sheet, misread=_misread: replace(sheet.each_text(misread), headers=sheet.headers)
    )
    cells(f"{_name} in names", ("name",), _misread)

kind("decomposed letters (NFD)")(lambda sheet: sheet.each_text(lambda text: unicodedata.normalize("NFD", text)))
kind("letters lost as ?")(lambda sheet: sheet.each_text(lambda text: text.encode("cp1252", "replace").decode("cp1252")))
kind("letters lost as U+FFFD")(lambda sheet: sheet.each_text(lambda text: re.sub("[ạ-ỹ]", "\ufffd", text)))
kind("the other tone placement")(
    lambda sheet: sheet.each_text(lambda text: text.replace("òa", "oà").replace("ủy", "uỷ"))
)
kind("no diacritics in words")(lambda sheet: replace(sheet, headers=[fold(header) for header in sheet.headers]))
kind("hard spaces and invisible letters")(
    lambda sheet: replace(
        sheet.each_text(lambda text: f"\u200b{text}\u00a0"), headers=[f" {header}\u00a0" for header in sheet.headers]
    )
)

# ------------------------------------------------------------------------------------------------ headers

kind("column names as headers")(lambda sheet: replace(sheet, headers=list(sheet.names)))
kind("headers in capitals")(lambda sheet: replace(sheet, headers=[header.upper() for header in sheet.headers]))
kind("line breaks in headers", TABLES)(
    lambda sheet: replace(sheet, headers=[header.replace(" ", "\n", 1) for header in sheet.headers])
)
kind("columns in another order")(
    lambda sheet: replace(
        sheet, names=sheet.names[::-1], headers=sheet.headers[::-1], rows=[row[::-1] for row in sheet.rows]
    )
)
kind("unknown columns", ALL)(
    lambda sheet: replace(sheet, headers=[*sheet.headers, "Ghi thêm"], rows=[[*row, "x"] for row in sheet.rows])
)
kind("titles above", TABLES)(
    lambda sheet: replace(sheet, above=[_wide(sheet, "BÁO CÁO THÁNG 9"), _wide(sheet, ""), _wide(sheet, "Kỳ 2026-09")])
)
kind("columns numbered below the header", TABLES)(
    lambda sheet: replace(sheet, rows=[[f"({at + 1})" for at in range(len(sheet.names))], *sheet.rows])
)
kind("header printed again", TABLES)(
    lambda sheet: replace(sheet, rows=[*sheet.rows[:20], list(sheet.headers), *sheet.rows[20:]])
)
kind("empty rows between", TABLES)(
    lambda sheet: replace(sheet, rows=[*sheet.rows[:9], [None] * len(sheet.names), *sheet.rows[9:]])
)
kind("totals and signatures below", TABLES)(
    lambda sheet: replace(sheet, below=[_wide(sheet, "Tổng cộng"), _wide(sheet, "NGƯỜI LẬP BIỂU")])
)
kind("a column twice, the same", TABLES)(
    lambda sheet: replace(
        sheet, headers=[*sheet.headers, sheet.headers[0]], rows=[[*row, row[0]] for row in sheet.rows]
    )
)
kind("a column twice, different", TABLES)(
    lambda sheet: replace(sheet, headers=[*sheet.headers, sheet.headers[0]], rows=[[*row, "7"] for row in sheet.rows])
)
kind("columns without a header", TABLES)(
    lambda sheet: replace(
        sheet, headers=[*sheet.headers, "Unnamed: 30", ""], rows=[[*row, "1", "2"] for row in sheet.rows]
    )
)


@kind("header of two rows", TABLES)
def _two_rows(sheet: Sheet) -> Sheet:
    """Half of each header above, half below; a group's title stands over its first column only."""
    upper, lower = [], []
    for header in sheet.headers:
        first, _, rest = header.partition(" ")
        upper.append(first if rest and (not upper or first not in upper[-1:]) else ("" if rest else header))
        lower.append(rest)
    return replace(sheet, above=[upper], headers=lower)


@kind("group titles over the header", TABLES)
def _groups(sheet: Sheet) -> Sheet:
    return replace(sheet, above=[["Thông tin chung", *[""] * (len(sheet.names) - 2), "Khác"]])


def _wide(sheet: Sheet, text: str) -> list[str]:
    return [text, *[""] * (len(sheet.names) - 1)]


# -------------------------------------------------------------------------------------------------- cells


def _parts(text: str) -> tuple[str, str, str]:
    day, month, year = text.split("/") if text.count("/") == 2 else ("", "", text)
    return day, month, year


def _date(form: str) -> Callable[[str], Cell]:
    def write(text: str) -> Cell:
        day, month, year = _parts(text)
        if not day:
            return text
        when = date(int(year), int(month), int(day))
        return {
            "short": f"{when.day}/{when.month}/{when.year}", "dashes": f"{when:%d-%m-%Y}", "iso": when.isoformat(),
            "iso with time": f"{when.isoformat()} 00:00:00", "serial": str((when - date(1899, 12, 30)).days),
            "two digits": f"{when:%d/%m/%y}", "month first": f"{when:%m/%d/%Y}", "year": year,
            "00/00": f"00/00/{year}", "year as day": (date(1899, 12, 30)).replace(year=1905, month=5).isoformat(),
        }[form]  # fmt: skip

    return write


DATES = ("date", "date_or_year")
for _form in ("short", "dashes", "iso", "iso with time", "serial", "two digits", "month first", "year", "00/00"):
    cells(f"dates: {_form}", DATES, _date(_form))
cells("dates: a year in a cell of days", DATES, _date("year as day"))
cells("dates: not yet known", DATES, lambda _: "đang cập nhật")
cells("dates: of the next century", ("date_or_year",), lambda text: re.sub(r"(19|20)(\d\d)$", r"20\g<2>", text))

COUNTS = ("integer", "money")
cells("numbers: dots for thousands", COUNTS, lambda text: f"{int(text):,}".replace(",", "."))
cells("numbers: commas for thousands", COUNTS, lambda text: f"{int(text):,}")
cells("numbers: zero cents", COUNTS, lambda text: f"{text}.00")
cells("numbers: with a unit", COUNTS, lambda text: f"{text} đ")
cells("numbers: 1.5 tr", ("money",), lambda text: f"{int(text) / 1e6:.1f} tr")


def _in_units(unit: int, every: int) -> Change:
    def spoilt(sheet: Sheet) -> Sheet | None:
        money = [name for name in sheet.names if name.endswith("_vnd")]
        for name in money:
            sheet = sheet.change(name, lambda text: f"{int(text) / unit:g}", every)
        return sheet if money else None

    return spoilt


for _unit, _word in ((10**6, "million"), (10**3, "thousand")):
    KINDS[f"numbers: {_word} VND, some rows"] = (ALL, _in_units(_unit, SOME))
    KINDS[f"numbers: {_word} VND, all rows"] = (ALL, _in_units(_unit, 1))
cells(
    "numbers: thousands dot read as decimal",
    COUNTS,
    lambda text: f"{int(text) / 1000:g}" if 999 < int(text) < 10**6 else text,
)
cells("numbers: not yet known", COUNTS, lambda _: "đang cập nhật")
cells("numbers: negative", COUNTS, lambda text: f"-{text}" if text != "0" else "-1")
cells("numbers: beyond anything", COUNTS, lambda _: "9" * 30)
cells("numbers: error of a formula", COUNTS, lambda _: "#REF!")
cells("decimals: comma", ("number",), lambda text: text.replace(".", ","))
cells("decimals: three digits", ("number",), lambda text: f"{float(text):.3f}")

NUMBERS = ("personal_number", "identifier")
cells("identifiers: zero lost", ("personal_number",), lambda text: text.lstrip("0"))
cells("identifiers: scientific", NUMBERS, lambda text: f"{int(text):.2E}" if text.isdigit() else text)
cells("identifiers: apostrophe", NUMBERS, lambda text: f"'{text}")
cells("identifiers: spaces", ("personal_number",), lambda text: f"{text[:3]} {text[3:6]} {text[6:]}")
cells("identifiers: dots", ("personal_number",), lambda text: f"{text[:3]}.{text[3:6]}.{text[6:]}")
cells("identifiers: as a formula", NUMBERS, lambda text: f'="{text}"')
cells("identifiers: as a decimal", NUMBERS, lambda text: f"{text}.0" if text.isdigit() else text)
cells("identifiers: a digit too many", ("personal_number",), lambda text: f"{text}1")
cells("identifiers: an old identity card", ("personal_number",), lambda _: "361234567")
cells("identifiers: error of a formula", ("identifier", "name"), lambda _: "#N/A")

cells("yes and no: 1 and 0", ("boolean",), lambda text: "1" if text == "có" else "0")
cells("yes and no: TRUE and FALSE", ("boolean",), lambda text: "TRUE" if text == "có" else "FALSE")
cells("yes and no: capitals", ("boolean",), str.upper)
cells("yes and no: a tick", ("boolean",), lambda text: "✓" if text == "có" else "✗")
cells("words: capitals", ("words",), str.upper)
cells("words: no diacritics", ("words",), fold)
cells("words: unknown", ("words",), lambda _: "chưa rõ 3")

PLACES = ("commune_code",)
# 31117 was abolished in July 2025 and became 31120; 31129 is unknown.
cells("places: unknown code", PLACES, lambda _: "99999")
cells("places: as a decimal", PLACES, lambda text: f"{text}.0")
cells("places: a name that could be two", PLACES, lambda _: "Phường Tân An")
cells("places: not yet known", PLACES, lambda _: "đang cập nhật")
cells("places: code of another agency", ("bank_place_code",), lambda _: "31135")
cells("places: with the hamlet behind", ("bank_place_code",), lambda text: f"{text}03")


@kind("required cells empty")
def _emptied(sheet: Sheet) -> Sheet:
    required = [column.name for column in sheet.feed.columns if column.required]
    return sheet.change(required[-1], lambda _: None, 14)


# --------------------------------------------------------------------------------------------------- rows


def _each(sheet: Sheet, change: Callable[[list[Cell]], list[Cell]], every: int = SOME) -> Sheet:
    rows = [change(list(row)) if number % every == 3 else row for number, row in enumerate(sheet.rows)]
    return replace(sheet, rows=rows)


kind("rows: an empty cell too many", TABLES)(
    lambda sheet: _each(sheet, lambda row: [*row[: len(row) // 2], None, *row[len(row) // 2 :]], 12)
)
kind("rows: an empty cell too many at the start", TABLES)(lambda sheet: _each(sheet, lambda row: [None, *row], 12))
kind("rows: a cell too few", ("csv",))(
    lambda sheet: _each(sheet, lambda row: [*row[: len(row) // 2], *row[len(row) // 2 + 1 :]], 12)
)
kind("rows: shifted left", ("xlsx",))(lambda sheet: _each(sheet, lambda row: [*row[1:], None], 12))
kind("rows: twice", ALL)(lambda sheet: replace(sheet, rows=[*sheet.rows, sheet.rows[0]]))
kind("rows: a stray quote", ("csv",))(lambda sheet: replace(sheet, encode=_stray_quote))
kind("rows: quotes around several lines", ("csv",))(lambda sheet: replace(sheet, encode=_quotes))
kind("rows: ended by CR LF", TEXTS)(
    lambda sheet: replace(sheet, encode=lambda text: text.replace("\n", "\r\n").encode())
)
kind("semicolons", ("csv",))(lambda sheet: replace(sheet, delimiter=";"))
kind("tabs", ("csv",))(lambda sheet: replace(sheet, delimiter="\t"))


def _stray_quote(text: str) -> bytes:
    lines = text.split("\n")
    lines[2] = lines[2].replace(",", ',"', 1)
    return "\n".join(lines).encode()


def _quotes(text: str) -> bytes:
    lines = text.split("\n")
    lines[2], lines[3] = lines[2].replace(",", ',"', 1), lines[3] + '"'
    return "\n".join(lines).encode()


# ---------------------------------------------------------------------------------------------- workbooks


def _touch(name: str, touch: Callable[[Sheet, Any, Any], None]) -> None:
    kind(f"workbook: {name}", ("xlsx",))(
        lambda sheet: replace(sheet, workbook=lambda book, page: touch(sheet, book, page))
    )


_touch("a hidden sheet", lambda _, book, __: book.add_worksheet("Ẩn").hide())
_touch("a sheet of notes", lambda _, book, __: book.add_worksheet("Ghi chú").write(0, 0, "xem lại"))
_touch("a formula that was calculated", lambda sheet, _, page: page.write_formula(
    3, 0, '=CONCAT("")', None, sheet.rows[2][0] or ""
))  # fmt: skip
_touch("a formula that was never calculated", lambda _, __, page: page.write_formula(3, 0, "=B4", None, ""))
_touch("an error of a formula", lambda sheet, _, page: page.write_formula(
    3, len(sheet.names) - 1, "=1/0", None, "#DIV/0!"
))  # fmt: skip
_touch("cells merged over rows", lambda sheet, _, page: page.merge_range(
    1, 0, 1, 1, sheet.rows[0][0] or ""
))  # fmt: skip


def names() -> Iterator[str]:
    """Names of all kinds, in order."""
    yield from KINDS
