"""Lists and workbooks as columns of plain values, for every bare script alike. The rules of a month are not here."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

# Columns by name, with their printed heading without blanks and line breaks. The first one is filled on every row.
LOANS = {
    "place": "Mãxã(NHCSXH)", "status": "Tìnhtrạngmónvay", "in_term": "Dưnợtronghạn", "overdue": "Dưnợquáhạn",
    "frozen": "Dưnợkhoanh",
}  # fmt: skip
LISTED = {
    "member_name": "Họvàtênthànhviên", "commune_code": "Mãxã", "personal_id": "SốCCCD/CMND",
    "legal_class": "Phânloạihộ", "score_a": "ĐiểmB1",
}  # fmt: skip
CLASSES = {"Hộ nghèo": "poor", "Hộ cận nghèo": "near_poor"}
CASES = {
    name: name
    for name in (
        "case_code", "commune_code", "head_personal_id", "frame_wall_durable", "roof_durable", "floor_area_m2",
        "approved_on", "completed_on", "status", "amount_vnd",
    )
}  # fmt: skip


def loans(landing: Path, month: str) -> dict[str, list[Any]]:
    return _columns(_sheet(landing / "policy_bank" / "loans" / f"{month}.xlsx"), LOANS)


def cases(landing: Path, month: str) -> dict[str, list[Any]]:
    return _columns(_sheet(landing / "housing" / "support_cases" / f"{month}.xlsx"), CASES)


def listed(landing: Path) -> dict[str, list[Any]]:
    """Rows of the lists of recognised households: commune, and on the head's row the class."""
    lists = [_listed(path) for path in sorted((landing / "labour" / "poverty_list").iterdir())]
    return {name: [*chain.from_iterable(rows[name] for rows in lists)] for name in LISTED}


def _listed(path: Path) -> dict[str, list[Any]]:
    if path.suffix == ".xlsx":
        rows = _columns(_sheet(path), LISTED)
    else:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            headings = next(lines)
            printed = LISTED if headings[0] == "Danh sách" else {name: name for name in LISTED}
            rows = _columns(chain([headings], lines), printed)
    return rows | {
        "legal_class": [CLASSES.get(legal_class, legal_class) for legal_class in rows["legal_class"]],
        "score_a": [None if score is None else float(score) for score in rows["score_a"]],
    }


def _sheet(path: Path) -> Iterator[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows()


def _columns(rows: Iterable[list[Any]], headings: dict[str, str]) -> dict[str, list[Any]]:
    """Columns under the first row that has all headings; an empty cell is None. `ValueError` without such a row.

    Rows end where the first of the columns is empty.
    """
    rows = iter(rows)
    for row in rows:
        printed = ["".join(str(cell).split()) for cell in row]
        if set(headings.values()) <= set(printed):
            break
    else:
        raise ValueError(f"No row has the headings {', '.join(headings.values())}.")
    places = {name: printed.index(heading) for name, heading in headings.items()}
    first = next(iter(places.values()))
    filled = [row for row in rows if row[first] != ""]
    return {name: [None if row[at] == "" else row[at] for row in filled] for name, at in places.items()}
