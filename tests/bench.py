"""Speed as ratios against the bare engine, and what whole runs need: `make bench`, or `python -m tests.bench --city`.

What our checks cost on top of DuckDB reading the same file, and what a whole intake costs on top of DuckDB turning it
into Parquet. Seconds differ between machines and hours; the ratios are what to compare. Then whole runs from landing to
published, from a home of their own, by scale, months and memory limit; those of the city take half an hour.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from sources.contracts.feeds import discover
from sources.reading.delivery import recognise
from sources.reading.rows import sorted_rows
from sources.simulator import simulate
from tests.measured_run import run_of
from warehouse.intake.deliveries import Intake
from warehouse.zones.home import Home

SCALE, ROUNDS = 0.05, 5
# Share of the city, months, memory limit.
RUNS: list[tuple[float, int, str | None]] = [(0.01, 1, None), (0.01, 6, None), (0.1, 1, None), (0.1, 1, "1GB")]
OF_THE_CITY: list[tuple[float, int, str | None]] = [(1, 1, None), (1, 1, "1GB"), (0.1, 24, None)]
RUN_ROUNDS = 3
FEED = "health_insurance/cards"


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Print the ratios, and what whole runs need."""
    console = Console()
    _ratios(console)
    _runs(console, RUNS + (OF_THE_CITY if "--city" in sys.argv else []))


def _runs(console: Console, runs: list[tuple[float, int, str | None]]) -> None:
    title = f"landing to published, median of {RUN_ROUNDS}"
    table = Table("share of the city", "months", "memory limit", "CPU, s", "wall, s", "peak, MB", title=title)
    for scale, months, limit in runs:
        with tempfile.TemporaryDirectory() as folder:
            sent = Path(folder) / "sent"
            simulate([date(2025 + at // 12, at % 12 + 1, 1) for at in range(months)], scale, 7, sent)
            measures = []
            for number in range(RUN_ROUNDS):
                home = Path(folder) / f"home{number}"
                shutil.copytree(sent, home / "landing")
                measures.append(run_of(home, limit))
                shutil.rmtree(home)
        figures = [statistics.median(getattr(run, name) for run in measures) for name in ("cpu", "wall", "peak")]
        table.add_row(f"{scale:.0%}", str(months), limit or "none", *(f"{figure:,.0f}" for figure in figures))
    console.print(table)


def _ratios(console: Console) -> None:
    """Of one month at 5 % of the city."""
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder) / "sent"
        console.print(f"Simulating one month at {SCALE:.0%} of the city ...")
        simulate([date(2026, 9, 1)], SCALE, 7, sent)
        feed = discover()[FEED]
        file = sent / FEED / "2026-09.csv"
        rows = sum(checked.total for _, checked in sorted_rows(recognise(feed, file)))

        def bare_read() -> None:
            duckdb.sql(f"select * from read_csv('{file}', all_varchar = true)").to_arrow_table()

        def bare_parquet() -> None:
            query = f"from read_csv('{file}', all_varchar = true)"
            duckdb.sql(f"copy ({query}) to '{folder}/bare.parquet' (compression zstd)")

        def our_read() -> None:
            for _ in sorted_rows(recognise(feed, file)):
                pass

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
