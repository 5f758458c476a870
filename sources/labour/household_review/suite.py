"""What the review forms must not contradict."""

from typing import Any

from sources.gate import at_most, share

MEASURES = {
    "reviewed_later_pct": share("reviewed_on > last_day($month)"),
    "crowded_pct": share("member_count > 30"),
    "score_b_odd_pct": share("score_b % 10 <> 0 or score_b > 120"),
    # Nobody in the city lives on less than 10,000 VND a month: such figures are thousands or millions.
    "income_not_vnd_pct": share("income_per_capita_vnd between 1 and 9999"),
    "income_beyond": "count(*) filter (where income_per_capita_vnd > 1000000000)",
}


def expectations() -> list[Any]:
    """Limits on the measures above, and what an excess means."""
    return [
        at_most("reviewed_later_pct", 5, "reviews are dated after the month they are reported for"),
        at_most("crowded_pct", 1, "households have more than 30 members"),
        at_most("score_b_odd_pct", 5, "deprivation scores are no tens up to 120"),
        at_most("income_not_vnd_pct", 2, "incomes are in thousands or millions instead of VND"),
        at_most("income_beyond", 0, "incomes per person are beyond a billion VND a month"),
    ]
