"""What the arrivals sensor asks for, and how a run comes to a warm process or does without it."""

import contextlib
import multiprocessing
import os
import subprocess
import time
from collections.abc import Callable, Collection, Generator, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from dagster import DagsterEvent, DagsterEventType
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.test_utils import create_run_for_test

from orchestration import automation, running, warm
from orchestration.assets import WRITER
from orchestration.private import WorkerStatus
from warehouse.build import plan, project
from warehouse.build.plan import Build
from warehouse.zones.home import Home

FEED = "labour/commune_totals"


def _selection(tables: Collection[str]) -> list[dg.AssetKey]:
    return [*(dg.AssetKey(["raw", table]) for table in tables), dg.AssetKey("published_version")]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


@pytest.fixture
def tick(home: Home, monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[[], Any]]:
    """One tick of the sensor that looks once and does not wait."""
    monkeypatch.setattr(automation, "TICK_SECONDS", 0)
    monkeypatch.setattr(automation, "LOOK_SECONDS", 0)
    sensor = automation.arrivals(home, _selection)
    with dg.DagsterInstance.ephemeral() as instance:
        yield lambda: sensor(dg.build_sensor_context(instance))


def test_a_tick_without_files_says_so(tick: Callable[[], Any]) -> None:
    assert "Nothing waits" in tick().skip_message


def test_files_that_are_being_written_and_manifests_are_no_arrivals(home: Home, tick: Callable[[], Any]) -> None:
    for name in ("2026-10.csv.part", ".2026-10.csv", "2026-10.csv.manifest.json"):
        (home.landing / FEED / name).write_text("commune_code")

    assert isinstance(tick(), dg.SkipReason)


def test_a_burst_of_files_is_one_run_of_their_feeds_and_seen_twice_it_is_the_same(
    home: Home, tick: Callable[[], Any]
) -> None:
    (home.landing / FEED / "2026-10.csv").write_text("commune_code")
    for code in ("31120", "31135"):
        (home.landing / "labour/poverty_list" / f"2026-10_{code}.csv").write_text("a")

    asked, again = tick(), tick()

    raw = [dg.AssetKey(["raw", table]) for table in ("labour__commune_totals", "labour__poverty_list")]
    assert sorted(asked.asset_selection) == sorted([*raw, dg.AssetKey("published_version")])
    assert [key.asset_key for key in asked.asset_check_keys] == raw
    assert asked.tags["files"] == "3"
    assert asked.run_key == again.run_key


def test_a_burst_is_waited_out(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def another_file(_: float) -> None:
        files = list((home.landing / FEED).iterdir())
        if len(files) < 4:
            (home.landing / FEED / f"2026-10_{len(files)}.csv").write_text("a")

    (home.landing / FEED / "2026-10.csv").write_text("a")
    monkeypatch.setattr(automation, "time", SimpleNamespace(sleep=another_file, monotonic=time.monotonic))
    with dg.DagsterInstance.ephemeral() as instance:
        asked = automation.arrivals(home, _selection)(dg.build_sensor_context(instance))

    assert isinstance(asked, dg.RunRequest)
    assert asked.tags["files"] == "4"


def test_files_wait_while_a_run_is_under_way(
    home: Home, tick: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home.landing / FEED / "2026-10.csv").write_text("a")
    monkeypatch.setattr(automation, "_is_busy", lambda _: True)

    assert "wait for the run that is under way" in tick().skip_message


def test_files_of_a_run_that_was_killed_are_asked_for_again_and_of_one_that_failed_are_not(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automation, "LOOK_SECONDS", 0)
    (home.landing / FEED / "2026-10.csv").write_text("a")
    sensor = automation.arrivals(home, _selection)
    in_a_query = RuntimeError("Query interrupted")
    in_a_query.__cause__ = DagsterExecutionInterruptedError()
    with dg.DagsterInstance.ephemeral() as instance:
        first = _asked(sensor, instance)
        instance.report_run_failed(_run(instance))
        killed = _asked(sensor, instance)
        stopped = []
        for error in (DagsterExecutionInterruptedError(), in_a_query):
            _break_off(instance, error)
            stopped.append(_asked(sensor, instance))
        ended_by_somebody = _run(instance, _break_off(instance, in_a_query))
        instance.report_run_canceled(ended_by_somebody)
        meant = _asked(sensor, instance)
        _break_off(instance, ValueError("as it would again"))
        failed = _asked(sensor, instance)

    assert len({first, killed, *stopped}) == 4
    assert meant == failed == first


def test_a_run_that_is_killed_each_time_is_not_asked_for_for_ever(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automation, "LOOK_SECONDS", 0)
    (home.landing / FEED / "2026-10.csv").write_text("a")
    sensor = automation.arrivals(home, _selection)
    with dg.DagsterInstance.ephemeral() as instance:
        asked = [_asked(sensor, instance)]
        for _ in range(automation.KILLED_IN_A_ROW + 1):
            instance.report_run_failed(_run(instance))
            asked.append(_asked(sensor, instance))

    assert len(set(asked)) == automation.KILLED_IN_A_ROW
    assert asked[-1] == asked[-2] == asked[0]


def _run(instance: dg.DagsterInstance, events: Sequence[dg.DagsterEvent] = ()) -> dg.DagsterRun:
    """A run under way in which this happened."""
    run = create_run_for_test(instance, job_name="deliveries", status=dg.DagsterRunStatus.STARTED)
    for event in events:
        instance.report_dagster_event(event, run.run_id)
    return run


def _break_off(instance: dg.DagsterInstance, error: BaseException) -> list[dg.DagsterEvent]:
    """Run a step that raises; gives what Dagster says of the step."""

    @dg.op
    def breaks() -> None:
        raise error

    @dg.job(name="deliveries")
    def job() -> None:
        breaks()

    with contextlib.suppress(BaseException):
        job.execute_in_process(instance=instance, raise_on_error=False)
    (run,) = instance.get_runs(limit=1)
    said = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    return [entry.get_dagster_event() for entry in said]


def _asked(sensor: dg.SensorDefinition, instance: dg.DagsterInstance) -> str | None:
    request = sensor(dg.build_sensor_context(instance))
    assert isinstance(request, dg.RunRequest)
    return request.run_key


def test_what_was_taken_in_and_not_built_is_built_when_nothing_waits(
    tick: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    owed = Build(["a-delivery"], "code", [date(2026, 10, 1)])
    monkeypatch.setattr(plan, "next_build", lambda _: owed)

    asked = tick()

    assert asked.asset_selection == [dg.AssetKey("published_version")]


def test_what_a_run_leaves_unbuilt_is_asked_for_as_soon_as_it_has_ended(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a feed had everything refused, what was sent beside it waited for another half a minute."""
    slept: list[float] = []
    owed, nothing = Build(["a-delivery"], "code", [date(2026, 10, 1)]), Build([], "code", [])
    monkeypatch.setattr(automation, "TICK_SECONDS", 1)
    monkeypatch.setattr(automation, "time", SimpleNamespace(sleep=slept.append, monotonic=time.monotonic))
    monkeypatch.setattr(automation, "_is_busy", lambda _: len(slept) < 2)
    monkeypatch.setattr(plan, "next_build", lambda _: owed if len(slept) >= 2 else nothing)
    with dg.DagsterInstance.ephemeral() as instance:
        asked = automation.arrivals(home, _selection)(dg.build_sensor_context(instance))

    assert isinstance(asked, dg.RunRequest)
    assert len(slept) < 5


@pytest.mark.parametrize(("process", "began_before", "status"), [
    ("own", 0, WorkerStatus.RUNNING), ("own", 10**9, WorkerStatus.FAILED), ("ended", 0, WorkerStatus.FAILED),
])  # fmt: skip
def test_a_run_whose_process_is_gone_has_failed(
    process: str, began_before: int, status: WorkerStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    number = {"own": os.getpid(), "ended": ended.pid}[process]
    record = SimpleNamespace(start_time=time.time() - began_before)
    monkeypatch.setattr(
        warm.WarmRunLauncher, "_instance", SimpleNamespace(get_run_record_by_id=lambda _: record), raising=False
    )
    run: Any = SimpleNamespace(run_id="run", tags={warm.PROCESS: str(number)})

    assert warm.WarmRunLauncher().check_run_worker_health(run).status == status


def test_a_run_that_was_killed_or_kept_its_place_when_it_ended_holds_up_no_later_one(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*project.environment(home), "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
    ended = subprocess.Popen(["true"])
    ended.wait()
    running.prepare_instance(home)
    with dg.DagsterInstance.get() as instance:
        runs = [create_run_for_test(instance, tags={warm.PROCESS: str(one)}) for one in (ended.pid, os.getpid())]
        storage = instance.event_log_storage
        for run in runs:
            started = DagsterEvent(DagsterEventType.PIPELINE_START.value, run.job_name)
            instance.report_dagster_event(started, run.run_id)
            storage.claim_concurrency_slot(WRITER, run.run_id, "dbt_models")
        # A full disk takes no note of what a run gives back.
        failed = create_run_for_test(instance, status=dg.DagsterRunStatus.FAILURE)
        for kept in (failed.run_id, "a run nobody knows"):
            storage.claim_concurrency_slot(WRITER, kept, "dbt_models")

        running.end_killed(instance)

        held = storage.get_concurrency_info(WRITER)
        assert held.active_run_ids | held.pending_run_ids == {runs[1].run_id}
        ended_badly = instance.get_run_ids(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
        assert {*ended_badly} == {runs[0].run_id, failed.run_id}


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[tuple[Path, Path, Any]]:
    """A warm process that has loaded nothing: its folder, the code it watches, and itself."""
    code = tmp_path / "code"
    code.mkdir()
    for name in ("module.py", "model.sql"):
        (code / name).write_text("")
    monkeypatch.setattr(warm, "CODE", (code,))
    process = multiprocessing.get_context("fork").Process(target=warm.serve, args=(tmp_path, lambda: None))
    process.start()
    _until((tmp_path / warm.SOCKET).exists)
    yield tmp_path, code, process
    process.kill()
    process.join()


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("It did not come about.")


def test_a_run_is_a_child_of_the_warm_process_and_can_be_ended(served: tuple[Path, Path, Any]) -> None:
    folder, _, process = served

    answer = warm.ask(folder, {"launch": "run", "arguments": ["--version"]}) or {}
    _until(lambda: warm.ask(folder, {"end": "run"}) == {"found": False})

    assert answer["process"] not in (process.pid, os.getpid())
    assert warm.ask(folder, {"end": "another"}) == {"found": False}


def test_only_its_owner_can_ask_the_warm_process(served: tuple[Path, Path, Any]) -> None:
    assert (served[0] / warm.SOCKET).stat().st_mode & 0o777 == 0o600


def _rewrite(module: Path) -> None:
    module.write_text("changed = True")


def _put_back(module: Path) -> None:
    """As a deployment does that keeps the times of the files it copies."""
    os.utime(module, (0, 0))


@pytest.mark.parametrize("change", [_rewrite, _put_back, Path.unlink])
def test_a_change_of_code_ends_the_warm_process(served: tuple[Path, Path, Any], change: Callable[[Path], None]) -> None:
    folder, code, process = served

    change(code / "module.py")
    process.join(10)

    assert process.exitcode == 0
    assert not (folder / warm.SOCKET).exists()


def test_without_a_warm_process_a_run_starts_as_dagster_starts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold: list[str] = []
    monkeypatch.setattr(dg.DefaultRunLauncher, "launch_run", lambda _, context: cold.append(context.dagster_run.run_id))
    launcher = warm.WarmRunLauncher()
    monkeypatch.setattr(warm.WarmRunLauncher, "_folder", tmp_path)
    monkeypatch.setattr(warm, "execute_arguments", lambda *_: ["api", "execute_run", "{}"])

    launcher.launch_run(SimpleNamespace(dagster_run=SimpleNamespace(run_id="run"), job_code_origin=None))

    assert cold == ["run"]
