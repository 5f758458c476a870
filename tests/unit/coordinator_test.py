"""Which runs start at once and which are queued."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_origin import GrpcServerCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.run_coordinator import SubmitRunContext
from dagster._core.test_utils import create_run_for_test, instance_for_test

HERE: Any = GrpcServerCodeLocationOrigin
ORIGIN = RemoteJobOrigin(RemoteRepositoryOrigin(HERE("localhost", 1), "repository"), "deliveries")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    overrides = {
        "run_coordinator": {"module": "orchestration.coordinator", "class": "PromptRunCoordinator"},
        "run_launcher": {"module": "dagster._core.test_utils", "class": "MockedRunLauncher"},
    }
    with instance_for_test(overrides=overrides) as found:
        yield found


def submit(instance: dg.DagsterInstance, status: str = "NOT_STARTED") -> tuple[str, list[bool]]:
    """Hand a run to the coordinator; the status it has then, and of each run that was launched whether it is it."""
    workspace: Any = None
    run = existing(instance, status)
    submitted = instance.run_coordinator.submit_run(SubmitRunContext(run, workspace))
    launcher: Any = instance.run_launcher
    return submitted.status.value, [one.run_id == run.run_id for one in launcher.queue()]


def existing(instance: dg.DagsterInstance, status: str) -> dg.DagsterRun:
    return create_run_for_test(instance, status=dg.DagsterRunStatus(status), remote_job_origin=ORIGIN)


def test_a_run_that_is_alone_starts_at_once(instance: dg.DagsterInstance) -> None:
    assert submit(instance) == ("STARTING", [True])


@pytest.mark.parametrize("status", ["QUEUED", "STARTING", "STARTED", "CANCELING"])
def test_a_run_waits_for_one_before_it(instance: dg.DagsterInstance, status: str) -> None:
    existing(instance, status)
    assert submit(instance) == ("QUEUED", [])


def test_a_run_does_not_wait_for_one_that_has_ended(instance: dg.DagsterInstance) -> None:
    for status in ("SUCCESS", "FAILURE", "CANCELED"):
        existing(instance, status)
    assert submit(instance) == ("STARTING", [True])


def test_a_run_is_not_launched_twice(instance: dg.DagsterInstance) -> None:
    assert submit(instance, "FAILURE") == ("FAILURE", [])
