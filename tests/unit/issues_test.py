"""The release calendar: when the public files change."""

from dataclasses import replace
from datetime import datetime

import pytest

from warehouse.published import issues
from warehouse.published.issues import Issue

LAST = Issue("v00001", "2026-11-08T03:00:00+00:00", "first version", "code", ["a"])


def _reason(
    now: str, last: Issue | None = LAST, code: str = "code", deliveries: tuple[str, ...] = ("a", "b")
) -> str | None:
    return issues.reason_now(last, code, list(deliveries), datetime.fromisoformat(now))


@pytest.mark.parametrize(
    ("issued", "now", "is_due"),
    [
        ("2026-11-08T03:00:00+00:00", "2026-11-30T03:00:00+00:00", False),
        # Can Tho is seven hours ahead: its sixth begins on the fifth at 17:00.
        ("2026-11-08T03:00:00+00:00", "2026-12-05T16:59:59+00:00", False),
        ("2026-11-08T03:00:00+00:00", "2026-12-05T17:00:00+00:00", True),
        ("2026-12-05T16:59:59+00:00", "2026-12-05T17:00:00+00:00", True),
        ("2026-12-05T17:00:00+00:00", "2026-12-31T17:00:00+00:00", False),
        ("2026-12-05T17:00:00+00:00", "2027-01-05T16:59:59+00:00", False),
        ("2026-12-05T17:00:00+00:00", "2027-01-05T17:00:00+00:00", True),
        ("2026-11-08T03:00:00+00:00", "2027-06-01T00:00:00+00:00", True),
    ],
)
def test_the_first_version_from_the_sixth_on_issues_the_public_files(issued: str, now: str, is_due: bool) -> None:
    reason = _reason(now, replace(LAST, issued_at=issued))

    assert reason == (issues.BY_CALENDAR if is_due else None)


def test_the_first_version_and_new_code_issue_them_at_once() -> None:
    assert _reason("2026-11-09T03:00:00+00:00", last=None) == issues.FIRST
    assert _reason("2026-11-09T03:00:00+00:00", code="other") == issues.NEW_CODE


def test_what_rests_on_the_same_deliveries_is_not_issued_again() -> None:
    assert _reason("2026-12-07T03:00:00+00:00", deliveries=("a",)) is None


def test_a_notice_stands_until_somebody_issues_figures() -> None:
    withdrawn = replace(LAST, withdraws="v00001")

    assert _reason("2026-12-07T03:00:00+00:00", withdrawn) is None
    assert _reason("2026-12-07T03:00:00+00:00", withdrawn, code="other") is None
