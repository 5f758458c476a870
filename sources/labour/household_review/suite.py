"""What the review forms must not contradict."""

from typing import Any

from sources.gate import at_most, count, share, variety

MEASURES = {
    "hamlets_pct": variety("hamlet"),
    "reviewed_later_pct": share("reviewed_on > last_day($month)"),
    "crowded_pct": share("member_count > 30"),
    "score_b_odd_pct": share("score_b % 10 <> 0 or score_b > 120"),
    "income_beyond": count("income_per_capita_vnd > 1000000000"),
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
            "reviewed_later_pct",
            5,
            "reviews are dated after the month they are reported for",
            "ngày rà soát sau tháng báo cáo",
        ),
        at_most("crowded_pct", 1, "households have more than 30 members", "nhiều hộ có trên 30 nhân khẩu"),
        at_most(
            "score_b_odd_pct",
            5,
            "deprivation scores are no tens up to 120",
            "điểm thiếu hụt không phải bội số của 10 hoặc vượt quá 120",
        ),
        at_most(
            "income_beyond",
            0,
            "incomes per person are beyond a billion VND a month",
            "thu nhập bình quân vượt quá một tỷ đồng mỗi tháng",
        ),
    ]
