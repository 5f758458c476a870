"""Web server, daemon and warm process together: from a file's arrival to a published figure, and what the UI obeys.

Each test leaves a home that the others can use. What a browser shows of it is looked at by people.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from pipeline.conftest import SIMULATED, Warehouse

from warehouse.build.incremental import build_months
from warehouse.published import store
from warehouse.zones.home import Home
from warehouse.zones.register import REFUSED, Register

# What a person would give up on; the machines that run the tests are shared.
PATIENCE_SECONDS = 300
# Stands for the address of the page itself, whose port is found at run time.
OWN = "own"


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


@dataclass(frozen=True)
class Served(Warehouse):
    """A home whose UI is up, as `make ui` brings it up."""

    port: int

    def status(self, method: str, path: str, **headers: str) -> int:
        """How a request is answered; underscores of a header's name stand for hyphens."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"content-type": "application/json"} | {name.replace("_", "-"): said for name, said in headers.items()}
        line.request(method, path, '{"query": "{version}"}' if method == "POST" else None, sent)
        return line.getresponse().status

    def graphql(self, query: str, **variables: object) -> Any:
        """What Dagster answers to the UI's own page."""
        own = f"http://127.0.0.1:{self.port}"
        headers = {"content-type": "application/json", "origin": own, "sec-fetch-site": "same-origin"}
        body = json.dumps({"query": query, "variables": variables}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{own}/graphql", body, headers), timeout=60) as answer:
            return json.load(answer)["data"]


@pytest.fixture(scope="module")
def unattended(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    home, port = tmp_path_factory.mktemp("unattended") / "home", _free_port()
    shutil.copytree(warehouse.home, home)
    served = Served(home, warehouse.truth, port)
    # A home that was moved is built from scratch first.
    assert served.cantho("run").returncode == 0
    environment = os.environ | {"CANTHO_HOME": str(home), "CANTHO_UI_PORT": str(port)}
    up = subprocess.Popen([sys.executable, "-m", "orchestration.ui"], env=environment, start_new_session=True)
    try:
        _until(lambda: _answers(port) and (home / "dagster/warm.sock").exists())
        yield served
    finally:
        # As a service is stopped; Ctrl-C takes the same way.
        up.send_signal(signal.SIGTERM)
        # The daemon ends with its tick, and the code server waits for what it was asked.
        up.wait(150)


def _arrive(at: Warehouse, path: str, content: bytes) -> None:
    beside = at.home / "landing" / f"{path}.part"
    beside.write_bytes(content)
    beside.rename(beside.with_suffix(""))


SYNCED = """
query($month: String!) {
  assetNodeOrError(assetKey: {path: ["figures_of_month"]}) { ... on AssetNode { staleStatus(partition: $month) } }
}"""


def test_what_arrives_is_published_by_a_warm_run_whatever_is_refused_beside_it(
    unattended: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.open(unattended.home)
    before = set(store.manifest(home)["deliveries"])
    assert unattended.cantho("simulate", *SIMULATED, "--seed", "12", "--out", str(tmp_path)).returncode == 0
    totals, loans = (
        next((tmp_path / feed).glob("2026-10*")) for feed in ("labour/commune_totals", "policy_bank/loans")
    )

    _arrive(unattended, "labour/commune_totals/2026-10_rong.csv", b"")
    _until(lambda: len(list((unattended.home / "quarantine").rglob("*.age"))) == 1)
    _arrive(unattended, f"labour/commune_totals/2026-10_sua{totals.suffix}", totals.read_bytes())
    _arrive(unattended, f"policy_bank/loans/2026-10_sua{loans.suffix}", loans.read_bytes())
    _until(lambda: len(store.manifest(home)["deliveries"]) == len(before) + 2)

    monkeypatch.setenv("DAGSTER_HOME", str(unattended.home / "dagster"))
    with dg.DagsterInstance.get() as instance:
        _until(lambda: all(run.is_finished for run in instance.get_runs()))
        by_the_sensor = instance.get_runs(dg.RunsFilter(tags={"dagster/sensor_name": "landing_arrivals"}))
        told = [entry.message for run in by_the_sensor for entry in instance.all_logs(run.run_id)]
    assert {run.status for run in by_the_sensor} == {dg.DagsterRunStatus.SUCCESS}
    assert {run.tags.get("month/2026-10") for run in by_the_sensor} == {"accepted", "refused"}
    assert sum("Warm run in process" in (message or "") for message in told) == len(by_the_sensor) >= 2
    (refused,) = Register.open(home).entries("file = '2026-10_rong.csv'")
    assert refused.status == REFUSED
    assert {one.split("-")[0] for one in set(store.manifest(home)["deliveries"]) - before} == {
        "labour__commune_totals", "policy_bank__loans",
    }  # fmt: skip
    assert not any(refused.delivery_id in version["deliveries"] for version in store.versions(home))
    assert not list(home.root.glob(f"lake/**/*{refused.delivery_id.split('-')[-1]}*"))
    # A file of one month says nothing about another.
    assert unattended.graphql(SYNCED, month="2026-09")["assetNodeOrError"] == {"staleStatus": "FRESH"}


def test_the_sensor_builds_what_was_accepted_beside_a_feed_that_had_everything_refused(
    unattended: Served, tmp_path: Path
) -> None:
    home = Home.open(unattended.home)
    before = set(store.manifest(home)["deliveries"])
    assert unattended.cantho("simulate", *SIMULATED, "--seed", "13", "--out", str(tmp_path)).returncode == 0
    loans = next((tmp_path / "policy_bank/loans").glob("2026-10*"))

    _arrive(unattended, "labour/commune_totals/2026-10_trong.csv", b"")
    _arrive(unattended, f"policy_bank/loans/2026-10_lai{loans.suffix}", loans.read_bytes())
    _until(lambda: set(store.manifest(home)["deliveries"]) > before)

    (refused,) = Register.open(home).entries("file = '2026-10_trong.csv'")
    assert refused.status == REFUSED
    assert {one.split("-")[0] for one in set(store.manifest(home)["deliveries"]) - before} == {"policy_bank__loans"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/asset-groups", {}, 200),
        ("POST", "/graphql", {"origin": OWN}, 200),
        ("GET", "/runs", {"sec_fetch_site": "cross-site", "sec_fetch_dest": "document"}, 200),
        ("GET", "/pages/", {}, 200),
        ("GET", "/pages/docs/deliveries.md", {}, 200),
        ("GET", "/pages/contracts/labour/commune_totals", {}, 200),
        ("GET", "/pages/v00001/restricted.html", {}, 404),
        ("GET", "/pages/docs/../pyproject.toml", {}, 404),
        ("POST", "/graphql", {"origin": "http://evil.example"}, 403),
        ("POST", "/graphql", {"origin": "null"}, 403),
        ("POST", "/graphql", {"sec_fetch_site": "same-site"}, 403),
        ("GET", "/graphql?query=%7Bversion%7D", {"referer": "http://evil.example/"}, 405),
        ("GET", "/asset-groups", {"origin": "http://evil.example"}, 403),
        ("GET", "/asset-groups", {"sec_fetch_site": "cross-site", "sec_fetch_dest": "iframe"}, 403),
        ("GET", "/logs/run.out", {"sec_fetch_site": "cross-site", "sec_fetch_dest": "script"}, 403),
        ("GET", "/asset-groups", {"host": "evil.example"}, 421),
        ("POST", "/graphql", {"host": "evil.example:3000"}, 421),
        ("POST", "/report_asset_materialization/published_version", {"origin": OWN}, 403),
        ("POST", "/report_asset_check/raw/labour__commune_totals", {}, 403),
        ("POST", "/report_asset_observation/published_version", {}, 403),
        ("POST", "/%72eport_asset_check/raw/labour__commune_totals", {}, 403),
    ],
)
def test_the_ui_obeys_its_own_page_alone(
    unattended: Served, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    own = {name: said.replace(OWN, f"http://127.0.0.1:{unattended.port}") for name, said in headers.items()}

    assert unattended.status(method, path, **own) == status


LAUNCH = """
mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) { ... on LaunchBackfillSuccess { backfillId } }
}"""
STATE = """
query($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"""
FIGURES = """
query($months: [String!]!) {
  assetNodeOrError(assetKey: {path: ["figures_of_month"]}) {
    ... on AssetNode {
      latestMaterializationByPartition(partitions: $months) { partition runId metadataEntries { label } }
    }
  }
}"""
MARTS = """
{
  assetNodes(group: {groupName: "marts", repositoryName: "__repository__",
                     repositoryLocationName: "orchestration.definitions"}) {
    owners { ... on TeamAssetOwner { team } }
    assetMaterializations(limit: 1) { metadataEntries { label ... on IntMetadataEntry { intValue } } }
    assetChecksOrError { ... on AssetChecks { checks { name description } } }
  }
}"""


def test_months_chosen_in_the_ui_are_built_again_in_one_run_and_keep_their_figures(unattended: Served) -> None:
    months = ["2026-09", "2026-10"]
    before = unattended.version.name
    chosen = {"assetSelection": [{"path": ["figures_of_month"]}], "partitionNames": months}

    started = unattended.graphql(LAUNCH, params=chosen)["launchPartitionBackfill"]["backfillId"]
    _until(lambda: unattended.graphql(STATE, id=started)["partitionBackfillOrError"]["status"] == "COMPLETED_SUCCESS")

    noted = unattended.graphql(FIGURES, months=months)["assetNodeOrError"]["latestMaterializationByPartition"]
    labels = [{entry["label"] for entry in one["metadataEntries"]} for one in noted]
    assert unattended.version.name > before
    assert len({one["runId"] for one in noted}) == 1
    assert all({"basis", "poor_rate_pct", "reviewed_households", "communes", "report"} <= said for said in labels)


def test_marts_say_who_owns_them_and_how_many_rows_they_have(unattended: Served) -> None:
    marts = unattended.graphql(MARTS)["assetNodes"]

    counts = [
        entry["intValue"]
        for mart in marts
        for entry in mart["assetMaterializations"][0]["metadataEntries"]
        if entry["label"] == "dagster/row_count"
    ]
    # Eight of them are views.
    assert len(counts) == len(marts) - 8 > 20
    assert all(counts)
    assert all(mart["owners"] == [{"team": "data engineers"}] for mart in marts)


def test_checks_say_what_is_promised_where_and_what_to_do(unattended: Served) -> None:
    marts = unattended.graphql(MARTS)["assetNodes"]

    said = {one["name"]: one["description"] for mart in marts for one in mart["assetChecksOrError"]["checks"]}
    assert len(said) > 20
    assert all("Next: dbt_project/" in text for text in said.values())
    adds_up = said["areas_of_every_level_add_up_to_the_city"]
    assert adds_up.startswith("Areas of every level add up to the city. ")
    assert "dbt_project/tests/areas_of_every_level_add_up_to_the_city.sql" in adds_up


def test_building_a_month_again_adds_no_row(unattended: Served) -> None:
    home = Home.open(unattended.home)

    with home.writing():
        once, again = (
            {node.unique_id: node.rows for node in build_months(home, [date(2026, 10, 1)])} for _ in range(2)
        )

    assert once == again
