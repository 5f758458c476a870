"""Run by hand: how long it takes from a file's rename in landing to a flipped current.json, by stage.

    .venv/bin/python -m tests.latency HOME CITY_CSV [--times 30] [--cold]

HOME is a built home whose UI is not running; it is copied, and the copy served as `make ui` does. CITY_CSV is a
household_review of its newest month for the city: each delivery is one commune of it, in another order of rows, so that
it changes nothing but bytes. `--cold` leaves the warm process out: Dagster's own launcher starts the runs. Not a test:
machines differ; compare warm and cold in one session.
"""

import argparse
import csv
import io
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STAGES = ("seen", "started", "taken in", "built", "published")


def deliveries(city: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of one commune's reviews, over and over."""
    header, *rows = csv.reader(io.StringIO(city.read_text(encoding="utf-8-sig")))
    at = next(position for position, text in enumerate(header) if text in ("Mã xã", "commune_code"))
    communes = defaultdict(list)
    for row in rows:
        communes[row[at]].append(row)
    found = sorted((code, mine) for code, mine in communes.items() if len(mine) > 4)
    turn = 0
    while True:
        turn += 1
        for code, mine in found:
            by, turned = turn % len(mine), mine[::-1]
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerows([header, *turned[by:], *turned[:by]])
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
    parser.add_argument("city", type=Path)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--cold", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.home.parent) as folder:
        home = Path(folder) / "home"
        shutil.copytree(asked.home, home, ignore=shutil.ignore_patterns("*.sock"))
        os.environ |= {"CANTHO_HOME": str(home), "CANTHO_UI_PORT": "3999", "DAGSTER_HOME": str(home / "dagster")}
        up = subprocess.Popen([sys.executable, "-m", "orchestration.ui"], stdout=subprocess.DEVNULL)
        try:
            measured = _measure(home, asked.city, asked.times, asked.cold)
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(60)
    total = sorted(sum(one.values()) for one in measured)
    for name in STAGES:
        each = sorted(one[name] for one in measured)
        print(f"{name:10} median {statistics.median(each):6.2f}  p95 {_p95(each):6.2f}")  # noqa: T201
    print(f"{'all':10} median {statistics.median(total):6.2f}  p95 {_p95(total):6.2f}  of {len(total)}")  # noqa: T201


def _p95(ordered: list[float]) -> float:
    return ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]


def _measure(home: Path, city: Path, times: int, cold: bool) -> list[dict[str, float]]:
    import dagster as dg

    socket, pointer = home / "dagster" / "warm.sock", home / "published" / "current.json"
    while not socket.exists():
        time.sleep(0.2)
    if cold:
        socket.rename(socket.with_suffix(".aside"))
    measured = []
    with dg.DagsterInstance.get() as instance:
        # The first finds nothing in the caches of the machine and is not counted.
        for turn, (name, content) in zip(range(times + 1), deliveries(city), strict=False):
            before = pointer.read_text()
            beside = home / "landing/labour/household_review" / f".{name}"
            beside.write_bytes(content)
            beside.rename(beside.with_name(name))
            renamed = time.time()
            while pointer.read_text() == before:
                time.sleep(0.02)
            published = time.time()
            while not all(run.is_finished for run in instance.get_runs(limit=1)):
                time.sleep(0.1)
            if turn:
                measured.append(stages(instance, renamed, published))
                print(turn, {name: round(seconds, 2) for name, seconds in measured[-1].items()}, flush=True)  # noqa: T201
    return measured


if __name__ == "__main__":
    main()
