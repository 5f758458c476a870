"""What the member rows of the review forms must not contradict."""

from typing import Any

from sources.gate import at_most

MEASURES = {
    "number_repeated_pct": "100.0 * (count(personal_id) - count(distinct personal_id)) / nullif(count(personal_id), 0)",
    "households_without_one_head_pct": (
        "100.0 * abs(count(distinct (commune_code, household_code)) - count(*) filter (where relation = 'head'))"
        " / nullif(count(distinct (commune_code, household_code)), 0)"
    ),
}


def expectations() -> list[Any]:
    """Limits on the measures above, and what an excess means."""
    return [
        # Some people stand in two households; a column pasted down repeats one number over and over.
        at_most("number_repeated_pct", 5, "personal numbers repeat", "số định danh cá nhân lặp lại nhiều"),
        at_most(
            "households_without_one_head_pct",
            20,
            "households have no head, or several",
            "nhiều hộ không có chủ hộ hoặc có nhiều chủ hộ",
        ),
    ]
