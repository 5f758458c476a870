"""Run by hand: all 103 communes and three city feeds send within a minute, into a home that is served.

    .venv/bin/python -m tests.storm [--times 3] [--scale 0.004]

Each time a fresh copy of a home that has published one month gets the lists of the next month of every commune and the
city's totals, cards and loans, evenly over fifty seconds. Printed: runs, seconds from the last file to the last
figure, steps that wrote at the same time, deliveries lost, and how the figures differ from a home that took the same
deliveries in one by one.
"""

import argparse
import itertools
import shutil
import tempfile
import time
from pathlib import Path

import dagster as dg

from tests.serving import Served, differing, simulated, taken_in_one_by_one, wait_until
from warehouse.published import store
from warehouse.zones.home import Home

FEEDS = ("labour/poverty_list", "labour/commune_totals", "health_insurance/cards", "policy_bank/loans")
SECONDS = 50


def main() -> None:
    """Storm, wait for the end, compare, and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--scale", type=float, default=0.004)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder) / "sent"
        files = simulated(sent, "2026-09:2026-10", asked.scale)
        before = [path for path in files if path.name.startswith("2026-09")]
        storm = [path for path in files if path not in before and str(path.parent) in FEEDS]
        base = taken_in_one_by_one(Path(folder) / "base", sent, before).root
        homes = [Path(folder) / f"home{turn}" for turn in range(asked.times)]
        for home in homes:
            shutil.copytree(base, home)
        alone = taken_in_one_by_one(base, sent, storm)
        for home in homes:
            _weather(home, sent, storm, alone)


def _weather(home: Path, sent: Path, storm: list[Path], alone: Home) -> None:
    served = Served(home)
    served.start()
    for path in storm:
        served.deliver(str(path.parent), path.name, (sent / path).read_bytes())
        time.sleep(SECONDS / len(storm))
    seconds = wait_until(served.is_quiet, 900)
    runs, clashes = _runs()
    served.stop()
    missing = set(store.manifest(alone)["deliveries"]).symmetric_difference(store.manifest(served.home)["deliveries"])
    print(  # noqa: T201
        f"{len(storm)} files: {runs} runs, {seconds:.0f} s from the last file to the last figure, {clashes} steps "
        f"that wrote at the same time, {len(missing)} lost or twice, differing: {differing(served.home, alone)}",
        flush=True,
    )


def _runs() -> tuple[int, int]:
    """How many runs there were, and how many pairs of their steps overlapped. Every step of them writes."""
    steps = []
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs(dg.RunsFilter(job_name="deliveries", tags={"dagster/sensor_name": "landing_arrivals"}))
        for run in runs:
            steps += [(one.start_time, one.end_time) for one in instance.get_run_step_stats(run.run_id)]
    told = sorted((begin, end) for begin, end in steps if begin and end)
    return len(runs), sum(later[0] < earlier[1] for earlier, later in itertools.pairwise(told))


if __name__ == "__main__":
    main()
