"""Fixtures for all tests: files of a feed in a folder of their own, and a key that is no secret."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from sources.contracts.feeds import discover
from sources.reading.delivery import Delivery, recognise
from warehouse.zones.keyring import Keyring

# Machines that run the tests are shared: how long an example takes says nothing about it.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")


@pytest.fixture
def deliver(tmp_path: Path) -> Callable[[str, str, bytes | str], Delivery]:
    """Write a file for a feed and recognise it as a delivery."""

    def write(feed_id: str, name: str, content: bytes | str) -> Delivery:
        path = tmp_path / feed_id / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return recognise(discover()[feed_id], path)

    return write


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring(bytes(range(32)))
