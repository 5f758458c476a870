"""What holds of every identifier and every header, not only of the examples."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources import text as text_module
from sources.contracts.feeds import Column, Feed, discover
from sources.reading import table, values
from sources.reading.table import match_headers
from sources.text import fold

NUMBERS = st.from_regex(r"\A09[7-9][0-9]{9}\Z")
HEADINGS = [(feed, column) for feed in discover().values() for column in feed.columns]


@given(NUMBERS)
def test_a_personal_number_survives_what_spreadsheets_do_to_it(number: str) -> None:
    forms = [
        number, number[1:], f"'{number}", f"{number[:3]} {number[3:6]} {number[6:]}", f"{number[1:]}.0",
        f"{number[:3]}.{number[3:6]}.{number[6:]}", values.plain(f'="{number}"'),
    ]  # fmt: skip

    assert {values.person_number(form) for form in forms} == {number}


@given(NUMBERS)
def test_a_rounded_number_identifies_nobody(number: str) -> None:
    assert values.person_number(f"{int(number):.3E}") is None
    assert values.person_number(number + "0") is None


@given(st.text(max_size=30))
def test_no_text_is_taken_for_another_person(text: str) -> None:
    number = values.person_number(text)

    digits = "".join(letter for letter in text if letter.isascii() and letter.isdigit())
    assert number is None or number.lstrip("0") in digits


@given(
    st.sampled_from(HEADINGS),
    st.sampled_from(["NFC", "NFD"]),
    st.sampled_from([str, str.upper, str.lower, fold]),
    st.sampled_from([" ", "  ", "\n", "\u00a0", " \r\n "]),
)
@settings(max_examples=300)
def test_a_header_is_known_however_it_is_typed(
    heading: tuple[Feed, Column], form: Any, case: Callable[[str], str], gap: str
) -> None:
    feed, column = heading
    header = unicodedata.normalize(form, case(column.header_vi)).replace(" ", gap)

    assert match_headers(feed, [f"{gap}{header}{gap}"]) == {0: feed.headings[fold(column.header_vi)]}


@given(st.text(max_size=60))
def test_an_unknown_header_is_no_column(text: str) -> None:
    for feed in discover().values():
        assert bool(match_headers(feed, [text])) == (fold(text) in feed.headings)


@given(st.text(max_size=60))
@settings(max_examples=1000)
def test_a_text_folds_as_its_words_do(text: str) -> None:
    assert fold(text) == text_module._fold(text)


@st.composite
def _tops(draw: st.DrawFn) -> tuple[Feed, list[list[str]]]:
    """The first rows of a file: headings whole, or broken over two rows, among titles and data."""
    feed = draw(st.sampled_from([*discover().values()]))
    headings = [heading.split() for heading in draw(st.lists(st.sampled_from([*feed.headings]), max_size=6))]
    cuts = [draw(st.integers(0, len(words))) for words in headings]
    rows = st.lists(
        st.lists(st.sampled_from(["", "x", "Tổng số", "Unnamed: 3", "12", *feed.headings]), max_size=6), max_size=3
    )
    halves = [[" ".join(words[:cut]) for words, cut in zip(headings, cuts, strict=True)],
              [" ".join(words[cut:]) for words, cut in zip(headings, cuts, strict=True)]]  # fmt: skip
    return feed, [*draw(rows), *halves, *draw(rows)]


@given(_tops())
@settings(max_examples=500)
def test_a_header_is_the_same_when_every_window_of_rows_is_put_together(top: tuple[Feed, list[list[str]]]) -> None:
    short_way = table._most_columns(*top)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "_positions", lambda *_: set(range(100)))
        assert table._most_columns(*top) == short_way


@given(st.decimals(-(10**11), 10**11, places=2, allow_nan=False))
def test_a_decimal_survives_both_habits(number: object) -> None:
    forms = [f"{number:,.2f}", f"{number:,.2f}".translate(str.maketrans(",.", ".,")), f"{number:.2f}"]

    assert {values.read_number(form) for form in forms} == {number}
