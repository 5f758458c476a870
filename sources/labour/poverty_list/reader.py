"""The commune's workbook of three sheets: recognised households, escaped poor, escaped near-poor.

Its layout only: which sheet is which, headers over several merged rows, member rows that leave the household number to
the row above, totals and signatures below. Flat files of this feed, also flat workbooks, are read as any other.
"""

from collections.abc import Sequence

import pyarrow as pa

from sources.reading import table
from sources.reading.delivery import Delivery
from sources.reading.table import TextTable, find_header, numbers_columns, text_table
from sources.reading.whole import PLACE_PARTS, Whole
from sources.reading.workbook import Workbook
from sources.text import fold

FORMATS = ("xlsx",)

# Most particular first: each title contains the words of those below it.
SECTIONS = {"thoat can ngheo": "escaped_near_poor", "thoat ngheo": "escaped_poor", "ngheo": "recognised"}
# A person's row has at least two of these; a total or a signature has not.
PERSON = ("member_name", "relation", "birth_date", "sex")
HEAD = "chu ho"
INHERITED = ("household_no", "head_name")
# Written once for a household, in the row of its head, or in cells merged over its rows.
PLACES = {"commune_code", *PLACE_PARTS}
ADDRESS = (*PLACES, "hamlet")


def read(delivery: Delivery, whole: Whole | None) -> TextTable:
    """The rows of all three sheets; `BrokenPromise` when one is missing or lacks a column."""
    book = Workbook(delivery)
    sheets = {name: list(book.rows(name)) for name in book.visible}
    first = next(iter(sheets.values()), [])
    if any("list_section" in table.match_headers(delivery.feed, row).values() for row in first[: table.HEADER_WITHIN]):
        return table.read_flat_workbook(delivery, whole)
    by_section = {_section(name, rows): name for name, rows in reversed(sheets.items())}
    missing = sorted(set(SECTIONS.values()) - set(by_section))
    if missing:
        raise delivery.feed.broken(delivery.file, "the workbook", "missing_sheet", sheets=", ".join(missing))
    read = [by_section[section] for section in SECTIONS.values()]
    others = [f"(sheet {name})" for name in book.visible if name not in read]
    others += [f"(hidden sheet {name})" for name in book.hidden]
    parts = [
        _sheet(delivery, by_section[section], section, sheets[by_section[section]]) for section in SECTIONS.values()
    ]
    return TextTable(
        pa.concat_tables([part.cells for part in parts]),
        [entry for part in parts for entry in part.misshapen],
        [*sorted({header for part in parts for header in part.ignored_columns}), *others],
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
    given = {"list_section", *(() if section == "recognised" else ("commune_code",))}
    located = find_header(delivery, rows, place, given=given)
    columns, header, shown = located.columns, located.texts, rows[located.first : located.last + 1]
    start = located.last + 1
    start += start < len(rows) and numbers_columns(rows[start])
    twice = sorted({column for column in columns.values() if list(columns.values()).count(column) > 1})
    if twice:
        raise delivery.feed.broken(delivery.file, place, "column_twice", columns=", ".join(twice))
    if delivery.commune is None and not {"commune_code", "commune_name"} & set(columns.values()):
        raise delivery.feed.broken(delivery.file, "the file name", "no_commune")

    inherited: dict[str, str] = {}
    address: dict[str, str] = {}
    headed = False
    people, between, misshapen = [], [], []
    for number, row in enumerate(rows[start:], start + 1):
        person = {column: row[at] for at, column in columns.items()}
        if sum(bool(person.get(column, "").strip()) for column in PERSON) < 2:
            between += [(number, "not_a_person")] if any(cell.strip() for cell in row) else []
            continue
        if row in shown:
            # A header printed again on the next page.
            continue
        # What stands between people was meant as data; what stands below the last is totals and signatures.
        misshapen, between = misshapen + between, []
        head = fold(person.get("relation", "")) == HEAD
        household = person.get("household_no", "").strip()
        if household and household != inherited.get("household_no", "").strip():
            address = {}
        if household:
            inherited, headed = {column: person.get(column, "") for column in INHERITED}, False
        elif head and headed:
            # A second head begins a household whose number is missing: it must not join the one above.
            inherited, address = {"household_no": "", "head_name": ""}, {}
        headed = headed or head
        if head and not inherited.get("head_name"):
            inherited["head_name"] = person.get("member_name", "")
        own = {column: person[column] for column in ADDRESS if person.get(column, "").strip()}
        if head:
            address = own
        # Of a place that a row says itself, nothing is taken from another.
        people.append((number, person | inherited | (own if own.keys() & PLACES else address | own)))
    names = [*delivery.feed.by_name, *PLACE_PARTS]
    cells = {column: pa.array([p.get(column) for _, p in people], pa.string()) for column in names}
    cells["list_section"] = pa.array([section] * len(people), pa.string())
    if not {"commune_code", "commune_name"} & set(columns.values()):
        cells["commune_code"] = pa.array([delivery.commune] * len(people), pa.string())
    ignored = [text for at, text in enumerate(header) if at not in columns and fold(text)]
    return TextTable(text_table(delivery, cells, [n for n, _ in people], place), misshapen, ignored)
