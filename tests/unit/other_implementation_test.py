"""The Alkire-Foster marts against another open implementation: mpitb, a Python port of the Stata toolbox.

Data sets have an answer in every cell, for mpitb knows no unknown; what bounds are for is `exact_fractions`'. mpitb
compares sums of floats with k / 100, so that who stands exactly at the cut-off is at times missed: it is asked for a
cut-off a hair lower. It gives 0 where nobody is poor and there is no share; here that is null.
"""

import random
from fractions import Fraction

import mpitb
import pandas as pd
import pytest
from exact_fractions import INDICATORS, STANDARD, WEIGHTS, Household, database, published

DATA_SETS, CUTOFFS = 25, (1, 2, 3, 4, 6, 12)
HAIR = 1e-9


def _complete_households(draw: random.Random) -> list[Household]:
    share = draw.choice([0, 1, draw.random(), draw.random()])
    return [(draw.randint(1, 9), tuple(draw.random() < share for _ in INDICATORS)) for _ in range(draw.randint(1, 40))]


def _by_mpitb(
    found: list[Household], unit: str, weights: str, cutoffs: tuple[int, ...] = CUTOFFS, below: float = HAIR
) -> dict[tuple[str, str | None, int], float]:
    """(measure, indicator, k) to what mpitb estimates."""
    frame = pd.DataFrame([answers for _, answers in found], columns=pd.Index(INDICATORS)).astype(int)
    frame["size"] = [size for size, _ in found]
    toolbox = mpitb.core.MPIToolbox()
    toolbox.svyset(weight="size")
    toolbox.set(name=STANDARD, dimensions=[(INDICATORS, "all")])
    by_k = {100 * k / 12 - below: k for k in cutoffs}
    records = toolbox.est(
        frame, STANDARD, list(by_k), weights={code: WEIGHTS[code][weights] / 36 for code in INDICATORS},
        svy=unit == "person",
    )  # fmt: skip
    return {(record["measure"], record.get("indicator"), by_k[record["k"]]): record["b"] for record in records}


def test_measures_headcounts_and_contributions_equal_those_of_mpitb() -> None:
    draw = random.Random(11)
    sets = [_complete_households(draw) for _ in range(DATA_SETS)]
    ours = dict(published(database(sets)))
    compared = 0
    for area, found in enumerate(sets):
        for unit in ("household", "person"):
            for weights in ("legal", "nested"):
                theirs = _by_mpitb(found, unit, weights)
                for k in CUTOFFS:
                    _, headcount, _, _, intensity, adjusted, _, _, *indicators = ours[area, unit, weights, k]
                    mine = {("H", None): headcount, ("A", None): intensity or 0, ("M0", None): adjusted}
                    if weights == "legal":
                        step = len(indicators) // len(INDICATORS)
                        for position, code in enumerate(INDICATORS):
                            uncensored, censored, contribution, *_ = indicators[step * position :]
                            mine["hd", code], mine["hdk", code] = uncensored, censored
                            mine["pctb", code] = (contribution or 0) / 100  # ty: ignore[unsupported-operator]
                    compared += len(mine)
                    assert mine == {name: pytest.approx(theirs[*name, k], abs=1e-12) for name in mine}
    assert compared == DATA_SETS * len(CUTOFFS) * 2 * (2 * 3 + 3 * len(INDICATORS))


@pytest.mark.definition("M4")
def test_mpitb_misses_who_stands_exactly_at_the_cutoff_and_the_warehouse_does_not() -> None:
    """Why it is asked for a hair less: three households, deprived in all, in three and in none of twelve."""
    found: list[Household] = [(1, (True,) * 12), (1, (True,) * 3 + (False,) * 9), (1, (False,) * 12)]
    ours = dict(published(database([found])))

    theirs = _by_mpitb(found, "household", "legal", cutoffs=(3, 12), below=0)

    assert [ours[0, "household", "legal", k][1] for k in (3, 12)] == [pytest.approx(2 / 3), pytest.approx(1 / 3)]
    assert theirs["H", None, 12] == 0 != Fraction(1, 3)
