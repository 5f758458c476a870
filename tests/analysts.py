"""Run by hand: analysts query in loops while deliveries are taken in and versions published.

    .venv/bin/python -m tests.analysts HOME CITY_CSV [--analysts 8] [--versions 10]

HOME is a built home that nothing serves; it gets new versions. CITY_CSV is a household_review of one month for the
city: each version takes in one commune of it. Each analyst is a process that opens the current version, asks every
question about communes several times on one connection, and only then moves on. Printed: errors, answers of a version
that differ from each other, sessions that outlived their version's being current, and median and 95th percentile of
the questions, alone and while the pipeline works.
"""

import argparse
import hashlib
import itertools
import json
import statistics
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass
from multiprocessing import Process, Queue, Value
from pathlib import Path
from typing import Any

import duckdb

from tests.examples import CANTHO, examples
from tests.latency import deliveries
from warehouse.published import store
from warehouse.zones.home import Home

ROUNDS = 3


@dataclass(frozen=True)
class Answer:
    """One answer: when it came, after how long, and a hash of its rows; or the kind of error."""

    version: str
    question: str
    at: float
    seconds: float
    rows: str
    error: str = ""
    has_moved_on: bool = False


def questions() -> dict[tuple[str, int], str]:
    """The book's questions about communes, by database and number."""
    return {(e.database, e.number): e.query for e in examples() if "commune" in e.query and e.database != "across"}


def analyst(home: Home, asks: dict[tuple[str, int], str], stop: Any, answers: Any) -> None:
    """Ask until told to stop; a version is opened by its folder and kept for some rounds."""
    while not stop.value:
        version = str(store.current(home))
        opened = {}
        for _, ((database, number), query) in itertools.product(range(ROUNDS), asks.items()):
            began = time.perf_counter()
            try:
                if database not in opened:
                    path = store.folder(home, version) / f"{database}.duckdb"
                    opened[database] = duckdb.connect(str(path), read_only=True)
                rows = opened[database].execute(query).fetchall()
            except Exception as error:  # noqa: BLE001 - any of them is a finding
                answers.put(Answer(version, f"{database} {number}", time.time(), 0, "", type(error).__name__))
                continue
            seconds = time.perf_counter() - began
            digest = hashlib.sha256(repr(rows).encode()).hexdigest()
            moved = store.current(home) != version
            answers.put(Answer(version, f"{database} {number}", time.time(), seconds, digest, has_moved_on=moved))
        for connection in opened.values():
            connection.close()
    answers.put(None)


def main() -> None:
    """Let them ask, publish meanwhile, and print what they met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("city", type=Path)
    parser.add_argument("--analysts", type=int, default=8)
    parser.add_argument("--versions", type=int, default=10)
    parser.add_argument("--alone", type=float, default=20, help="seconds before the first version")
    asked = parser.parse_args()
    home, answers, stop = Home.open(asked.home), Queue(), Value("b", False)
    people = [Process(target=analyst, args=(home, questions(), stop, answers)) for _ in range(asked.analysts)]
    for one in people:
        one.start()
    time.sleep(asked.alone)
    began, first = time.time(), store.current(home)
    for _, (name, content) in zip(range(asked.versions), deliveries(asked.city), strict=False):
        (home.landing / "labour" / "household_review" / name).write_bytes(content)
        done = subprocess.run([CANTHO, "run", "--home", home.root], capture_output=True, check=False)
        print(f"{store.current(home)}: exit {done.returncode}", flush=True)  # noqa: T201
    ended = time.time()
    with stop.get_lock():
        stop.value = True
    found, left = [], len(people)
    while left:
        answer = answers.get()
        found, left = (found, left - 1) if answer is None else ([*found, answer], left)
    for one in people:
        one.join()
    said = defaultdict(set)
    for one in found:
        said[(one.version, one.question)].add(one.rows)
    mixed = [key for key, rows in said.items() if len(rows) > 1]
    print(  # noqa: T201
        f"{len(found)} answers to {len(questions())} questions in {ended - began:.0f} s, from "
        f"{len({one.version for one in found})} versions since {first}; errors {json.dumps(_errors(found))}; "
        f"questions of a version with more than one answer: {len(mixed)}; "
        f"answers of a version that was no longer current: {sum(one.has_moved_on for one in found)}"
    )
    for title, some in (
        ("alone", [one.seconds for one in found if one.at < began]),
        ("while versions were published", [one.seconds for one in found if began <= one.at <= ended]),
    ):
        each = sorted(some)
        high = each[round(0.95 * (len(each) - 1))]
        print(f"{title}: median {1000 * statistics.median(each):.0f} ms, p95 {1000 * high:.0f} ms")  # noqa: T201


def _errors(found: list[Answer]) -> dict[str, int]:
    kinds = [one.error for one in found if one.error]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


if __name__ == "__main__":
    main()
