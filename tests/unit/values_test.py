"""What a cell says, and what no cell may be taken to say."""

import contextlib
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.reading import values


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("05/03/1961", date(1961, 3, 5)),
        ("5/3/1961", date(1961, 3, 5)),
        ("5-3-1961", date(1961, 3, 5)),
        ("1961-03-05", date(1961, 3, 5)),
        ("1961-03-05 00:00:00", date(1961, 3, 5)),
        ("22345", date(1961, 3, 5)),
        ("22345.0", date(1961, 3, 5)),
        (" 05/03/1961 ", date(1961, 3, 5)),
    ],
)
def test_every_form_of_a_day_is_the_same_day(cell: str, day: date) -> None:
    assert values.read_date(cell) == day


@pytest.mark.parametrize("cell", ["1961", "5/3/61", "31/02/1961", "13/13/1961", "00/00/1961", "đang cập nhật", "1,961"])
def test_what_is_no_day_is_not_guessed(cell: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        values.read_date(cell)


@pytest.mark.parametrize(
    ("cell", "known"), [("1961", "1961"), ("00/00/1961", "1961"), ("00/03/1961", "1961-03"), ("1/1/1961", "1961-01-01")]
)
def test_a_birth_keeps_only_what_is_known_of_it(cell: str, known: str) -> None:
    assert values.read_date_or_year(cell) == known


@pytest.mark.parametrize(
    ("cell", "number"), [("1.500.000", 1500000), ("1,500,000", 1500000), ("24.020", 24020), ("24.0", 24), ("-3", -3)]
)
def test_thousands_are_grouped_by_dots_or_commas(cell: str, number: int) -> None:
    assert values.read_integer(cell) == number


@pytest.mark.parametrize("cell", ["1.5 tr", "24.02", "1.500,000", "1,50,000", "9.21E+10", "1.5E+06", "x"])
def test_a_whole_number_is_not_guessed(cell: str) -> None:
    with pytest.raises(ValueError, match="whole"):
        values.read_integer(cell)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("6.360,83", "6360.83"),
        ("6,360.83", "6360.83"),
        ("45,5", "45.5"),
        ("45.5", "45.5"),
        ("0.125", "0.125"),
        ("40", "40"),
    ],
)
def test_decimals_of_both_habits_are_read(cell: str, number: str) -> None:
    assert values.read_number(cell) == Decimal(number)


def test_one_separator_before_three_digits_is_ambiguous() -> None:
    with pytest.raises(ValueError, match="thousands or decimals"):
        values.read_number("1.500")


@pytest.mark.parametrize(
    ("cell", "said"), [("x", True), ("X", True), ("có", True), ("Không", False), ("1", True), ("0", False)]
)
def test_yes_and_no_in_every_form(cell: str, said: bool) -> None:
    assert values.read_boolean(cell) is said


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("097061001234", "097061001234"),
        ("97061001234", "097061001234"),
        ("'097061001234", "097061001234"),
        ("097 061 001 234", "097061001234"),
        ("361234567", None),
        ("9.7061E+10", None),
        ("", None),
    ],
)
def test_only_a_personal_number_identifies(cell: str, number: str | None) -> None:
    assert values.person_number(cell) == number


def test_a_year_typed_into_a_cell_of_days_is_no_day() -> None:
    typed = values.EXCEL_EPOCH + timedelta(days=1961)

    with pytest.raises(ValueError, match="a year taken for a day"):
        values.read_date_or_year(typed.isoformat())


@given(st.dates(date(1906, 1, 1), date(2099, 12, 31)))
def test_a_day_survives_every_form_it_is_written_in(day: date) -> None:
    forms = [f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}", day.isoformat()]
    serial = (day - values.EXCEL_EPOCH).days
    forms += [str(serial)] if serial in values.SERIALS else []

    assert {values.read_date(form) for form in forms} == {day}


@given(st.integers(0, 10**12))
def test_an_amount_survives_every_grouping(amount: int) -> None:
    grouped = f"{amount:,}"

    assert {values.read_integer(form) for form in (str(amount), grouped, grouped.replace(",", "."))} == {amount}


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_with_a_reason(cell: str) -> None:
    for read in (
        values.read_integer,
        values.read_number,
        values.read_boolean,
        values.read_date,
        values.read_date_or_year,
    ):
        with contextlib.suppress(ValueError):
            assert read(cell) is not None


@pytest.mark.parametrize("text", ["000000000000", "999999999999", "123456789012", "00000000000"])
def test_a_number_made_up_to_fill_the_cell_is_nobodys(text: str) -> None:
    assert values.person_number(text) is None


@pytest.mark.parametrize(
    "cell",
    [
        "11/06/2025 00:00:00",
        "11/6/2025 0:00",
        "11-06-2025 12:00:00 AM",
        "11/06/2025 12:00:00 SA",
        "2025-06-11T00:00:00",
    ],
)
def test_a_midnight_says_nothing(cell: str) -> None:
    assert values.read_date(cell) == date(2025, 6, 11)


@pytest.mark.parametrize("cell", ["11/06/2025 08:30:00", "11/06/2025 12:00:00 PM", "11/06/2025 00:00:01"])
def test_an_hour_is_not_dropped(cell: str) -> None:
    with pytest.raises(ValueError, match="not a day"):
        values.read_date(cell)


def test_a_day_number_counts_from_the_epoch_of_its_workbook() -> None:
    assert values.read_date("44357", values.EPOCH_1904) == date(2025, 6, 11)
    assert values.read_date_or_year("1985", values.EPOCH_1904) == "1985"
    with pytest.raises(ValueError, match="year taken"):
        values.read_date("1909-06-07", values.EPOCH_1904)


@pytest.mark.parametrize("cell", ["60.000.000,00", "60,000,000.0", "60000000", "60.000.000"])
def test_cents_of_zero_beside_grouped_thousands_leave_no_doubt(cell: str) -> None:
    assert values.read_integer(cell) == 60_000_000


@pytest.mark.parametrize("cell", ["60.000.000 đ", "60000000đ", "60,000,000 VND", "60.000.000 đồng", "60.000.000 ₫"])
def test_an_amount_may_name_its_unit(cell: str) -> None:
    assert values.read_money(cell) == 60_000_000


@pytest.mark.parametrize("cell", ["60 triệu", "60.000 nghìn đồng", "1.5 tr", "đ", "60.000.000,50 đ"])
def test_another_unit_is_not_taken_for_it(cell: str) -> None:
    with pytest.raises(ValueError, match="whole"):
        values.read_money(cell)


@pytest.mark.parametrize("cell", ["'Nguyễn Văn An'", "“Nguyễn Văn An”", "«Nguyễn Văn An»", "'Nguyễn Văn An"])
def test_quotes_of_other_programs_are_none_of_the_text(cell: str) -> None:
    assert values.read_text(cell) == "Nguyễn Văn An"


@pytest.mark.parametrize("cell", ["Err:502", "#N/A", "#NO DAY!"])
def test_an_error_is_no_text(cell: str) -> None:
    with pytest.raises(ValueError, match="error"):
        values.read_text(cell)
