"""Issuing the public files without a build: on a release day on which nothing is built, and by hand.

Plain functions over the live file, which holds what is current. Not here: the calendar (`issues`), and issues
that go out with a build (`writer.prepare`).
"""

from datetime import UTC, datetime

from warehouse.build import plan
from warehouse.published import issues, store, writer
from warehouse.zones.home import Home


class NotIssued(Exception):
    """What is current cannot be issued now; the message says why and what to do."""


def is_due(home: Home) -> bool:
    """Whether the calendar asks for an issue of what is current; a build that is needed brings its own."""
    if not store.current(home) or not _is_built(home):
        return False
    manifest = store.manifest(home)
    last = issues.carried_by(manifest)
    return issues.reason_now(last, last.code, manifest["deliveries"], datetime.now(UTC)) is not None


def issue(home: Home, reason: str | None = None) -> str:
    """Publish what is current as a version with public files of its own, and return its name. Raises `NotIssued`."""
    with home.writing():
        if not store.current(home):
            raise NotIssued("Nothing is published yet. Next: `cantho run`.")
        if not _is_built(home):
            raise NotIssued("Deliveries or code wait to be built. Next: `cantho run`, look at the figures, issue them.")
        work = plan.last(home)
        return writer.publish(home, work.deliveries, work.code, [], reason=reason)


def _is_built(home: Home) -> bool:
    """Whether the live file holds what the register counts."""
    return plan.last(home).finished and not plan.next_build(home).needed


def withdraw(home: Home, reason: str) -> str:
    """Put a notice in place of the last issue, whatever waits to be built, and return the name of the version."""
    with home.writing():
        if not store.current(home):
            raise NotIssued("Nothing is published yet, so nothing can be withdrawn.")
        return writer.withdraw(home, reason)
