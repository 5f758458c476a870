"""Which runs start at once and which are queued."""

from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.run_coordinator import SubmitRunContext
from dagster._core.test_utils import create_run_for_test, instance_for_test

QUEUED, STARTING = dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING
ORIGIN = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("here"), "repository"), "deliveries")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    overrides = {
        "run_coordinator": {"module": "orchestration.coordinator", "class": "PromptRunCoordinator"},
        "run_launcher": {"module": "dagster._core.test_utils", "class": "MockedRunLauncher"},
    }
    with instance_for_test(overrides=overrides) as found:
        yield found


def existing(instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> dg.DagsterRun:
    return create_run_for_test(instance, status=status, remote_job_origin=ORIGIN)


def submitted(instance: dg.DagsterInstance, status: dg.DagsterRunStatus = dg.DagsterRunStatus.NOT_STARTED) -> str:
    """The id of a run that was handed to the coordinator."""
    run = existing(instance, status)
    instance.run_coordinator.submit_run(SubmitRunContext(run, workspace=None))
    return run.run_id


def test_a_run_that_is_alone_starts_at_once(instance: dg.DagsterInstance) -> None:
    run = submitted(instance)
    assert [one.run_id for one in instance.run_launcher.queue()] == [run]
    assert instance.get_run_by_id(run).status == STARTING


@pytest.mark.parametrize(
    "status", [QUEUED, STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING], ids=lambda one: one.value
)
def test_a_run_waits_for_one_before_it(instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> None:
    existing(instance, status)
    run = submitted(instance)
    assert instance.run_launcher.queue() == []
    assert instance.get_run_by_id(run).status == QUEUED


def test_a_run_does_not_wait_for_one_that_has_ended(instance: dg.DagsterInstance) -> None:
    existing(instance, dg.DagsterRunStatus.FAILURE)
    existing(instance, dg.DagsterRunStatus.SUCCESS)
    assert instance.run_launcher.queue() == []
    assert instance.get_run_by_id(submitted(instance)).status == STARTING


def test_a_run_is_not_launched_twice(instance: dg.DagsterInstance) -> None:
    submitted(instance, dg.DagsterRunStatus.FAILURE)
    assert instance.run_launcher.queue() == []
