"""From a file's arrival to a published figure with nobody at the keys: web server, daemon and warm process together."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator
from pathlib import Path

import dagster as dg
import pytest
from pipeline.conftest import SIMULATED, Warehouse

# What a person would give up on; the machines that run the tests are shared.
PATIENCE_SECONDS = 300


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "It did not come about."
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _answers(port: int) -> bool:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5).status == 200
    except OSError:
        return False


@pytest.fixture
def unattended(warehouse: Warehouse, copy_of: Callable[[Warehouse], Warehouse]) -> Generator[Warehouse]:
    """A home whose UI is up, as `make ui` brings it up."""
    copied, port = copy_of(warehouse), _free_port()
    # A home that was moved is built from scratch first.
    assert copied.cantho("run").returncode == 0
    environment = os.environ | {"CANTHO_HOME": str(copied.home), "CANTHO_UI_PORT": str(port)}
    up = subprocess.Popen([sys.executable, "-m", "orchestration.ui"], env=environment, start_new_session=True)
    try:
        _until(lambda: _answers(port) and (copied.home / "dagster/warm.sock").exists())
        yield copied
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(60)


def _arrive(at: Warehouse, path: str, content: bytes) -> None:
    beside = at.home / "landing" / f"{path}.part"
    beside.write_bytes(content)
    beside.rename(beside.with_suffix(""))


def test_what_arrives_is_published_by_a_warm_run_whatever_is_refused_beside_it(
    unattended: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = unattended.version.name
    assert unattended.cantho("simulate", *SIMULATED, "--seed", "12", "--out", str(tmp_path)).returncode == 0
    totals = next((tmp_path / "labour/commune_totals").glob("2026-10*"))

    _arrive(unattended, "labour/commune_totals/2026-10_rong.csv", b"")
    _until(lambda: len(list((unattended.home / "quarantine").rglob("*.age"))) == 1)
    _arrive(unattended, f"labour/commune_totals/2026-10_sua{totals.suffix}", totals.read_bytes())
    _until(lambda: unattended.version.name != before)

    manifest = json.loads((unattended.version / "manifest.json").read_text())
    monkeypatch.setenv("DAGSTER_HOME", str(unattended.home / "dagster"))
    with dg.DagsterInstance.get() as instance:
        _until(lambda: all(run.is_finished for run in instance.get_runs()))
        by_the_sensor = instance.get_runs(dg.RunsFilter(tags={"dagster/sensor_name": "landing_arrivals"}))
        told = [entry.message for run in by_the_sensor for entry in instance.all_logs(run.run_id)]
    assert [run.status for run in by_the_sensor] == [dg.DagsterRunStatus.SUCCESS] * 2
    assert sum("Warm run in process" in (message or "") for message in told) == 2
    assert sum(name.startswith("labour__commune_totals-2026-10-city") for name in manifest["deliveries"]) == 2
