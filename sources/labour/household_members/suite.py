"""What the member rows of the review forms must not contradict."""

from typing import Any

from sources.gate import Measure, at_most, percent

MEASURES = {
    "number_repeated_pct": Measure(
        {"numbers": "count(personal_id)"},
        lambda numbers, different: percent(numbers - different, numbers),
        {"different": "personal_id"},
    ),
    "households_without_one_head_pct": Measure(
        {"heads": "count(*) filter (where relation = 'head')"},
        lambda heads, households: percent(abs(households - heads), households),
        {"households": "(commune_code, household_code)"},
        of_whole_households=True,
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
