"""What the last row of a form says of all communes together."""

import pytest

from warehouse.published.report_pack import _total

HOUSEHOLDS = {"column_name": "households", "whole_column": None}
POOR_PCT = {"column_name": "poor_pct", "whole_column": "households"}


@pytest.mark.parametrize(("communes", "households", "poor_pct"), [
    ([(100, 10.0), (300, 2.0)], 400, 4.0),
    # Of nobody there is no share, and the others' is right without it.
    ([(100, 10.0), (0, None)], 100, 10.0),
    # Of a commune that sent no list neither is known.
    ([(100, 10.0), (None, None)], None, None),
    ([(100, 10.0), (None, 5.0)], None, None),
    ([(100, 10.0), (300, None)], 400, None),
    ([(0, None)], 0, None),
    ([], None, None),
])  # fmt: skip
def test_a_total_is_unknown_where_a_part_is(
    communes: list[tuple[int | None, float | None]], households: int | None, poor_pct: float | None
) -> None:
    found = [{"households": whole, "poor_pct": share} for whole, share in communes]

    assert _total([HOUSEHOLDS, POOR_PCT], found) == {"households": households, "poor_pct": poor_pct}
