"""Deliveries read in processes of their own, with limits on time and memory: no file harms the one that takes it in.

Whatever a file does to its reader becomes a refusal of that file; a reader that is killed is replaced for the next. Not
here: how a format is read (`table`) or a row is checked (`rows`).
"""

import atexit
import contextlib
import functools
import os
import queue
import re
import resource
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.contracts.feeds import FOLDER
from sources.contracts.refusal import BrokenPromise
from sources.reading.delivery import Delivery
from sources.reading.rows import CheckedRows, check
from sources.reading.table import PLACE, ROW_NUMBER, TextTable, read_table

# A file has these seconds, and one more for so many bytes: ten times what the slowest format takes on two old cores.
SECONDS, BYTES_A_SECOND = 60, 250_000
# What one step may use, unless the environment says otherwise; the readers share it. A month of cards of the whole city
# takes five gigabytes as CSV.
MEMORY_LIMIT = "8GB"
# While one reads ahead, the process that takes in judges and writes: more of them made a month no faster on two cores.
READERS = 1
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}

# The text table without its cells, which nobody needs once the rows are checked.
Read = tuple[TextTable, CheckedRows]


@dataclass(frozen=True)
class _Failure:
    """What a reader raised that is no refusal: the name of the error and where, never its message."""

    error: str
    out_of_memory: bool = False


def read_delivery(delivery: Delivery) -> Read:
    """A delivery read and checked in this process; `BrokenPromise` when it cannot be."""
    table = read_table(delivery)
    return replace(table, cells=table.cells.schema.empty_table()), check(delivery, table)


def read_set_apart(delivery: Delivery) -> Read:
    """As `read_delivery`, with the cells of the rows that were set apart, as they were sent."""
    table = read_table(delivery)
    checked = check(delivery, table)
    rejected = set(_places(checked.rejected))
    kept = pa.array([place in rejected for place in _places(table.cells)], pa.bool_())
    return replace(table, cells=table.cells.filter(kept)), checked


def _places(rows: pa.Table) -> Iterable[tuple[int, str]]:
    return zip(rows[ROW_NUMBER].to_pylist(), rows[PLACE].to_pylist(), strict=True)


class Readers:
    """Processes that read deliveries, started when first needed.

    `memory` is what each may use, in bytes, `seconds` how long a file of no size may take, `read` what a process does
    with a delivery (named by its module, where the process finds it).
    """

    def __init__(
        self,
        readers: int = READERS,
        memory: int | None = None,
        seconds: float = SECONDS,
        read: Callable[[Delivery], Read] = read_delivery,
    ) -> None:
        self._memory = memory or memory_limit() // readers
        self._seconds, self._call = seconds, read
        self._asked: queue.SimpleQueue[tuple[Future[Read], Delivery] | None] = queue.SimpleQueue()
        self._ahead: dict[Path, Future[Read]] = {}
        self._processes = [_Process(self._memory) for _ in range(readers)]
        for process in self._processes:
            # Nobody waits at the end for what a reader may still be reading.
            threading.Thread(target=self._serve, args=(process,), daemon=True).start()

    def begin(self, deliveries: Iterable[Delivery]) -> None:
        """Begin to read what will be asked for next, in this order, and nothing else that was begun."""
        for begun in self._ahead.values():
            begun.cancel()
        self._ahead = {delivery.path: self._ask(delivery) for delivery in deliveries}

    def read(self, delivery: Delivery) -> Read:
        """The delivery's rows. Whatever its file does to a reader is a `BrokenPromise`; `FileNotFoundError` passes."""
        return (self._ahead.pop(delivery.path, None) or self._ask(delivery)).result()

    def close(self) -> None:
        """End the processes; what they read is lost."""
        self.begin(())
        for process in self._processes:
            self._asked.put(None)
            process.end()

    def _ask(self, delivery: Delivery) -> Future[Read]:
        future: Future[Read] = Future()
        self._asked.put((future, delivery))
        return future

    def _serve(self, process: "_Process") -> None:
        """Have one process read what is asked for, until there is no more."""
        while asked := self._asked.get():
            future, delivery = asked
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(self._read(process, delivery))
                except BaseException as error:  # noqa: BLE001  it is raised where the answer is asked for
                    future.set_exception(error)

    def _read(self, process: "_Process", delivery: Delivery) -> Read:
        seconds = self._seconds + delivery.path.stat().st_size / BYTES_A_SECOND
        try:
            answer = process.ask(self._call, delivery, seconds)
        except _Ended as ended:
            refused = functools.partial(delivery.feed.broken, delivery.file, "the file")
            if ended.code == -signal.SIGALRM:
                raise refused("took_too_long", limit=round(seconds)) from None
            raise refused("took_too_much", limit=self._memory // 2**20) from None
        if isinstance(answer, _Failure) and answer.out_of_memory:
            raise delivery.feed.broken(delivery.file, "the file", "took_too_much", limit=self._memory // 2**20)
        if isinstance(answer, _Failure):
            raise delivery.feed.broken(delivery.file, "the file", "reader_failed", error=answer.error)
        if isinstance(answer, BaseException):
            raise answer
        return answer


@functools.cache
def _of_process(_: int) -> Readers:
    readers = Readers()
    atexit.register(readers.close)
    return readers


def readers() -> Readers:
    """The readers of this process; one that was forked has its own."""
    return _of_process(os.getpid())


def memory_limit() -> int:
    """How much memory a step may take, in bytes, as CANTHO_MEMORY_LIMIT says; `ValueError` where that is no size."""
    match = re.fullmatch(
        r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+|%)\s*", os.environ.get("CANTHO_MEMORY_LIMIT") or MEMORY_LIMIT
    )
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    unit = (_UNITS | {"%": machine / 100}).get(match[2].upper()) if match else None
    if match is None or unit is None:
        raise ValueError("CANTHO_MEMORY_LIMIT must be a number and a unit, such as 8GB or 50%.")
    return int(float(match[1]) * unit)


class _Ended(Exception):
    """A reader's process ended instead of answering; `code` is its return code, or the signal below zero."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Process:
    """One reader, started anew for the first delivery after it ended."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._started: tuple[subprocess.Popen[bytes], Connection] | None = None

    def ask(self, call: Callable[[Delivery], Read], delivery: Delivery, seconds: float) -> Any:
        """What the call answers, or the error it raised; `_Ended` when the process did not live to answer."""
        process, connection = self._started = self._started or self._start()
        try:
            connection.send((call, delivery, seconds))
            answer = connection.recv()
        except (EOFError, OSError):
            connection.close()
            self._started = None
            raise _Ended(process.wait()) from None
        if isinstance(answer, _Failure) and answer.out_of_memory:
            self.end()
        return answer

    def end(self) -> None:
        if self._started:
            process, connection = self._started
            self._started = None
            connection.close()
            process.kill()
            process.wait()

    def _start(self) -> tuple[subprocess.Popen[bytes], Connection]:
        ours, theirs = Pipe()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", f"from {__name__} import serve; serve({theirs.fileno()}, {self._memory})"],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # A library that breaks down may print what it met.
                stderr=subprocess.DEVNULL,
            )
        return process, ours


def serve(descriptor: int, memory: int) -> None:
    """Answer what is asked through a pipe, until its other end closes: what a reader's process does."""
    connection = Connection(descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(EOFError):
        while True:
            call, delivery, seconds = connection.recv()
            # The system ends a process that does not answer in time, in whichever library it is.
            signal.setitimer(signal.ITIMER_REAL, seconds)
            answer = _answer(call, delivery)
            signal.setitimer(signal.ITIMER_REAL, 0)
            connection.send(answer)


def _answer(call: Callable[[Delivery], Read], delivery: Delivery) -> Read | BaseException | _Failure:
    try:
        return call(delivery)
    except (BrokenPromise, FileNotFoundError) as error:
        return error
    except MemoryError:
        return _Failure("MemoryError", out_of_memory=True)
    except BaseException as error:  # noqa: BLE001  libraries of other languages raise beside `Exception`, too
        place = next((frame for frame in reversed(traceback.extract_tb(error.__traceback__)) if _is_ours(frame)), None)
        return _Failure(
            f"{type(error).__name__} in {Path(place.filename).stem}:{place.lineno}" if place else "an error"
        )


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return Path(frame.filename).is_relative_to(FOLDER)
