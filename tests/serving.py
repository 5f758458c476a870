"""A home served as `make ui` serves it, for the scripts that watch it at work. Not for tests: they have fixtures."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import dagster as dg

from orchestration import running
from orchestration.automation import BUSY
from sources.contracts.feeds import discover
from warehouse.build import plan
from warehouse.intake.deliveries import Intake, files_waiting
from warehouse.published import store
from warehouse.published.comparison import Difference, compare
from warehouse.zones.home import Home

CANTHO = Path(sys.executable).with_name("cantho")


class Served:
    """The UI, the daemon and the warm process of one home."""

    def __init__(self, home: Path) -> None:
        self.home = Home.open(home)
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        os.environ |= {"CANTHO_HOME": str(home), "CANTHO_UI_PORT": str(port), "DAGSTER_HOME": str(self.home.dagster)}

    def start(self, is_warm: bool = True) -> None:
        """Bring all up; returns at once, or when runs can be warm."""
        self.up = subprocess.Popen([sys.executable, "-m", "orchestration.ui"], stdout=subprocess.DEVNULL)
        while is_warm and not (self.home.dagster / "warm.sock").exists():
            time.sleep(0.2)

    def stop(self) -> None:
        """End as a person would, with Ctrl-C."""
        self.up.send_signal(signal.SIGINT)
        self.up.wait(120)

    def kill(self) -> int:
        """SIGKILL to every process that works in this home, the runs too; returns how many there were."""
        mark, killed = f"CANTHO_HOME={self.home.root}\0".encode(), 0
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if int(place.name) != os.getpid() and mark in (place / "environ").read_bytes():
                    os.kill(int(place.name), signal.SIGKILL)
                    killed += 1
        self.up.wait()
        return killed

    def deliver(self, feed: str, name: str, content: bytes) -> None:
        """Put a file into landing as departments do: written aside, then renamed."""
        beside = self.home.landing / feed / f".{name}"
        beside.write_bytes(content)
        beside.rename(beside.with_name(name))

    def is_quiet(self) -> bool:
        """Whether nothing waits, nothing runs, and all that was taken in is published."""
        if any(files_waiting(self.home, feed) for feed in discover().values()):
            return False
        with dg.DagsterInstance.get() as instance:
            is_busy = instance.get_runs(dg.RunsFilter(statuses=BUSY), limit=1)
            return not is_busy and not plan.next_build(self.home).needed


def wait_until(holds: Callable[[], bool], seconds: float) -> float:
    """Wait, and say how long it took; `TimeoutError` after these seconds."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"It did not come about in {seconds} seconds.")
        time.sleep(0.2)
    return time.monotonic() - began


def simulated(out: Path, months: str, scale: float) -> list[Path]:
    """Deliveries of a small city without faults, as paths below `out`, by month."""
    asked = ["--months", months, "--scale", str(scale), "--seed", "5", "--out", str(out)]
    subprocess.run([CANTHO, "simulate", *asked], check=True, stderr=subprocess.DEVNULL)
    return sorted((path.relative_to(out) for path in out.rglob("2*.*")), key=lambda path: (path.name[:7], str(path)))


def taken_in_one_by_one(home: Path, folder: Path, files: Iterable[Path]) -> Home:
    """A home that takes these deliveries in one after the other, and builds once."""
    other = Home.open(home)
    for file in files:
        (other.landing / file).write_bytes((folder / file).read_bytes())
        Intake.open(other).take_in(discover()[str(file.parent)])
    running.run(other)
    return other


def differing(one: Home, other: Home) -> list[Difference]:
    """Facts and marts in which the current versions of two homes differ."""
    found = compare(store.folder(one), store.folder(other))
    return [table for table in found if table.only_published or table.only_rebuilt]
