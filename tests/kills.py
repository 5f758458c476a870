"""Run by hand: deliveries arrive while the daemon, its runs and all beside them are killed at random.

    .venv/bin/python -m tests.kills [--deliveries 100] [--kills 10] [--scale 0.004] [--seed 1]

Simulated deliveries of two months come one after the other into a served home that has published a month before. At
random moments every process of that home gets SIGKILL, and the UI is started again. In the end each delivery must have
been accepted exactly once, and the figures must be those of a home that took the same deliveries in one by one.
"""

import argparse
import random
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.serving import Served, differing, simulated, taken_in_one_by_one, wait_until
from warehouse.published import store
from warehouse.zones.register import ACCEPTED, Register


def main() -> None:
    """Deliver, kill, wait for the end, compare, and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--deliveries", type=int, default=100)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--scale", type=float, default=0.004)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder) / "sent"
        files = simulated(sent, "2026-09:2026-11", asked.scale)
        before = [path for path in files if path.name.startswith("2026-09")]
        later = [path for path in files if path not in before]
        later = sorted(chance.sample(later, asked.deliveries), key=lambda path: (path.name[:7], chance.random()))
        base = taken_in_one_by_one(Path(folder) / "base", sent, before).root
        shutil.copytree(base, Path(folder) / "home")
        served = Served(Path(folder) / "home")
        _deliver(served, sent, later, chance, asked.kills)
        rest = wait_until(served.is_quiet, 1800)
        served.stop()
        entries = Register.open(served.home).entries()
        times = Counter(Path(entry.feed) / entry.file for entry in entries if entry.status == ACCEPTED)
        odd = [path for path in later if times[path] != 1]
        print(f"All was published {rest:.0f} s after the last delivery.")  # noqa: T201
        print(f"Sent {len(before) + len(later)}, accepted {times.total()}, refused {len(entries) - times.total()}, ")  # noqa: T201
        print(f"in the version {len(store.manifest(served.home)['deliveries'])}, not exactly once {len(odd)}.")  # noqa: T201
        other = taken_in_one_by_one(base, sent, later)
        print(f"Tables that differ from a home that took them in one by one: {differing(served.home, other)}")  # noqa: T201


def _deliver(served: Served, sent: Path, files: list[Path], chance: random.Random, kills: int) -> None:
    killed_after = set(chance.sample(range(len(files)), kills))
    served.start(is_warm=False)
    for turn, path in enumerate(files):
        served.deliver(str(path.parent), path.name, (sent / path).read_bytes())
        time.sleep(chance.uniform(0, 4))
        if turn in killed_after:
            time.sleep(chance.uniform(0, 20))
            print(f"After delivery {turn + 1}: killed {served.kill()} processes.", flush=True)  # noqa: T201
            served.start(is_warm=False)


if __name__ == "__main__":
    main()
