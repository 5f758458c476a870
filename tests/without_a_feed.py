"""Run by hand: what becomes of the cells that rested on a feed when the feed is not there.

    cd tests; ../.venv/bin/python -m without_a_feed [FEED ...]

The same simulated deliveries are built with all feeds and, for each feed that is evidence, without it. `pipeline` keeps
the cheap part of it as a test. Not here: what a feed that stops later leaves behind; records are carried forward, and
their age is judged elsewhere.
"""

import sys
import tempfile
from pathlib import Path

import duckdb
from pipeline.conftest import built

EVIDENCE = [
    "health_insurance/cards",
    "housing/support_cases",
    "labour/household_members",
    "labour/household_review",
    "labour/poverty_list",
]
SIMULATED = ["--months", "2026-10", "--scale", "0.004", "--seed", "11", "--dirt", "1"]


def fates(full: Path, without: Path) -> list[tuple[str, str, int]]:
    """(evidence feed with all feeds, what became of the cell, how many) over all cells of the full home."""
    with duckdb.connect() as engine:
        engine.execute(f"attach '{full}' as full_home (read_only)")
        engine.execute(f"attach '{without}' as other_home (read_only)")
        return engine.execute(
            """
            select was.evidence_feed,
                case
                    when now.household_key is null then 'no longer under review'
                    when now.evidence_feed is distinct from was.evidence_feed and now.deprived is not null
                        then 'rests on ' || now.evidence_feed
                    when now.deprived is null and was.deprived is not null then 'became unknown'
                    when now.deprived is distinct from was.deprived then 'says something else'
                    when now.deprived is null then 'unknown as before'
                    when now.evidence_delivery is distinct from was.evidence_delivery then 'rests on another delivery'
                    else 'as before'
                end as fate,
                count(*) as cells
            from full_home.facts.household_indicator as was
            left join other_home.facts.household_indicator as now
                using (period_month, household_key, standard_id, indicator_code)
            group by all order by all
            """
        ).fetchall()


def incomes(full: Path, without: Path) -> list[tuple[str | None, str | None, bool, int]]:
    """(income source with all feeds, and without, whether the answer about the line is the same, how many)."""
    with duckdb.connect() as engine:
        engine.execute(f"attach '{full}' as full_home (read_only)")
        engine.execute(f"attach '{without}' as other_home (read_only)")
        return engine.execute(
            """
            select was.income_source, now.income_source,
                was.below_income_line is not distinct from now.below_income_line as same_answer,
                count(*) as households
            from full_home.facts.household_deprivation as was
            inner join other_home.facts.household_deprivation as now using (period_month, household_key, standard_id)
            where was.is_reviewed
            group by all order by all
            """
        ).fetchall()


def main() -> None:
    """Build every home and print the fates of the cells."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Household keys are the same under the same key file.
        key = str(folder / "key")
        full = built(folder / "full", SIMULATED, CANTHO_KEY_FILE=key).version / "restricted.duckdb"
        for feed in sys.argv[1:] or EVIDENCE:
            home = built(folder / feed.replace("/", "-"), SIMULATED, without=(feed,), CANTHO_KEY_FILE=key)
            without = home.version / "restricted.duckdb"
            print(f"without {feed}")  # noqa: T201 - run by hand
            for row in [*fates(full, without), *incomes(full, without)]:
                print("   ", *row, sep="\t")  # noqa: T201


if __name__ == "__main__":
    main()
