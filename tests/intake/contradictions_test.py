"""Deliveries whose every row is well-formed and whose columns tell that they cannot be meant: refused as a whole."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from damage.files import Cell, Sheet, clean_sheets, deliver, to_csv, to_jsonl, to_xlsx
from readings import measured, read_whole

from sources.contracts.feeds import discover
from sources.contracts.refusal import BrokenPromise
from sources.gate import Previous, unmet
from sources.reading.delivery import recognise

CARDS, LOANS, REVIEW = "health_insurance/cards", "policy_bank/loans", "labour/household_review"
MEMBERS, POVERTY, CASES = "labour/household_members", "labour/poverty_list", "housing/support_cases"


def _swapped(one: str, other: str) -> Callable[[Sheet], Sheet]:
    """Two headers written over each other's column."""

    def change(sheet: Sheet) -> Sheet:
        headers, at, to = list(sheet.headers), sheet.column(one), sheet.column(other)
        headers[at], headers[to] = headers[to], headers[at]
        return replace(sheet, headers=headers)

    return change


def _every(column: str, change: Callable[[str], Cell]) -> Callable[[Sheet], Sheet]:
    return lambda sheet: sheet.change(column, change)


def _other_sex(word: str) -> str:
    return "Nữ" if word.casefold() == "nam" else "Nam"


def _promises(sheet: Sheet) -> str:
    delivery, checked = deliver(sheet.feed, to_csv(sheet), "csv")
    (broken,) = unmet(sheet.feed, {"one": (delivery, measured(delivery, checked))}).values()
    return "; ".join(said.en for said in broken)


@pytest.mark.parametrize("feed_id", discover(), ids=str)
def test_a_delivery_as_it_was_meant_contradicts_nothing(feed_id: str) -> None:
    assert _promises(clean_sheets()[feed_id]) == ""


@pytest.mark.parametrize(
    ("feed_id", "change", "promise"),
    [
        (CARDS, _every("sex", _other_sex), "contradict the sex"),
        (MEMBERS, _every("sex", _other_sex), "contradict the sex"),
        (CARDS, _swapped("birth_date", "valid_from"), "contradict the year of birth"),
        (LOANS, _swapped("birth_date", "loan_date"), "contradict the year of birth"),
        (MEMBERS, _every("birth_date", lambda day: f"{day[:-4]}{int(day[-4:]) - 4}"), "contradict the year of birth"),
        (CARDS, _every("personal_id", lambda _: "097085673115"), "stands on many rows"),
        (LOANS, _every("personal_id", lambda _: "097085673115"), "stands on many rows"),
        (LOANS, _swapped("in_term_vnd", "overdue_vnd"), "overdue or frozen"),
        (LOANS, _every("in_term_vnd", lambda amount: str(int(amount) // 1000)), "units may be mixed"),
        (LOANS, _every("annual_rate_pct", lambda rate: f"{float(rate) / 100:g}"), "break the contract"),
        (LOANS, _every("contract_no", lambda number: f"{number[:-2]}00"), "contract numbers are rounded"),
        (LOANS, _swapped("beneficiary_group", "customer_name"), "as many as names"),
        (CARDS, _every("personal_id", lambda number: f"{float(number):.5E}"), "cannot be read"),
        (CARDS, _every("personal_id", lambda number: f"{number}7"), "cannot be read"),
        (LOANS, _every("personal_id", lambda number: number.replace("0", "O")), "cannot be read"),
        (LOANS, _swapped("contract_no", "customer_code"), "changed places"),
        (LOANS, _swapped("contract_no", "personal_id"), "changed places"),
        (REVIEW, _swapped("household_code", "head_name"), "break the contract"),
        (CASES, _swapped("case_code", "head_name"), "break the contract"),
        (REVIEW, _every("score_a", lambda score: f"{score}0"), "break the contract"),
        (REVIEW, _swapped("hamlet", "head_personal_id"), "break the contract"),
        (POVERTY, _swapped("hamlet", "personal_id"), "break the contract"),
        (CARDS, _swapped("facility_code", "personal_id"), "break the contract"),
        (CASES, _swapped("case_code", "head_personal_id"), "break the contract"),
    ],
)
def test_what_cannot_be_meant_is_refused(feed_id: str, change: Callable[[Sheet], Sheet], promise: str) -> None:
    assert promise in _promises(change(clean_sheets()[feed_id]))


def test_a_personal_number_in_an_open_column_sets_its_row_apart_without_a_trace() -> None:
    sheet = clean_sheets()[REVIEW].change("hamlet", lambda _: "Nhà ông A, 097085673115", every=20)

    _, checked = deliver(sheet.feed, to_csv(sheet), "csv")

    assert set(checked.rejected["reasons"].to_pylist()) == {"identity:hamlet"}
    assert set(checked.rejected["hamlet"].to_pylist()) == {None}


@pytest.mark.parametrize("column", ["birth_date", "valid_from"])
def test_days_that_a_program_turned_around_are_not_taken(column: str) -> None:
    """American Excel makes dates of the days up to the twelfth, month first, and leaves the others as text."""
    sheet = clean_sheets()[CARDS]
    meant = {row[sheet.column("card_number")]: row[sheet.column(column)] or "" for row in sheet.rows}

    def turned(day: str) -> str:
        return f"{day[6:]}-{day[:2]}-{day[3:5]}" if int(day[:2]) <= 12 else day

    # A register has both kinds of days: some of either are needed to tell.
    days = iter(range(len(sheet.rows)))
    mixed = sheet.change(column, lambda day: f"{next(days) % 28 + 1:02d}/{day[3:]}")
    meant = {row[sheet.column("card_number")]: row[sheet.column(column)] or "" for row in mixed.rows}
    _, checked = deliver(sheet.feed, to_csv(mixed.change(column, turned)), "csv")

    accepted = checked.accepted.select(["card_number", column]).to_pylist()
    assert accepted
    for row in accepted:
        day = meant[row["card_number"]]
        assert str(row[column]) == f"{day[6:]}-{day[3:5]}-{day[:2]}"


def test_an_answer_that_says_one_thing_twice_is_none() -> None:
    sheet = clean_sheets()[CARDS]
    lines = to_jsonl(sheet).decode().splitlines()
    lines[3] = lines[3].replace("{", '{"sex": "nam", "sex": "nữ", ', 1)

    _, checked = deliver(sheet.feed, "".join(f"{line}\n" for line in lines).encode(), "jsonl")

    assert checked.rejected["reasons"].to_pylist() == ["not_json"]


def test_sums_that_lost_a_digit_since_the_last_delivery_are_refused() -> None:
    sheet = clean_sheets()["labour/commune_totals"]
    delivery, checked = deliver(sheet.feed, to_csv(sheet), "csv")
    last = measured(delivery, checked)
    shrunk = sheet.change("households", lambda n: str(int(n) // 10)).change("persons", lambda n: str(int(n) // 10))
    delivery, checked = deliver(sheet.feed, to_csv(shrunk), "csv")

    figures = measured(delivery, checked, Previous(60, 60, last))
    (broken,) = unmet(sheet.feed, {"one": (delivery, figures)}).values()

    assert "a digit or a unit is lost" in broken[0].en


def test_a_page_of_the_table_without_its_header_refuses_the_workbook_and_notes_do_not() -> None:
    sheet = clean_sheets()[CARDS]

    def add_page(cells: int) -> Sheet:
        def write(book: Any, _: Any) -> None:
            book.add_worksheet("Trang 2").write_row(0, 0, (sheet.rows[0] * 2)[:cells])

        return replace(sheet, workbook=write)

    with pytest.raises(BrokenPromise, match="it has rows and no header"):
        deliver(sheet.feed, to_xlsx(add_page(len(sheet.headers))), "xlsx")
    _, checked = deliver(sheet.feed, to_xlsx(add_page(2)), "xlsx")
    assert checked.accepted.num_rows == len(sheet.rows)


def test_a_header_that_may_name_somebody_is_not_shown(tmp_path: Path) -> None:
    sheet = clean_sheets()[CARDS]
    noted = replace(
        sheet,
        headers=[*sheet.headers, "Người nhập: Trần Thị Bí Ẩn 099012349876", "Ghi chú"],
        rows=[[*row, "x", "y"] for row in sheet.rows],
    )
    path = tmp_path / "2026-09.csv"
    path.write_bytes(to_csv(noted))

    assert set(read_whole(recognise(sheet.feed, path))[0].ignored_columns) == {
        "(a header that is not shown)",
        "Ghi chú",
    }
