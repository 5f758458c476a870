"""What a commune's list must not contradict."""

from typing import Any

from sources.gate import at_most, share

MEASURES = {
    "hamlets_pct": "100.0 * count(distinct hamlet) / nullif(count(hamlet), 0)",
    "decided_later_pct": share("decision_date > last_day($month)"),
    "households_with_two_heads_pct": (
        "100.0 * (count(*) filter (where relation = 'head')"
        " - count(distinct (list_section, household_no)) filter (where relation = 'head'))"
        " / nullif(count(distinct (list_section, household_no)), 0)"
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
