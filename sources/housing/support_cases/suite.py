"""What the housing cases must not contradict."""

from typing import Any

from sources.gate import at_most, share

MEASURES = {
    "completed_before_start_pct": share("completed_on < started_on"),
    "completed_without_day_pct": share("status in ('completed', 'handed_over') and completed_on is null"),
}


def expectations() -> list[Any]:
    """Limits on the measures above, and what an excess means."""
    return [
        at_most(
            "completed_before_start_pct",
            1,
            "houses are completed before they are started",
            "nhà hoàn thành trước ngày khởi công",
        ),
        at_most(
            "completed_without_day_pct",
            20,
            "completed houses lack the day of completion",
            "nhà đã hoàn thành nhưng thiếu ngày hoàn thành",
        ),
    ]
