"""Readers that raise, hang, eat memory or break down, by what is refused then; sound files are read."""

import ctypes
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.contracts.feeds import Feed
from sources.reading.delivery import Delivery, recognise

SOUND: Any = "read"


def recognised(feed: Feed, path: Path) -> Delivery:
    return recognise(feed, path)


def name_of_process(_: Delivery) -> Any:
    yield os.getpid()


def _harmed(harm: Callable[[], object], delivery: Delivery) -> Any:
    if "harmful" in delivery.file:
        harm()
    yield SOUND


def raising(delivery: Delivery) -> Any:
    return _harmed(lambda: {}["NGUYEN CANARY"], delivery)


def panicking(delivery: Delivery) -> Any:
    """As libraries in Rust do: their errors are no `Exception`."""

    def panic() -> None:
        raise type("PanicException", (BaseException,), {})("NGUYEN CANARY")

    return _harmed(panic, delivery)


def leaving(delivery: Delivery) -> Any:
    return _harmed(lambda: os._exit(3), delivery)


def hanging(delivery: Delivery) -> Any:
    return _harmed(lambda: time.sleep(3600), delivery)


def turning(delivery: Delivery) -> Any:
    """Busy in a library that never looks up."""
    return _harmed(lambda: ctypes.CDLL(None).pause(), delivery)


def eating(delivery: Delivery) -> Any:
    return _harmed(lambda: [bytearray(10_000_000) for _ in range(10_000)], delivery)


def eating_in_arrow(delivery: Delivery) -> Any:
    return _harmed(lambda: pa.allocate_buffer(10**12), delivery)


def breaking_down(delivery: Delivery) -> Any:
    return _harmed(lambda: ctypes.string_at(0), delivery)


KINDS: dict[str, tuple[Callable[[Delivery], Any], str]] = {
    "raises": (raising, "reader_failed"),
    "panics": (panicking, "reader_failed"),
    "leaves": (leaving, "took_too_much"),
    "hangs": (hanging, "took_too_long"),
    "hangs in a library": (turning, "took_too_long"),
    "eats memory": (eating, "took_too_much"),
    "eats memory in a library": (eating_in_arrow, "took_too_much"),
    "breaks down": (breaking_down, "took_too_much"),
}
