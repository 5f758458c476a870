"""Files as other programs write them and officers send them: each stands for its kind, with its outcome."""

import datetime
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from readings import read_whole

from programs.write import AMOUNT, FLOOR, IDEAS, NAMES, ODD, PROGRAMS, ROWS
from sources.contracts.feeds import discover
from sources.contracts.refusal import BrokenPromise
from sources.reading.delivery import recognise
from sources.reading.rows import CheckedRows
from sources.reading.table import TextTable, lines_around

FOLDER = Path(__file__).parent
REVIEW, LIST, TOTALS = "labour/household_review", "labour/poverty_list", "labour/commune_totals"
CASES, CARDS = "housing/support_cases", "health_insurance/cards"
NEVER_CALCULATED = "type:floor_area_m2;type:amount_vnd"

# File, feed, the commune of its name, rows accepted, rows set apart by their reasons.
SENT: list[tuple[str, str, str, int, dict[str, int]]] = [
    ("day_of_infinity.parquet", CARDS, "", 59, {"type:valid_to": 1}),
    ("zero_until_calculated.xlsx", CASES, "", 0, {NEVER_CALCULATED: 12}),
    ("attributes_in_another_order.xlsx", CASES, "", 12, {"type:floor_durable;type:floor_area_m2": 1}),
    ("prefixed_elements.xlsx", CASES, "", 12, {"type:floor_durable;type:floor_area_m2": 1}),
    ("relation_before_name.xlsx", CASES, "", 12, {"type:floor_area_m2": 1}),
    ("text_formula_without_value.xlsx", CASES, "", 0, {"type:floor_durable": 20}),
    ("styled_empty_before_error.xlsx", CASES, "", 50, {"type:floor_area_m2": 1}),
    ("signatures.xlsx", REVIEW, "_31120", 8, {}),
    ("total.xlsx", REVIEW, "_31120", 8, {}),
    ("place_on_heads_row.xlsx", LIST, "_31699", 25, {}),
    ("tcvn3_capitals.csv", CASES, "", 60, {}),
    ("one_tick.xlsx", CASES, "", 40, {"letters:floor_durable": 1}),
    ("eth.xlsx", CASES, "", 40, {}),
    ("midnights.xlsx", CASES, "", 40, {}),
    ("zero_cents.xlsx", CASES, "", 40, {}),
    ("quote_without_separator.csv", REVIEW, "_31120", 19, {"stray_quote": 1}),
    ("binary_text.parquet", CARDS, "", 60, {}),
    ("plain_serials_of_1904.xlsx", CASES, "", 20, {}),
    ("names_of_today.csv", TOTALS, "", 103, {}),
    ("place_names_misread.csv", TOTALS, "", 103, {}),
]
# What a column of some of these must say, in all rows that were accepted.
SAID: dict[str, tuple[str, Any]] = {
    "eth.xlsx": ("head_name", {"Đặng Văn Đông"}),
    "zero_cents.xlsx": ("amount_vnd", {60_000_000}),
    "binary_text.parquet": ("full_name", {"Nguyễn Văn An"}),
    "plain_serials_of_1904.xlsx": ("completed_on", {datetime.date(2025, 6, 11)}),
}


def _read(path: Path, feed: str, commune: str, folder: Path) -> tuple[TextTable, CheckedRows]:
    delivery = recognise(discover()[feed], Path(shutil.copy(path, folder / f"2026-10{commune}{path.suffix}")))
    return read_whole(delivery)


@pytest.mark.parametrize(("file", "feed", "commune", "accepted", "reasons"), SENT, ids=[case[0] for case in SENT])
def test_a_file_as_it_is_sent_is_read_as_it_was_meant(
    tmp_path: Path, file: str, feed: str, commune: str, accepted: int, reasons: dict[str, int]
) -> None:
    _, checked = _read(FOLDER / "sent" / file, feed, commune, tmp_path)

    apart = checked.rejected["reasons"].to_pylist() if checked.rejected.num_rows else []
    assert (checked.accepted.num_rows, Counter(apart)) == (accepted, reasons)
    if file in SAID:
        column, values = SAID[file]
        assert set(checked.accepted[column].to_pylist()) == values


def test_rows_between_two_stray_quotes_do_not_vanish(tmp_path: Path) -> None:
    with pytest.raises(BrokenPromise, match="a quoted cell is not closed"):
        _read(FOLDER / "sent" / "two_stray_quotes.csv", REVIEW, "_31120", tmp_path)


def test_capitals_of_an_old_font_are_capitals(tmp_path: Path) -> None:
    _, checked = _read(FOLDER / "sent" / "tcvn3_capitals.csv", CASES, "", tmp_path)

    names = checked.accepted["head_name"].to_pylist()
    assert all(name == name.upper() for name in names)
    assert any("Ễ" in name for name in names)


def test_a_letter_that_was_read_as_another_is_reported(tmp_path: Path) -> None:
    table, _ = _read(FOLDER / "sent" / "eth.xlsx", CASES, "", tmp_path)

    assert table.encoding == "xlsx, Ð for Đ"


MEANT = [{**dict(zip(NAMES, row, strict=True)), "floor_durable": row[FLOOR] == "có"} for row in ROWS]
# The same formula: one program calculates it, the others leave a zero or nothing.
CALCULATED = {("formula", "libreoffice")}
APART = {"formula": "type:amount_vnd", "error": "type:floor_area_m2", "styled empty": "type:floor_area_m2"}
MATRIX = [(idea, program) for idea in IDEAS for program in PROGRAMS if (idea, program) != ("merged", "polars")]


@pytest.mark.parametrize(("idea", "program"), MATRIX)
def test_an_idea_is_read_the_same_whoever_wrote_it(tmp_path: Path, idea: str, program: str) -> None:
    path = FOLDER / "written" / f"{idea.replace(' ', '_')}.{program}.xlsx"

    table, checked = _read(path, CASES, "", tmp_path)

    odd = APART.get(idea) if (idea, program) not in CALCULATED else None
    meant = MEANT[: ODD - 1] if odd else MEANT
    apart = checked.rejected["reasons"].to_pylist() if checked.rejected.num_rows else []
    assert apart == ([odd] if odd else [])
    read = checked.accepted.select(["case_code", "commune_code", "head_name", "started_on", "amount_vnd"]).to_pylist()
    assert read == [{name: row[name] for name in read[0]} for row in meant]
    assert [float(area) for area in checked.accepted["floor_area_m2"].to_pylist()] == [
        row["floor_area_m2"] for row in meant
    ]
    assert checked.accepted["floor_durable"].to_pylist() == [row["floor_durable"] for row in meant]
    assert table.ignored_columns == (lines_around(3) if idea == "footer" else [])


def test_the_matrix_is_of_files_that_are_there() -> None:
    written = {path.name for path in (FOLDER / "written").iterdir()}

    assert written == {f"{idea.replace(' ', '_')}.{program}.xlsx" for idea, program in MATRIX}
    assert len({AMOUNT, FLOOR}) == 2
