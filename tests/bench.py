"""What the warehouse costs, in processor seconds and as ratios: `make bench`, `python -m tests.bench --city`.

Seconds differ between machines and hours: ratios of one sitting are what to compare, medians of several rounds. Each
part can be asked for by its name; `--city` measures the city itself, which takes an hour.

| part | what it measures |
|---|---|
| engine | reading and intake of one file beside DuckDB, which reads it without a question |
| runs | whole runs from landing to published, by share of the city, months and memory limit |
| peers | a whole run beside bare scripts over the same files, and the figures in which they differ |
| months | the next month of a home, as months gather |
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from sources.contracts.feeds import discover
from sources.reading.delivery import recognise
from sources.reading.rows import sorted_rows
from sources.simulator import simulate
from tests.measured_run import Measured, measured, run_of
from tests.peers import published
from warehouse.intake.deliveries import Intake
from warehouse.zones.home import Home

ROUNDS = 3
MONTH = date(2026, 10, 1)
FEED = "health_insurance/cards"
PEERS = ("on_duckdb", "on_polars", "on_pandas")
# Share of the city, months, memory limit.
RUNS = [(0.01, 1, None), (0.01, 6, None), (0.1, 1, None), (0.1, 1, "1GB")]
RUNS_OF_THE_CITY = [(1, 1, None), (1, 1, "1GB")]
# The months whose cost is told, of a home that gets one after the other.
TOLD_MONTHS = (1, 2, 6, 12, 24)

console = Console()


def main() -> None:
    """Measure the parts asked for and print a table of each."""
    parts = {"engine": _engine, "runs": _runs, "peers": _peers, "months": _months}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="all, unless named")
    parser.add_argument("--city", action="store_true", help="the city itself in place of its hundredths")
    asked = parser.parse_args()
    for part in asked.parts or parts:
        with tempfile.TemporaryDirectory() as folder:
            console.print(parts[part](Path(folder), asked.city))


def _engine(folder: Path, city: bool) -> Table:
    """Checks and intake of one file; a long-lived process imports once, so that the first intake is not counted."""
    scale = 1 if city else 0.05
    _send(folder / "sent", [MONTH], scale)
    feed = discover()[FEED]
    (file,) = (folder / "sent" / FEED).iterdir()
    query = f"from {'read_csv' if file.suffix == '.csv' else 'read_parquet'}('{file}')"

    def our_intake(number: int) -> None:
        home = Home.open(folder / f"home{number}")
        shutil.copy(file, home.landing / FEED / file.name)
        Intake.open(home).take_in(feed)

    def bare_parquet(number: int) -> None:
        duckdb.sql(f"copy ({query}) to '{folder}/bare{number}.parquet' (compression zstd)")

    def our_read(_: int) -> None:
        for _checked in sorted_rows(recognise(feed, file)):
            pass

    our_intake(-1)
    pairs: dict[str, tuple[Callable[[int], object], Callable[[int], object]]] = {
        "read and check / DuckDB reads": (our_read, lambda _: duckdb.sql(query).to_arrow_table()),
        "whole intake / DuckDB to Parquet": (our_intake, bare_parquet),
    }
    table = Table("what", "ours, s", "bare, s", "ratio", title=f"{FEED} at {scale:.0%}, median of {ROUNDS}")
    for name, works in pairs.items():
        ours, bare = ([_seconds(work, number) for number in range(ROUNDS)] for work in works)
        ratio = statistics.median(one / other for one, other in zip(ours, bare, strict=True))
        table.add_row(name, f"{statistics.median(ours):.2f}", f"{statistics.median(bare):.2f}", f"{ratio:.1f}")
    return table


def _seconds(work: Callable[[int], object], number: int) -> float:
    started = time.perf_counter()
    work(number)
    return time.perf_counter() - started


def _runs(folder: Path, city: bool) -> Table:
    title = f"landing to published, median of {ROUNDS}"
    table = Table("share of the city", "months", "memory limit", "CPU, s", "wall, s", "peak, MB", title=title)
    for scale, months, limit in RUNS_OF_THE_CITY if city else RUNS:
        sent = folder / f"sent{scale}-{months}"
        if not sent.exists():
            _send(sent, [_month(number) for number in range(months)], scale)
        runs = [_run(folder / "home", sent, limit) for _ in range(ROUNDS)]
        table.add_row(f"{scale:.0%}", str(months), limit or "none", *_medians(runs))
    return table


def _peers(folder: Path, city: bool) -> Table:
    """A month of plain files, and the figures in which a script differs from the warehouse.

    A script joins by number alone. At the size of the city somebody without a card has a namesake with one, born on the
    same day in the same commune. Of them the warehouse says that nobody knows (decision 26).
    """
    scale = 1 if city else 0.1
    sent, home = folder / "sent", folder / "home"
    _send(sent, [MONTH], scale)
    costs: dict[str, list[Measured]] = {name: [] for name in ("warehouse", *PEERS)}
    for _ in range(ROUNDS):
        costs["warehouse"].append(_run(home, sent, None))
        ours = published.figures(home, MONTH)
        for name in PEERS:
            figures = folder / f"{name}.parquet"
            command = [sys.executable, "-m", "tests.peers", name, str(sent), MONTH.isoformat(), str(figures)]
            costs[name].append(measured(command, {}))
            apart = _apart(ours, pq.read_table(figures))
            console.print(f"{name}: {ours.num_rows:,} figures, apart: {', '.join(apart) or 'none'}")
    title = f"a month at {scale:.0%}, median of {ROUNDS}"
    table = Table("what", "CPU, s", "wall, s", "peak, MB", "the warehouse costs times", title=title)
    for name, runs in costs.items():
        pairs = zip(costs["warehouse"], runs, strict=True)
        table.add_row(name, *_medians(runs), f"{statistics.median(one.cpu / other.cpu for one, other in pairs):.1f}")
    return table


def _apart(ours: pa.Table, theirs: pa.Table) -> list[str]:
    """Figures in which two tables differ, in how many communes and by how much; one that is not there is a zero."""
    with duckdb.connect() as engine:
        engine.register("ours", ours)
        engine.register("theirs", theirs)
        rows = engine.execute(
            """
            select figure || ' in ' || count(*) || ' communes by '
                || sum(abs(coalesce(ours.value, 0) - coalesce(theirs.value, 0)))
            from ours full join theirs using (commune_code, figure)
            where coalesce(ours.value, 0) <> coalesce(theirs.value, 0) group by figure order by figure
            """
        ).fetchall()
    return [difference for (difference,) in rows]


def _months(folder: Path, city: bool) -> Table:
    """Months come one after the other, each with a run of its own."""
    scale, home = 0.1 if city else 0.01, folder / "home"
    title = f"the next month of a home at {scale:.0%}, once each"
    table = Table("month", "CPU, s", "wall, s", "peak, MB", "to the second month", title=title)
    second = None
    for number in range(max(TOLD_MONTHS)):
        sent = folder / "sent"
        _send(sent, [_month(number)], scale)
        shutil.copytree(sent, home / "landing", dirs_exist_ok=True)
        shutil.rmtree(sent)
        run = run_of(home)
        second = run if number == 1 else second
        if number + 1 in TOLD_MONTHS:
            ratio = f"{run.cpu / second.cpu:.2f}" if second else ""
            table.add_row(str(number + 1), *_medians([run]), ratio)
    return table


def _month(number: int) -> date:
    """Months from January 2026 on, under one standard for a year and under the next one after it."""
    return date(2026 + number // 12, number % 12 + 1, 1)


def _send(folder: Path, months: list[date], scale: float) -> None:
    console.print(f"Simulating {len(months)} month(s) at {scale:.0%} of the city ...")
    simulate(months, scale, 7, folder)


def _run(home: Path, sent: Path, limit: str | None) -> Measured:
    """A run of a fresh home."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(sent, home / "landing")
    return run_of(home, limit)


def _medians(runs: Sequence[Measured]) -> list[str]:
    return [f"{statistics.median(getattr(run, name) for run in runs):,.1f}" for name in ("cpu", "wall", "peak")]


if __name__ == "__main__":
    main()
