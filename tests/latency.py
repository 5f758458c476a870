"""Run by hand: how long it takes from a file's rename in landing to a flipped current.json, by stage.

    .venv/bin/python -m tests.latency HOME CITY_CSV [CITY_CSV ...] [--times 30] [--cold 3]

HOME is a built home whose UI is not running; it is served as `make ui` does, and gets new versions. Each CITY_CSV is a
household_review of one month for the city, the newest or one to correct, with the columns in the order of the
contract: a delivery is one commune of it, in another order of rows, in which every twentieth household has the answers
of another one, from score A on. Then the same for the first with the warm process out of the way: Dagster's own
launcher starts those runs. Not a test: machines differ; compare warm and cold in one session.
"""

import argparse
import csv
import io
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from tests.serving import Served

STAGES = ("seen", "started", "taken in", "built", "published")


def deliveries(city: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of one commune's reviews, over and over, never the same bytes."""
    header, *rows = csv.reader(io.StringIO(city.read_text(encoding="utf-8-sig")))
    at = next(position for position, text in enumerate(header) if text in ("Mã xã", "commune_code"))
    score = next(position for position, text in enumerate(header) if text in ("Điểm A (B1)", "score_a"))
    communes = defaultdict(list)
    for row in rows:
        communes[row[at]].append(row)
    found = sorted((code, mine) for code, mine in communes.items() if len(mine) > 4)
    while True:
        for code, mine in found:
            sent = [list(row) for row in random.sample(mine, len(mine))]
            for row in sent[::20]:
                row[score:] = random.choice(mine)[score:]
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerows([header, *sent])
            yield f"{city.stem[:7]}_{code}_{time.time_ns()}.csv", out.getvalue().encode()


def stages(instance: Any, renamed: float, published: float) -> dict[str, float]:
    """Seconds of each stage of the newest run."""
    (record,) = instance.get_run_records(limit=1)
    ended = {}
    for entry in instance.all_logs(record.dagster_run.run_id):
        event = entry.dagster_event
        if event and event.event_type_value in ("PIPELINE_START", "STEP_SUCCESS"):
            ended[(event.step_key or "start").split("__")[0]] = entry.timestamp
    marks = [renamed, record.create_timestamp.timestamp(), *(ended[step] for step in ("start", "raw", "dbt_models"))]
    return {name: end - begin for name, begin, end in zip(STAGES, marks, [*marks[1:], published], strict=True)}


def main() -> None:
    """Serve, deliver, and print median and 95th percentile by stage."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("cities", type=Path, nargs="+")
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--cold", type=int, default=3)
    asked = parser.parse_args()
    served = Served(asked.home)
    served.start()
    try:
        for city in asked.cities:
            table(f"{city.stem[:7]}, warm", _measure(served, city, asked.times))
        if asked.cold:
            socket = served.home.dagster / "warm.sock"
            socket.rename(socket.with_suffix(".aside"))
            table(f"{asked.cities[0].stem[:7]}, Dagster's launcher", _measure(served, asked.cities[0], asked.cold))
    finally:
        served.stop()


def table(title: str, measured: list[dict[str, float]]) -> None:
    """Print median and 95th percentile by stage, in seconds."""
    print(f"{title} ({len(measured)} times)")  # noqa: T201
    for one in measured:
        one["all"] = sum(one.values())
    for name in (*STAGES, "all"):
        each = sorted(one[name] for one in measured)
        high = each[min(len(each) - 1, round(0.95 * len(each)))]
        print(f"  {name:10} median {statistics.median(each):6.2f}  p95 {high:6.2f}", flush=True)  # noqa: T201


def _measure(served: Served, city: Path, times: int) -> list[dict[str, float]]:
    pointer = served.home.published / "current.json"
    measured = []
    with dg.DagsterInstance.get() as instance:
        # The first finds nothing in the caches of the machine and is not counted.
        for turn, (name, content) in zip(range(times + 1), deliveries(city), strict=False):
            before = pointer.read_text()
            served.deliver("labour/household_review", name, content)
            renamed = time.time()
            while pointer.read_text() == before:
                time.sleep(0.02)
            published = time.time()
            while not all(run.is_finished for run in instance.get_runs(limit=1)):
                time.sleep(0.1)
            if turn:
                measured.append(stages(instance, renamed, published))
    return measured


if __name__ == "__main__":
    main()
