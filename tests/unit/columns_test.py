"""A column that is read at once says what its texts say one by one."""

from pathlib import Path

import pyarrow as pa
import pytest
from damage.files import clean_sheets
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.contracts.feeds import Column, Feed, discover
from sources.reading import rows
from sources.reading.columns import plain_values
from sources.reading.delivery import Delivery, recognise

COLUMNS = [(feed, column) for feed in discover().values() for column in feed.columns]
WRITTEN = sorted({cell for sheet in clean_sheets().values() for row in sheet.rows for cell in row if cell})
ODD = [
    "", " ", "-", "0", "00", "007", "-5", "+5", "1.0", "12.0", "9.21E+10", "1E5", "E5", "1,500", "1.500.000", "5 đồng",
    "999", "1000000000000000", "999999999999999", "9" * 30, "#REF!", "ERR:502", "NULL", "N/A", "x", "X",
    "'097123456789", "'097123456789'", "‘a’", "''5", "'", "=\"097\"", "097123456789", "97123456789", "097 123 456 789",
    "987123456789", "HN4970971234567", "HD097123456789", "a097123456789b", "0971234567890", "٣٤٥", "１２３", "²", "12²",
    "Nguyễn Văn Bảy", "Nguye\u0302\u0303n", "Nguyễn  Bảy", " Bảy", "Bảy ", "Bảy\u200b", "Bảy\u00a0Tư",
    "NGUYỄN", "nGuYễn",
    "Nguy?n", "Nguy??n", "Vaên", "NguyÔn V¨n", "Nguyá»…n", "Ðức", "Đức", "Khu vực 2", "ấp\n5", "Тư", "ភូមិ", "O'Hara",
    "176/QĐ-UBND", "HD-001/26", "a-", "a/b", "\\N", "tư\\", "\ufffd", "i\u0307", "ﬁ", "ß", "Å",
]  # fmt: skip
# Beside whatever text there is, texts with one letter too many or too few, which are most like plain ones.
TEXTS = st.one_of(
    st.sampled_from(WRITTEN),
    st.sampled_from(ODD),
    st.builds(lambda text, at, sign: text[:at] + sign + text[at:], st.sampled_from(WRITTEN + ODD), st.integers(0, 16),
              st.sampled_from("0 9'’.,-/E\"?đĐaăZ\u0301\u200b\n")),
    st.builds(lambda text, at: text[:at] + text[at + 1 :], st.sampled_from(WRITTEN + ODD), st.integers(0, 16)),
    st.builds(" ".join, st.lists(st.sampled_from(WRITTEN + ODD), max_size=3)),
    st.from_regex(r"\A[0-9]{1,20}\Z"),
    st.text(max_size=20).filter(lambda text: text.isprintable()),
)  # fmt: skip


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Delivery]:
    """A delivery of each feed, of which only the month is asked."""

    def empty(feed: Feed) -> Path:
        path = tmp_path_factory.mktemp(feed.name) / f"2026-09.{feed.formats[0]}"
        path.touch()
        return path

    return {feed.id: recognise(feed, empty(feed)) for feed in discover().values()}


@given(st.sampled_from(COLUMNS), st.lists(TEXTS, min_size=1, max_size=12, unique=True))
@settings(max_examples=1000)
def test_a_plain_text_says_what_it_says_when_it_is_read_by_itself(
    deliveries: dict[str, Delivery], contract: tuple[Feed, Column], texts: list[str]
) -> None:
    feed, column = contract
    at_once = plain_values(column, pa.array(texts, pa.string()))
    one_by_one, faults = rows._forgivingly(deliveries[feed.id], column, texts, (), None, False)

    values = pa.array(one_by_one, column.arrow_type).to_pylist()
    plain = [at for at, value in enumerate(at_once.to_pylist()) if value is not None]
    assert [(at_once[at].as_py(), None) for at in plain] == [(values[at], faults[at]) for at in plain]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("card_number", "HN4970971234567"), ("insurance_number", "9200000000"), ("personal_id", "097123456789"),
        ("full_name", "Nguyễn Thị Bảy"), ("benefit_level", "4"), ("facility_code", "92142"),
    ],
)  # fmt: skip
def test_what_a_contract_promises_is_plain(name: str, text: str) -> None:
    column = discover()["health_insurance/cards"].by_name[name]

    assert plain_values(column, pa.array([text])).to_pylist() == [int(text) if column.kind == "integer" else text]
