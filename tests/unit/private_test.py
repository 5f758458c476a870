"""What the warehouse uses of Dagster beside its promises behaves as the warehouse relies on."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from orchestration import private

ROOT = Path(__file__).parents[2]


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return dg.DagsterInstance.get()


def test_a_run_is_executed_by_the_command_that_dagster_gives(instance: dg.DagsterInstance) -> None:
    origin = dg.reconstructable(_job).get_python_origin()
    context = SimpleNamespace(job_code_origin=origin, dagster_run=SimpleNamespace(run_id="a-run"))

    launcher = instance.run_launcher

    assert isinstance(launcher, dg.DefaultRunLauncher)
    api, execute, told = private.execute_arguments(context, launcher)
    assert (api, execute) == ("api", "execute_run")
    assert "a-run" in told


def test_the_web_application_answers_over_the_definitions_of_a_module(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "served_definitions.py").write_text("import dagster\n\ndefs = dagster.Definitions()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "method": "GET", "path": "/server_info", "raw_path": b"/server_info", "query_string": b"",
        "root_path": "", "headers": [(b"host", b"localhost")], "http_version": "1.1", "scheme": "http",
        "server": ("localhost", 80), "client": ("localhost", 1),
    }  # fmt: skip
    with private.web_application(instance, "served_definitions") as application:
        asyncio.run(application(scope, receive, send))

    assert sent[0]["status"] == 200
    assert "dagster_version" in json.loads(sent[1]["body"])


def test_a_health_check_says_that_a_run_failed_and_why() -> None:
    health = private.CheckRunHealthResult(private.WorkerStatus.FAILED, "Its process is gone.")

    assert (health.status, health.msg) == (private.WorkerStatus.FAILED, "Its process is gone.")


def test_events_lie_where_dagster_keeps_them_and_each_file_has_one_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    usual = dg.DagsterInstance.get()
    _job.execute_in_process(instance=usual)
    (tmp_path / "dagster.yaml").write_text((ROOT / "orchestration/dagster.yaml").read_text())
    ours = dg.DagsterInstance.get()

    second = _job.execute_in_process(instance=ours).run_id

    assert isinstance(ours.event_log_storage, private.EventLog)
    for instance in (usual, ours):
        runs = {run.run_id: len(instance.all_logs(run.run_id)) for run in instance.get_runs()}
        assert len(runs) == 2
        assert len(set(runs.values())) == 1
    engines = set()
    for _ in range(2):
        with ours.event_log_storage.run_connection(second) as connection:
            engines.add(connection.engine)
    assert len(engines) == 1


@dg.job
def _job() -> None: ...
