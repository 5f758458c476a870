"""Deliveries read in a process of its own, with limits on time and memory: no file harms the one that takes it in.

Whatever a file does to its reader becomes a refusal of that file; a reader that is killed is replaced for the next.
While one table is judged and written, the next is read: more readers made a month no faster on two cores. Not here: how
a format is read (`table`) or a row is checked (`rows`).
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
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sources.contracts.feeds import FOLDER
from sources.contracts.refusal import BrokenPromise
from sources.reading.delivery import Delivery
from sources.reading.rows import COMMUNE, CheckedRows, sorted_rows
from sources.reading.table import PIECE_ROWS, PLACE, ROW_NUMBER, TextTable

# A file has these seconds, and one more for so many bytes: ten times what the slowest format takes on two old cores.
SECONDS, BYTES_A_SECOND = 60, 250_000
# What one step may use, unless the environment says otherwise.
MEMORY_LIMIT = "8GB"
# The system's own allocator gives back what is not used any more; others keep it, and reserve more than is used.
ALLOCATOR = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1"}
# A reader that holds more after a file, in bytes, is replaced for the next.
GROWN = 250 * 2**20
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}

# A table without its cells, which nobody needs once the rows are checked, and its rows.
Read = tuple[TextTable, CheckedRows]


@dataclass(frozen=True)
class _Failure:
    """What a reader raised that is no refusal: the name of the error and where, never its message."""

    error: str
    out_of_memory: bool = False


def read_delivery(delivery: Delivery) -> Iterator[Read]:
    """A delivery read and checked in this process, table by table; `BrokenPromise` when it cannot be."""
    for table, checked in sorted_rows(delivery):
        yield replace(table, cells=table.cells.schema.empty_table()), checked


def read_set_apart(delivery: Delivery) -> Iterator[Read]:
    """As `read_delivery`, with the cells of the rows that were set apart, as they were sent.

    Where a household falls with its head, the head's row stands beside them: sent without it, they would fall again.
    """
    for table, checked in sorted_rows(delivery):
        rejected = set(_places(checked.rejected))
        is_rejected = [place in rejected for place in _places(table.cells)]
        # In a commune's own file a row may name another commune by mistake.
        household = [name for name in delivery.feed.falls_with_head if name != COMMUNE or not delivery.commune]
        if household:
            rows = list(zip(*(table.cells[name].to_pylist() for name in household), strict=True))
            broken = {row for row, is_apart in zip(rows, is_rejected, strict=True) if is_apart}
            heads = set(_places(checked.accepted.filter(pc.equal(checked.accepted["relation"], "head"))))
            is_rejected = [
                is_apart or (row in broken and place in heads)
                for is_apart, row, place in zip(is_rejected, rows, _places(table.cells), strict=True)
            ]
        yield replace(table, cells=table.cells.filter(pa.array(is_rejected, pa.bool_()))), checked


def _places(rows: pa.Table) -> Iterable[tuple[int, str]]:
    return zip(rows[ROW_NUMBER].to_pylist(), rows[PLACE].to_pylist(), strict=True)


@dataclass(eq=False)
class _Reading:
    """A delivery that is being read, or will be."""

    delivery: Delivery
    is_wanted: bool = True


class _Waiting:
    """Tables that were read and wait to be taken, in their order: no more rows than are held in memory at once."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._answers: deque[tuple[_Reading, Any, int]] = deque()
        self._rows = 0

    def give(self, reading: _Reading, answer: Any) -> bool:
        """Wait until there is room for an answer; False where nobody wants it any more."""
        rows = answer[1].total if isinstance(answer, tuple) else 0
        with self._changed:
            self._changed.wait_for(lambda: not reading.is_wanted or not self._rows or self._rows + rows <= PIECE_ROWS)
            if reading.is_wanted:
                self._answers.append((reading, answer, rows))
                self._rows += rows
                self._changed.notify_all()
            return reading.is_wanted

    def take(self, reading: _Reading) -> Any:
        """The next answer of a delivery; those before it were of others, which nobody wants any more."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._answers)
                of, answer, rows = self._answers.popleft()
                self._rows -= rows
                self._changed.notify_all()
            if of is reading:
                return answer

    def give_up(self, readings: Iterable[_Reading]) -> None:
        with self._changed:
            for reading in readings:
                reading.is_wanted = False
            self._changed.notify_all()


class Readers:
    """A process that reads deliveries, started when first needed, and another after it when it ended.

    `memory` is what it may use, in bytes, `seconds` how long a file of no size may take, `read` what it does with a
    delivery (named by its module, where the process finds it).
    """

    def __init__(
        self,
        memory: int | None = None,
        seconds: float = SECONDS,
        read: Callable[[Delivery], Iterator[Any]] = read_delivery,
    ) -> None:
        self._memory = memory or memory_limit()
        self._seconds, self._call = seconds, read
        self._asked: queue.SimpleQueue[_Reading | None] = queue.SimpleQueue()
        self._ahead: dict[Path, _Reading] = {}
        self._waiting = _Waiting()
        self._process = _Process(self._memory)
        # Nobody waits at the end for what may still be read.
        threading.Thread(target=self._serve, daemon=True).start()

    def begin(self, deliveries: Iterable[Delivery]) -> None:
        """Begin to read what will be asked for next, in this order, and nothing else that was begun."""
        self._waiting.give_up(self._ahead.values())
        self._ahead = {delivery.path: self._ask(delivery) for delivery in deliveries}

    def read(self, delivery: Delivery) -> Iterator[Any]:
        """The delivery's tables. Whatever its file does to a reader is a `BrokenPromise`; `FileNotFoundError` passes.

        What was begun before it and not asked for is given up. While a table is worked on, the next one is read.
        """
        while self._ahead and next(iter(self._ahead)) != delivery.path:
            self._waiting.give_up([self._ahead.pop(next(iter(self._ahead)))])
        reading = self._ahead.pop(delivery.path, None) or self._ask(delivery)
        try:
            while (answer := self._waiting.take(reading)) is not None:
                if isinstance(answer, BaseException):
                    raise answer
                yield answer
        finally:
            self._waiting.give_up([reading])

    def close(self) -> None:
        """End the process; what it reads is lost."""
        self.begin(())
        self._asked.put(None)
        self._process.end()

    def _ask(self, delivery: Delivery) -> _Reading:
        reading = _Reading(delivery)
        self._asked.put(reading)
        return reading

    def _serve(self) -> None:
        """Have the process read what is asked for, until there is no more."""
        while reading := self._asked.get():
            if not reading.is_wanted:
                continue
            try:
                for answer in self._read(self._process, reading.delivery):
                    if not self._waiting.give(reading, answer):
                        # It is in the middle of a file.
                        self._process.end()
                        break
                else:
                    self._waiting.give(reading, None)
            except BaseException as error:  # noqa: BLE001  it is raised where the answer is asked for
                self._waiting.give(reading, error)

    def _read(self, process: "_Process", delivery: Delivery) -> Iterator[Any]:
        seconds = self._seconds + delivery.path.stat().st_size / BYTES_A_SECOND
        refused = functools.partial(delivery.feed.broken, delivery.file, "the file")
        try:
            for answer in process.ask(self._call, delivery, seconds):
                if isinstance(answer, _Failure) and answer.out_of_memory:
                    raise refused("took_too_much", limit=self._memory // 2**20)
                if isinstance(answer, _Failure):
                    raise refused("reader_failed", error=answer.error)
                if isinstance(answer, BaseException):
                    raise answer
                yield answer
        except _Ended as ended:
            if ended.code == -signal.SIGALRM:
                raise refused("took_too_long", limit=round(seconds)) from None
            raise refused("took_too_much", limit=self._memory // 2**20) from None


@functools.cache
def _of_process(_: int) -> Readers:
    readers = Readers()
    atexit.register(readers.close)
    return readers


def readers() -> Readers:
    """The readers of this process; one that was forked has its own."""
    return _of_process(os.getpid())


def memory_limit() -> int:
    """Bytes that one step may use (`CANTHO_MEMORY_LIMIT`); `ValueError` where the environment states none."""
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

    def ask(self, call: Callable[[Delivery], Iterator[Any]], delivery: Delivery, seconds: float) -> Iterator[Any]:
        """What the call answers, and the error it raised; `_Ended` when the process did not live to the end.

        A process that has grown is ended after it: it would keep what it no longer needs.
        """
        process, connection = self._started = self._started or self._start()
        try:
            connection.send((call, delivery, seconds))
            while (answer := connection.recv()) is not None:
                if isinstance(answer, _Failure) and answer.out_of_memory:
                    self.end()
                yield answer
                if isinstance(answer, _Failure | BaseException):
                    return
        except (EOFError, OSError):
            connection.close()
            self._started = None
            raise _Ended(process.wait()) from None
        if _held(process.pid) > GROWN:
            self.end()

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
                env={**os.environ, **ALLOCATOR, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
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
            for answer in _answers(call, delivery):
                # Who waits for the next answer may take his time.
                left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
                connection.send(answer)
                signal.setitimer(signal.ITIMER_REAL, left)
            signal.setitimer(signal.ITIMER_REAL, 0)


def _answers(call: Callable[[Delivery], Iterator[Any]], delivery: Delivery) -> Iterator[Any]:
    """What is sent of a delivery: its tables and None, or an error as the last."""
    try:
        yield from call(delivery)
        yield None
    except (BrokenPromise, FileNotFoundError) as error:
        yield error
    except MemoryError:
        yield _Failure("MemoryError", out_of_memory=True)
    except BaseException as error:  # noqa: BLE001  libraries of other languages raise beside `Exception`, too
        place = next((frame for frame in reversed(traceback.extract_tb(error.__traceback__)) if _is_ours(frame)), None)
        yield _Failure(f"{type(error).__name__} in {Path(place.filename).stem}:{place.lineno}" if place else "an error")


def _held(process: int) -> int:
    """Bytes of memory that a process holds; none where it has ended."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()
    return 0


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return Path(frame.filename).is_relative_to(FOLDER)
