"""A run of the warehouse as its user meets it: processor time, wall time and peak memory over all of its processes."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# So often memory is looked at, in seconds.
EVERY = 0.05


@dataclass(frozen=True)
class Measured:
    """Seconds and megabytes; `peak` is the largest sum of the resident memory of a command and its descendants.

    Pages that processes share are counted in each of them.
    """

    cpu: float
    wall: float
    peak: float


def measured(command: Sequence[str], environment: dict[str, str]) -> Measured:
    """Run a command to its end; `CalledProcessError` when it fails."""
    before, began, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), 0.0
    with subprocess.Popen(
        command, env=os.environ | environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as run:
        while run.poll() is None:
            peak = max(peak, sum(map(_resident, _family(run.pid))))
            time.sleep(EVERY)
    if run.returncode:
        raise subprocess.CalledProcessError(run.returncode, command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(cpu, time.monotonic() - began, peak / 1e6)


def run_of(home: Path, memory_limit: str | None = None) -> Measured:
    """`cantho run` in a home in which deliveries wait."""
    limit = {"CANTHO_MEMORY_LIMIT": memory_limit} if memory_limit else {}
    return measured([str(Path(sys.executable).with_name("cantho")), "run", "--home", str(home)], limit)


def _family(process: int) -> Iterator[int]:
    yield process
    try:
        threads = [*Path(f"/proc/{process}/task").iterdir()]
        children = {int(child) for thread in threads for child in (thread / "children").read_text().split()}
    except OSError:
        return
    for child in children:
        yield from _family(child)


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0
