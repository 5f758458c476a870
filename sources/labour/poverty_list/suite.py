"""What a commune's list must not contradict."""

from typing import Any

from sources.gate import Measure, at_most, percent, share, variety

MEASURES = {
    "hamlets_pct": variety("hamlet"),
    "decided_later_pct": share("decision_date > last_day($month)"),
    "households_with_two_heads_pct": Measure(
        {"heads": "count(*) filter (where relation = 'head')"},
        lambda heads, headed, households: percent(heads - headed, households),
        {
            "headed": "case when relation = 'head' then (list_section, household_no) end",
            "households": "(list_section, household_no)",
        },
    ),
}


def expectations() -> list[Any]:
    """Limits on the measures above, and what an excess means."""
    return [
        at_most(
            "hamlets_pct",
            60,
            "hamlets are as many as names; columns may have changed places",
            "tên ấp, khu vực quá nhiều giá trị khác nhau; các cột có thể bị đổi chỗ",
        ),
        at_most(
            "decided_later_pct",
            5,
            "decisions are dated after the month they are reported for",
            "ngày quyết định sau tháng báo cáo",
        ),
        # A household number that was not written on one head's row glues two families together.
        at_most(
            "households_with_two_heads_pct",
            5,
            "households have two heads; household numbers are missing",
            "có hộ ghi hai chủ hộ; thiếu số thứ tự hộ",
        ),
    ]
