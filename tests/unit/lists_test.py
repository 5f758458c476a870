"""What is said of the lists that a month rests on."""

from datetime import date

import pytest

from warehouse.published.lists import Lists


@pytest.mark.parametrize(
    ("lists", "vietnamese", "english"),
    [
        (Lists(2, 103, date(2026, 12, 1)), "2/103 xã đã gửi danh sách", "2 of 103 lists sent"),
        (
            Lists(0, 103, date(2026, 10, 1)),
            "dùng lại danh sách 10/2026, 0/103 xã gửi",
            "list of 10/2026 carried, 0 of 103 sent",
        ),
        (Lists(0, 103, None), "0/103 xã đã gửi danh sách", "0 of 103 lists sent"),
    ],
)
def test_a_month_for_which_nobody_sent_a_list_is_said_to_be_carried(
    lists: Lists, vietnamese: str, english: str
) -> None:
    assert lists.said() == (vietnamese, english)
    assert lists.are_carried == ("carried" in english)
