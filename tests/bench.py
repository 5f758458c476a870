"""Speed as ratios against the bare engine, in one run, medians of several: `make bench`.

What our checks cost on top of DuckDB reading the same file, and what a whole intake costs on top of DuckDB turning it
into Parquet. Seconds differ between machines and hours; the ratios are what to compare.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
from readings import read_rows
from rich.console import Console
from rich.table import Table

from sources.contracts.feeds import discover
from sources.reading.delivery import recognise
from sources.simulator import simulate
from warehouse.intake.deliveries import Intake
from warehouse.zones.home import Home

SCALE, ROUNDS = 0.05, 5
FEED = "health_insurance/cards"


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Simulate one month at 5 % of the city and print the ratios."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder) / "sent"
        console.print(f"Simulating one month at {SCALE:.0%} of the city ...")
        simulate([date(2026, 9, 1)], SCALE, 7, sent)
        feed = discover()[FEED]
        file = sent / FEED / "2026-09.csv"
        rows = read_rows(recognise(feed, file)).total

        def bare_read() -> None:
            duckdb.sql(f"select * from read_csv('{file}', all_varchar = true)").to_arrow_table()

        def bare_parquet() -> None:
            query = f"from read_csv('{file}', all_varchar = true)"
            duckdb.sql(f"copy ({query}) to '{folder}/bare.parquet' (compression zstd)")

        def our_read() -> None:
            delivery = recognise(feed, file)
            read_rows(delivery)

        def our_intake(number: int) -> None:
            home = Home.open(Path(folder) / f"home{number}")
            (home.landing / FEED / file.name).write_bytes(file.read_bytes())
            Intake.open(home).take_in(feed)

        # The first intake imports Great Expectations, which a long-lived process pays once.
        our_intake(-1)
        pairs = {
            "read and check / DuckDB reads": [(_seconds(our_read), _seconds(bare_read)) for _ in range(ROUNDS)],
            "whole intake / DuckDB to Parquet": [
                (_seconds(lambda n=n: our_intake(n)), _seconds(bare_parquet)) for n in range(ROUNDS)
            ],
        }
    table = Table("what", "rows", "ours, s", "bare, s", "ratio", title=f"{FEED}, median of {ROUNDS}")
    for name, seconds in pairs.items():
        ours, bare = (statistics.median(side) for side in zip(*seconds, strict=True))
        ratio = statistics.median(one / other for one, other in seconds)
        table.add_row(name, f"{rows:,}", f"{ours:.2f}", f"{bare:.2f}", f"{ratio:.1f}")
    console.print(table)


if __name__ == "__main__":
    main()
