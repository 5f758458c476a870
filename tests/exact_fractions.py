"""Run by hand, in tests/: the Alkire-Foster SQL against exact fractions on 10,000 random data sets.

    ../.venv/bin/python -m exact_fractions [DATA SETS]

Each data set stands as one area of `int_score_tally` and `int_indicator_tally`; the models `area_mpi` and
`area_indicator` are rendered and run as they are, and an independent account in fractions is kept beside them. A data
set may be empty, wholly unknown or of one household.
"""

import random
import sys
from collections.abc import Iterator
from fractions import Fraction

import duckdb
from rendering import model_path, render

INDICATORS = [f"I{n:02d}" for n in range(1, 13)]
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


def exact(found: list[Household], unit: str, k: int) -> tuple[object, ...]:
    """Units, H, H max, A, M0, M0 max, and per indicator uncensored and censored headcount and contribution."""
    weights = [1 if unit == "household" else size for size, _ in found]
    known = [sum(answer is True for answer in answers) for _, answers in found]
    possible = [sum(answer is not False for answer in answers) for _, answers in found]
    total = sum(weights)
    poor = sum(w for w, n in zip(weights, known, strict=True) if n >= k)
    score = sum(w * n for w, n in zip(weights, known, strict=True) if n >= k)

    def share(part: int, whole: int) -> Fraction | None:
        return Fraction(part, whole) if whole else None

    measures: list[object] = [
        total,
        share(poor, total),
        share(sum(w for w, n in zip(weights, possible, strict=True) if n >= k), total),
        share(score, 12 * poor),
        share(score, 12 * total),
        share(sum(w * n for w, n in zip(weights, possible, strict=True) if n >= k), 12 * total),
    ]
    for position in range(len(INDICATORS)):
        deprived = [answers[position] is True for _, answers in found]
        censored = sum(w for w, n, d in zip(weights, known, deprived, strict=True) if d and n >= k)
        measures += [
            share(sum(w for w, d in zip(weights, deprived, strict=True) if d), total),
            share(censored, total),
            share(100 * censored, score),
        ]
    return tuple(measures)


def database(sets: list[list[Household]]) -> duckdb.DuckDBPyConnection:
    """The tallies of all data sets, an area each, and both marts computed from them."""
    engine = duckdb.connect()
    scores, answers = [], []
    for area, found in enumerate(sets):
        for size, given in found:
            known, possible = 3 * sum(a is True for a in given), 3 * sum(a is not False for a in given)
            for unit, units in (("household", 1), ("person", size)):
                scores.append((str(area), unit, known, possible, units))
            answers += [
                (str(area), code, known // 3, answer is None, 1, size)
                for code, answer in zip(INDICATORS, given, strict=True)
                if answer is not False
            ]
    fixed = "date '2026-10-01' as period_month, 'commune' as area_level"
    engine.execute(f"create table int_area as select {fixed}, range::varchar as area_code from range({len(sets)})")
    engine.execute("create table touched_period as select date '2026-10-01' as period_month")
    engine.execute("create table standard as select 'S' as standard_id")
    engine.execute("create table poverty_cutoff as select range as k from range(1, 13)")
    rows = ", ".join(f"('{code}')" for code in INDICATORS)
    engine.execute(
        "create table indicator as select 'S' as standard_id, col0 as indicator_code, 3 as weight_legal "
        f"from (values {rows})"
    )
    engine.execute("create table score (area_code varchar, unit varchar, score bigint, score_max bigint, units bigint)")
    engine.execute(
        "create table answer (area_code varchar, indicator_code varchar, n bigint, u boolean, h bigint, p bigint)"
    )
    _fill(engine, "score", scores)
    _fill(engine, "answer", answers)
    engine.execute(
        f"create table int_score_tally as select {fixed}, area_code, 'S' as standard_id, unit, 'legal' as weights, "
        "score, score_max, sum(units)::bigint as units from score group by all"
    )
    engine.execute(
        f"create table int_indicator_tally as select {fixed}, area_code, 'S' as standard_id, indicator_code, "
        "n as deprivation_count, null::varchar as legal_class, u as is_unknown, sum(h)::bigint as households, "
        "sum(p)::bigint as persons from answer group by all"
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


def published(engine: duckdb.DuckDBPyConnection) -> Iterator[tuple[tuple[int, str, int], tuple[object, ...]]]:
    """((data set, unit, k), measures) as `exact` orders them."""
    query = """
        select area_code::int, unit, k, area_mpi.units, headcount_ratio, headcount_ratio_max, intensity,
            adjusted_headcount, adjusted_headcount_max,
            list([uncensored_headcount, censored_headcount, contribution_pct] order by indicator_code)
        from area_mpi inner join area_indicator using (area_code, unit, k)
        where weights = 'legal' group by all
    """
    for area, unit, k, *measures, per_indicator in engine.execute(query).fetchall():
        yield (area, unit, k), (*measures, *(value for three in per_indicator for value in three))


def main() -> None:
    """Compare, and say how many figures were compared and how many differ."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    draw = random.Random(7)
    compared = differences = 0
    for start in range(0, count, 1000):
        sets = [households(draw) for _ in range(min(1000, count - start))]
        for (area, unit, k), measures in published(database(sets)):
            for mine, theirs in zip(exact(sets[area], unit, k), measures, strict=True):
                compared += 1
                same = (mine is None) == (theirs is None) and (
                    mine is None or abs(float(mine) - float(theirs)) <= 1e-12 * max(1.0, abs(float(mine)))  # ty: ignore[invalid-argument-type]
                )
                differences += not same
    print(f"{count} data sets, {compared} figures, {differences} differ")  # noqa: T201 - run by hand
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
