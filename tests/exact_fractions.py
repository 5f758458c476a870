"""Run by hand, in tests/: the Alkire-Foster SQL against exact fractions on 10,000 random data sets.

    ../.venv/bin/python -m exact_fractions [DATA SETS]

Each data set stands as one area of `int_score_tally` and `int_indicator_tally`; the models `area_mpi` and
`area_indicator` are rendered and run as they are, and an independent account in fractions is kept beside them, for both
weightings of the standard whose weightings differ. A data set may be empty, wholly unknown or of one household.
"""

import csv
import random
import sys
from collections.abc import Iterator
from fractions import Fraction

import duckdb
from rendering import PROJECT, model_path, render

SEEDS = PROJECT / "seeds"
STANDARD = "S2027"  # nested weights differ from legal ones
with (SEEDS / "indicator.csv").open(encoding="utf-8", newline="") as _file:
    WEIGHTS = {
        row["indicator_code"]: {"legal": int(row["weight_legal"]), "nested": int(row["weight_nested"])}
        for row in csv.DictReader(_file)
        if row["standard_id"] == STANDARD
    }  # in thirty-sixths
INDICATORS = sorted(WEIGHTS)
NONE_UNDER_REVIEW = [None] * 4
Household = tuple[int, tuple[bool | None, ...]]


def households(draw: random.Random) -> list[Household]:
    """One random data set: (size, answers) per household."""
    kind = draw.choice(["empty", "unknown", "all", "none", "one", "mixed", "mixed", "mixed"])
    count = {"empty": 0, "one": 1}.get(kind, draw.randint(1, 9))
    share, unknown = draw.random(), draw.random() * draw.choice([0, 0.5])
    sure = {"unknown": None, "all": True, "none": False}
    return [
        (
            draw.randint(1, 9),
            tuple(
                sure[kind] if kind in sure else (None if draw.random() < unknown else draw.random() < share)
                for _ in INDICATORS
            ),
        )
        for _ in range(count)
    ]


def exact(found: list[Household], unit: str, weights: str, k: int) -> tuple[object, ...]:
    """What `published` gives: measures and bounds and, per indicator, shares, contribution and whom it concerns.

    The indicators are measured with legal weights whatever `weights` the measures have.
    """
    sizes = [1 if unit == "household" else size for size, _ in found]
    total = sum(sizes)

    def share(part: int | Fraction, whole: int | Fraction) -> Fraction | None:
        return Fraction(part) / whole if whole else None

    def scores(weighting: str, counts: set[bool | None]) -> list[Fraction]:
        return [
            sum(
                (
                    Fraction(WEIGHTS[code][weighting], 36)
                    for code, answer in zip(INDICATORS, answers, strict=True)
                    if answer in counts
                ),
                Fraction(0),
            )
            for _, answers in found
        ]

    def poor_units_and_score(of: list[Fraction]) -> tuple[int, Fraction]:
        poor = [(size, score) for size, score in zip(sizes, of, strict=True) if score >= Fraction(k, 12)]
        return sum(size for size, _ in poor), sum((size * score for size, score in poor), Fraction(0))

    poor, score = poor_units_and_score(scores(weights, {True}))
    poor_max, score_max = poor_units_and_score(scores(weights, {True, None}))
    headcount, adjusted = share(poor, total), share(score, total)
    measures: list[object] = [total, headcount, headcount, share(poor_max, total), share(score, poor)]
    measures += [adjusted, adjusted, share(score_max, total)]
    legal = scores("legal", {True})
    _, legal_score = poor_units_and_score(legal)
    for position, code in enumerate(INDICATORS):
        given = [answers[position] for _, answers in found]
        censored = sum(
            size for size, n, d in zip(sizes, legal, given, strict=True) if d is True and n >= Fraction(k, 12)
        )
        measures += [
            share(sum(size for size, answer in zip(sizes, given, strict=True) if answer is True), total),
            share(censored, total),
            share(100 * censored * Fraction(WEIGHTS[code]["legal"], 36), legal_score),
            share(sum(size for size, answer in zip(sizes, given, strict=True) if answer is None), total),
            *(concerned(found, position) if found else NONE_UNDER_REVIEW),
        ]
    return tuple(measures)


def concerned(found: list[Household], position: int) -> list[int]:
    """Households and persons whom an indicator concerns, and perhaps: here those with an answer, and without."""
    known = [size for size, answers in found if answers[position] is not None]
    unknown = [size for size, answers in found if answers[position] is None]
    return [len(known), len(unknown), sum(known), sum(unknown)]


def database(sets: list[list[Household]]) -> duckdb.DuckDBPyConnection:
    """The tallies of all data sets, an area each, and both marts computed from them."""
    engine = duckdb.connect()
    scores, answers, concerns = [], [], []
    for area, found in enumerate(sets):
        if found:
            concerns += [(str(area), code, *concerned(found, position)) for position, code in enumerate(INDICATORS)]
        for size, given in found:
            for weights in ("legal", "nested"):
                by_answer = [(WEIGHTS[code][weights], a) for code, a in zip(INDICATORS, given, strict=True)]
                known = sum(weight for weight, answer in by_answer if answer is True)
                possible = sum(weight for weight, answer in by_answer if answer is not False)
                for unit, units in (("household", 1), ("person", size)):
                    scores.append((str(area), unit, weights, known, possible, units))
            answers += [
                (str(area), code, sum(a is True for a in given), answer is None, 1, size)
                for code, answer in zip(INDICATORS, given, strict=True)
                if answer is not False
            ]
    fixed = "date '2026-10-01' as period_month, 'commune' as area_level"
    engine.execute(
        f"create table int_area_with_list as select {fixed}, range::varchar as area_code, standard_id "
        f"from range({len(sets)}), (values ('S2022'), ('S2027')) as of_standard (standard_id)"
    )
    engine.execute(f"create table int_area as select {fixed}, range::varchar as area_code from range({len(sets)})")
    engine.execute("create table int_period_in_scope as select date '2026-10-01' as period_month")
    engine.execute(f"create table standard as select '{STANDARD}' as standard_id")
    engine.execute("create table poverty_cutoff as select range as k from range(1, 13)")
    engine.execute(f"create table indicator as from '{SEEDS}/indicator.csv' where standard_id = '{STANDARD}'")
    engine.execute(
        "create table score (area_code varchar, unit varchar, weights varchar, score bigint, score_max bigint, "
        "units bigint)"
    )
    engine.execute(
        "create table answer (area_code varchar, indicator_code varchar, n bigint, u boolean, h bigint, p bigint)"
    )
    engine.execute(
        "create table concern (area_code varchar, indicator_code varchar, h bigint, h_unknown bigint, p bigint, "
        "p_unknown bigint)"
    )
    _fill(engine, "score", scores)
    _fill(engine, "answer", answers)
    _fill(engine, "concern", concerns)
    engine.execute(
        f"create table int_score_tally as select {fixed}, area_code, '{STANDARD}' as standard_id, unit, weights, "
        "score, score_max, sum(units)::bigint as units from score group by all"
    )
    engine.execute(
        f"create table int_indicator_tally as select {fixed}, area_code, '{STANDARD}' as standard_id, indicator_code, "
        "3 * n as legal_score, null::varchar as legal_class, u as is_unknown, sum(h)::bigint as households, "
        "sum(p)::bigint as persons from answer group by all"
    )
    engine.execute(
        f"create table int_concerned_tally as select {fixed}, area_code, '{STANDARD}' as standard_id, indicator_code, "
        "h as households_concerned, h_unknown as households_concerned_unknown, p as persons_concerned, "
        "p_unknown as persons_concerned_unknown from concern"
    )
    engine.execute(f"create table area_mpi as {render(model_path('area_mpi'))}")
    engine.execute(f"create table area_indicator as {render(model_path('area_indicator'))}")
    return engine


def _fill(engine: duckdb.DuckDBPyConnection, table: str, rows: list[tuple]) -> None:
    import pandas as pd

    frame = pd.DataFrame(rows)
    engine.register("frame", frame)
    engine.execute(f"insert into {table} select * from frame")
    engine.unregister("frame")


def published(engine: duckdb.DuckDBPyConnection) -> Iterator[tuple[tuple[int, str, str, int], tuple[object, ...]]]:
    """((data set, unit, weights, k), measures) as `exact` orders them."""
    query = """
        with indicators as (
            select area_code, unit, k,
                list(
                    [uncensored_headcount, censored_headcount, contribution_pct, unknown_share, households_concerned,
                        households_concerned_unknown, persons_concerned, persons_concerned_unknown]
                    order by indicator_code
                ) as per_indicator
            from area_indicator group by all
        )
        select area_code::int, unit, weights, k, per_indicator, area_mpi.units, headcount_ratio, headcount_ratio_min,
            headcount_ratio_max, intensity, adjusted_headcount, adjusted_headcount_min, adjusted_headcount_max
        from area_mpi inner join indicators using (area_code, unit, k)
    """
    for area, unit, weights, k, per_indicator, *measures in engine.execute(query).fetchall():
        yield (area, unit, weights, k), (*measures, *(value for measured in per_indicator for value in measured))


def agree(exactly: object, figure: object) -> bool:
    """Whether a published figure is the exact one, as near as a double can be; null only where there is none."""
    if exactly is None or figure is None:
        return exactly is figure
    return abs(float(exactly) - float(figure)) <= 1e-12 * max(1.0, abs(float(exactly)))  # ty: ignore[invalid-argument-type]


def main() -> None:
    """Compare, and say how many figures were compared and how many differ."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    draw = random.Random(7)
    compared = differences = 0
    for start in range(0, count, 1000):
        sets = [households(draw) for _ in range(min(1000, count - start))]
        for (area, unit, weights, k), measures in published(database(sets)):
            pairs = zip(exact(sets[area], unit, weights, k), measures, strict=True)
            differing = [not agree(exactly, figure) for exactly, figure in pairs]
            compared += len(differing)
            differences += sum(differing)
    print(f"{count} data sets, {compared} figures, {differences} differ")  # noqa: T201 - run by hand
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
