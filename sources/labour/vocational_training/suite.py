"""What the training classes must not contradict."""

from typing import Any

from sources.gate import at_most, share, variety

MEASURES = {
    "ended_before_start_pct": share("finished_on < started_on"),
    "occupations_pct": variety("occupation"),
}


def expectations() -> list[Any]:
    """Limits on the measures above, and what an excess means."""
    return [
        at_most("ended_before_start_pct", 1, "classes end before they start", "lớp kết thúc trước ngày bắt đầu"),
        at_most(
            "occupations_pct",
            60,
            "occupations are as many as names; columns may have changed places",
            "nghề đào tạo quá nhiều giá trị khác nhau; các cột có thể bị đổi chỗ",
        ),
    ]
