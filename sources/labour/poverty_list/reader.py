"""The commune's workbook of three sheets: recognised households, escaped poor, escaped near-poor.

Its layout only: which sheet is which, headers over several merged rows, member rows that leave the household number to
the row above, totals and signatures below. Flat files of this feed, also flat workbooks, are read as any other.
"""

import re
from collections.abc import Sequence

import pyarrow as pa

from sources import table
from sources.delivery import Delivery
from sources.table import TextTable, find_header, sheet_rows, text_table, workbook
from sources.text import fold

FORMATS = ("xlsx",)

# Most particular first: each title contains the words of those below it.
SECTIONS = {"thoat can ngheo": "escaped_near_poor", "thoat ngheo": "escaped_poor", "ngheo": "recognised"}
# A person's row has at least two of these; a total or a signature has not.
PERSON = ("member_name", "relation", "birth_date", "sex")
INHERITED = ("household_no", "head_name")
NUMBERING = re.compile(r"\(?(\d+|[a-z])\)?", re.IGNORECASE)


def read(delivery: Delivery) -> TextTable:
    """The rows of all three sheets; `BrokenPromise` when one is missing or lacks a column."""
    book = workbook(delivery)
    sheets = {name: sheet_rows(delivery, book, name) for name in book.sheet_names}
    first = next(iter(sheets.values()))
    if any("list_section" in table.match_headers(delivery.feed, row).values() for row in first[: table.HEADER_WITHIN]):
        return table.read_flat_workbook(delivery)
    by_section = {_section(name, rows): name for name, rows in reversed(sheets.items())}
    missing = sorted(set(SECTIONS.values()) - set(by_section))
    if missing:
        raise delivery.feed.broken(delivery.file, "the workbook", f"it lacks the sheet of {', '.join(missing)}.")
    parts = [
        _sheet(delivery, by_section[section], section, sheets[by_section[section]]) for section in SECTIONS.values()
    ]
    return TextTable(
        pa.concat_tables([part.cells for part in parts]),
        [entry for part in parts for entry in part.misshapen],
        sorted({header for part in parts for header in part.ignored_columns}),
        "xlsx",
    )


def faults(typed: dict[str, pa.Array]) -> dict[str, list[bool]]:
    """Rows that break the list's own promise: a recognised household states its class on the head's row."""
    heads = zip(*(typed[name].to_pylist() for name in ("list_section", "relation", "legal_class")), strict=True)
    return {"class_missing": [s == "recognised" and r == "head" and c is None for s, r, c in heads]}


def _section(name: str, rows: Sequence[Sequence[str]]) -> str | None:
    titles = fold(
        " ".join(cell for row in rows[:6] for cell in row if "sách" in cell.casefold() or "sach" in fold(cell))
    )
    for title in (titles, fold(name)):
        for words, section in SECTIONS.items():
            if words in title:
                return section
    return None


def _sheet(delivery: Delivery, name: str, section: str, rows: list[list[str]]) -> TextTable:
    place = f"sheet {name}"
    top = next((at for at, row in enumerate(rows[: table.HEADER_WITHIN]) if "stt" in map(fold, row)), 0)
    start = next((at for at, row in enumerate(rows[top:], top) if at > top and _starts_data(row)), None)
    if start is None:
        start = next((at for at, row in enumerate(rows[top:], top) if at > top and not any(row)), len(rows))
    header = _merged_header(delivery, rows[top:start])
    given = {"list_section", *(() if section == "recognised" else ("commune_code",))}
    _, columns = find_header(delivery, [header], place, given=given)
    if delivery.commune is None and "commune_code" not in columns.values():
        raise delivery.feed.broken(delivery.file, "the file name", "it does not say which commune the list is of.")

    inherited: dict[str, str] = {}
    people, between, misshapen = [], [], []
    for number, row in enumerate(rows[start:], start + 1):
        person = {column: row[at] for at, column in columns.items()}
        if sum(bool(person.get(column, "").strip()) for column in PERSON) < 2:
            between += [(number, "not_a_person")] if any(cell.strip() for cell in row) else []
            continue
        # What stands between people was meant as data; what stands below the last is totals and signatures.
        misshapen, between = misshapen + between, []
        if person.get("household_no", "").strip():
            inherited = {column: person.get(column, "") for column in INHERITED}
        people.append((number, person | inherited))
    cells = {column: pa.array([p.get(column) for _, p in people], pa.string()) for column in delivery.feed.by_name}
    cells["list_section"] = pa.array([section] * len(people), pa.string())
    if "commune_code" not in columns.values():
        cells["commune_code"] = pa.array([delivery.commune] * len(people), pa.string())
    ignored = [text for at, text in enumerate(header) if at not in columns and fold(text)]
    return TextTable(text_table(delivery, cells, [n for n, _ in people], place), misshapen, ignored)


def _starts_data(row: Sequence[str]) -> bool:
    """Whether a row under the header is a person's: numbered, but not the row that numbers the columns."""
    filled = [cell.strip() for cell in row if cell.strip()]
    numbering = [NUMBERING.fullmatch(cell) for cell in filled]
    return bool(filled) and row[0].strip().isdigit() and not all(numbering)


def _merged_header(delivery: Delivery, rows: list[list[str]]) -> list[str]:
    """One header per column: of the rows it is merged over, the lowest that the contract knows, else the lowest."""
    known = delivery.feed.headings
    merged = []
    for at in range(max(map(len, rows), default=0)):
        texts = [row[at] for row in reversed(rows) if at < len(row) and fold(row[at])]
        texts = [text for text in texts if not NUMBERING.fullmatch(text.strip())]
        merged.append(next((text for text in texts if fold(text) in known), texts[0] if texts else ""))
    return merged
