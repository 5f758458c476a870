"""What the totals of the communes must not contradict."""

from typing import Any

from sources.gate import at_most, count, total

MEASURES = {
    "households_total": total("households"),
    "persons_total": total("persons"),
    "fewer_persons_than_households": count("persons < households"),
    "more_minority_than_all": count("minority_households > households or minority_persons > persons"),
}


def expectations() -> list[Any]:
    """Limits on the measures above, and what an excess means."""
    return [
        # Swapped columns are the one mistake that every row of this feed can show.
        at_most(
            "fewer_persons_than_households",
            0,
            "a commune has fewer persons than households",
            "có xã, phường số nhân khẩu ít hơn số hộ",
        ),
        at_most(
            "more_minority_than_all",
            0,
            "a commune has more minority households or persons than it has in all",
            "có xã, phường số hộ hoặc nhân khẩu dân tộc thiểu số nhiều hơn tổng số",
        ),
    ]
