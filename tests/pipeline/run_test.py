"""What a run leaves alone, keeps out and never tells."""

import io
import json
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
import xlsxwriter
from pipeline.conftest import Warehouse

from warehouse.published import store
from warehouse.zones import sealed
from warehouse.zones.home import Home
from warehouse.zones.keyring import Keyring

CANARY_NAME, CANARY_NUMBER, CANARY_BIRTH = "Nguyễn Thị Hoàng Yến Canary", "097190123456", date(1990, 11, 17)
TOTALS_HEADER = "commune_code,households,persons\n"
CARDS_HEADER = "card_number,personal_id,full_name,birth_date,sex,commune_code,valid_from,valid_to\n"
LOANS_HEADER = (
    "report_date,contract_no,customer_code,customer_name,bank_place_code,programme_code,loan_date,annual_rate_pct,"
    "disbursed_vnd,in_term_vnd,overdue_vnd,frozen_vnd\n"
)


def test_a_second_run_changes_nothing_and_says_so(warehouse: Warehouse) -> None:
    before = warehouse.version

    ran = warehouse.cantho("run")

    assert ran.returncode == 0
    assert f"Nothing new: {before.name} stands." in ran.stdout
    assert warehouse.version == before


def _cards(month: str, rows: int, *more: str) -> str:
    lines = [
        f"GD479709{month[-2:]}{n:05d},09709{n:07d},Trần Văn {n},01/01/1990,1,31120,01/01/2026,31/12/2026"
        for n in range(rows)
    ]
    return CARDS_HEADER + "\n".join([*lines, *more]) + "\n"


def _locked_workbook() -> bytes:
    # The signature of the container that Excel puts an encrypted workbook into.
    return bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 1000


BAD = {
    "unreadable": ("labour/commune_totals", "2026-11_a.xlsx", b"PK\x03\x04", "it cannot be read"),
    "locked": ("labour/commune_totals", "2026-11_b.xlsx", _locked_workbook(), "the file"),
    "wrong_department": ("policy_bank/loans", "2026-11_c.csv", TOTALS_HEADER + "31120,3,9\n", "put it into that feed"),
    "missing_column": (
        "labour/commune_totals", "2026-11_d.csv", "commune_code,households\n31120,3\n", "it lacks persons",
    ),
    "short_of_manifest": ("labour/commune_totals", "2026-11_e.csv", TOTALS_HEADER + "31120,3,9\n", "rows are missing"),
    "no_rows": ("labour/commune_totals", "2026-11_f.csv", TOTALS_HEADER, "it has a header and no rows"),
    "no_month": ("labour/commune_totals", "totals.csv", TOTALS_HEADER + "31120,3,9\n", "the file name"),
    "too_many_broken_rows": (
        "labour/commune_totals", "2026-11_g.csv", TOTALS_HEADER + "31120,ba,9\n31135,3,9\n", "break the contract",
    ),
    "repeated_keys": (
        "labour/commune_totals", "2026-11_h.csv", TOTALS_HEADER + "31120,3,9\n31120,3,9\n31135,3,9\n", "repeat a key",
    ),
    "contradicting_columns": (
        "labour/commune_totals", "2026-11_i.csv", TOTALS_HEADER + "31120,9,3\n", "fewer persons than households",
    ),
    "volume_halved": ("health_insurance/cards", "2026-11_j.csv", _cards("2026-11", 60), "down by half"),
    "balances_of_another_day": (
        "policy_bank/loans", "2026-11_k.csv",
        LOANS_HEADER + "31/10/2026,'66001,C1,Trần Văn A,920101,01,01/01/2026,6.6,50000000,50000000,0,0\n",
        "another day than the end of the month",
    ),
    "foreign_commune": (
        "labour/household_review", "2026-11_31120.csv",
        "household_code,commune_code,head_name,member_count,reviewed_on\n1,31135,Trần Văn B,2,01/11/2026\n",
        "another commune",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def after_bad_deliveries(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Warehouse, dict[str, str], int]:
    """The warehouse after one run with a delivery of every bad kind: the home, messages by file, exit code."""
    home = tmp_path_factory.mktemp("bad") / "home"
    shutil.copytree(warehouse.home, home)
    tried = Warehouse(home, warehouse.truth)
    for feed, name, content, _ in BAD.values():
        (home / "landing" / feed / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (home / "landing/labour/commune_totals/2026-11_e.csv.manifest.json").write_text(json.dumps({"rows": 103}))
    repeated = next((home / "archive/health_insurance__cards/2026-09").glob("*.age"))
    extension = repeated.name.split(".")[-2]
    october = home / f"landing/health_insurance/cards/2026-11_l.{extension}"
    october.write_bytes(sealed.unseal(repeated, Keyring.read(home / "key")))
    (home / "landing/labour/unknown").mkdir()
    (home / "landing/labour/unknown/2026-11.csv").write_text("a,b\n1,2\n")
    ran = tried.cantho("run")
    messages = {
        found[1].split("/")[-1]: line
        for line in ran.stderr.splitlines()
        if (found := re.match(r"refused: ([^,]+),", line))
    }
    return tried, messages, ran.returncode


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_delivery_is_refused_with_place_promise_owner_and_next_step(
    after_bad_deliveries: tuple[Warehouse, dict[str, str], int], kind: str
) -> None:
    _, name, _, promise = BAD[kind]
    _, messages, code = after_bad_deliveries

    assert code == 1
    assert promise in messages[name]
    assert "Owner: " in messages[name]
    assert "Next: " in messages[name]


def test_bytes_of_another_month_and_unknown_folders_are_refused(
    after_bad_deliveries: tuple[Warehouse, dict[str, str], int],
) -> None:
    _, messages, _ = after_bad_deliveries

    assert any("its bytes are those of 2026-09" in message for message in messages.values())
    assert "no department promised a feed of this name" in messages["2026-11.csv"]


def test_refused_deliveries_leave_no_trace_but_their_sealed_file(
    warehouse: Warehouse, after_bad_deliveries: tuple[Warehouse, dict[str, str], int]
) -> None:
    tried, messages, _ = after_bad_deliveries

    # A home that was copied is built anew, from the same deliveries.
    named = [json.loads((one.version / "manifest.json").read_text())["deliveries"] for one in (tried, warehouse)]
    assert named[0] == named[1]
    for zone in ("lake", "vault", "archive"):
        kept = {path.relative_to(tried.home) for path in (tried.home / zone).rglob("*") if path.is_file()}
        before = {path.relative_to(warehouse.home) for path in (warehouse.home / zone).rglob("*") if path.is_file()}
        assert kept == before
    assert len(list((tried.home / "quarantine").rglob("*.age"))) == len(messages)
    listed = json.loads(tried.cantho("quarantine", "list", "--json").stdout)
    assert set(messages) <= {row["file"].split("/")[-1] for row in listed}


def _canary_list() -> bytes:
    """A flat list with the canary on it, as a workbook."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    columns = {
        "list_section": "recognised", "household_no": 900, "member_no": 900, "head_name": CANARY_NAME,
        "member_name": CANARY_NAME, "relation": "Chủ hộ", "birth_date": f"{CANARY_BIRTH:%d/%m/%Y}", "sex": "Nữ",
        "personal_id": CANARY_NUMBER, "commune_code": "31120", "legal_class": "Hộ nghèo", "note": CANARY_NAME,
    }  # fmt: skip
    page = book.add_worksheet("list")
    page.write_row(0, 0, list(columns))
    page.write_row(1, 0, list(columns.values()))
    book.close()
    return buffer.getvalue()


@pytest.fixture(scope="module")
def planted(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Warehouse, subprocess.CompletedProcess[str]]:
    """The warehouse after one run with a person who is accepted, quarantined as a row, and refused as a whole.

    Each way has its own messages.
    """
    home = tmp_path_factory.mktemp("planted") / "home"
    shutil.copytree(warehouse.home, home)
    made, landing = Warehouse(home, warehouse.truth), home / "landing"
    canary = f"{CANARY_NUMBER},{CANARY_NAME},{CANARY_BIRTH:%d/%m/%Y}"
    (landing / "labour/poverty_list/2026-10_31120_supplement.xlsx").write_bytes(_canary_list())
    broken_row = f"HN2979700099999,{canary},1,31120,{CANARY_NAME},31/12/2026"
    (landing / "health_insurance/cards/2026-10_31120_supplement.csv").write_text(_cards("2026-10", 30, broken_row))
    refused = f"31/10/2026,'66002,C2,{CANARY_NAME},920101,01,01/01/2026,6.6,{CANARY_NUMBER},x,0,0\n"
    (landing / "policy_bank/loans/2026-10_31120.csv").write_text(LOANS_HEADER + refused)
    return made, made.cantho("run")


def test_good_deliveries_are_published_beside_a_feed_that_had_everything_refused(
    warehouse: Warehouse,
    planted: tuple[Warehouse, subprocess.CompletedProcess[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A feed of which nothing was accepted was said to be materialized, with 0 rows, and was fresh again."""
    made, ran = planted

    def taken_in(of: Warehouse) -> dict[str, str]:
        """By raw table the run that materialized it last."""
        monkeypatch.setenv("DAGSTER_HOME", str(of.home / "dagster"))
        with dg.DagsterInstance.get() as instance:
            keys = [key for key in instance.all_asset_keys() if key.path[0] == "raw"]
            events = {key.path[1]: instance.get_latest_materialization_event(key) for key in keys}
        return {table: event.run_id for table, event in events.items() if event}

    before, after = taken_in(warehouse), taken_in(made)
    named = [set(store.manifest(Home.at(one.home))["deliveries"]) for one in (warehouse, made)]

    assert ran.returncode == 1
    assert {name.split("-")[0] for name in named[1] - named[0]} == {"labour__poverty_list", "health_insurance__cards"}
    assert {table for table in after if after[table] != before.get(table)} == {
        "labour__poverty_list", "health_insurance__cards",
    }  # fmt: skip


def test_a_planted_person_is_found_nowhere_but_under_seal(
    warehouse: Warehouse, planted: tuple[Warehouse, subprocess.CompletedProcess[str]]
) -> None:
    made, ran = planted
    told = [ran.stdout + ran.stderr]
    told += [made.cantho(*words).stdout for words in (("status",), ("quarantine", "list"), ("versions", "--json"))]

    assert ran.returncode == 1
    assert made.version != warehouse.version
    birth = (f"{CANARY_BIRTH:%d/%m/%Y}", CANARY_BIRTH.isoformat())
    marks = [CANARY_NAME, "Canary", CANARY_NUMBER, CANARY_NUMBER[1:], *birth]
    found = [mark for mark in marks for text in told if mark in text]
    found += [
        f"{mark} in {path.relative_to(made.home)}"
        for path in sorted(made.home.rglob("*"))
        if path.is_file() and path.suffix != ".age"
        for mark in marks
        if mark.encode() in path.read_bytes()
    ]
    assert found == []


def test_the_key_file_is_its_owners_alone(warehouse: Warehouse) -> None:
    assert (warehouse.home / "key").stat().st_mode & 0o777 == 0o400


def test_published_files_cannot_be_changed(warehouse: Warehouse) -> None:
    files = [path for path in warehouse.version.rglob("*") if path.is_file()]

    assert files
    assert not [path for path in files if path.stat().st_mode & 0o222]


def test_a_ninth_feed_is_one_folder_and_one_staging_model(tmp_path: Path) -> None:
    """In a copy of the project, as its author would add it; `make fix` writes the source of dbt.

    The home was first another copy's, whose files may be gone.
    """
    import os
    import sys

    project, copied = Path(__file__).parents[2], tmp_path / "project"
    ignored = shutil.ignore_patterns(".venv", ".git", "home", "target", "logs", "__pycache__")
    shutil.copytree(project, copied, ignore=ignored)
    feed = copied / "sources/police/residents"
    feed.mkdir(parents=True)
    contract = (copied / "sources/labour/commune_totals/contract.odcs.yaml").read_text()
    contract = contract.replace("labour/commune_totals", "police/residents").replace("domain: labour", "domain: police")
    (feed / "contract.odcs.yaml").write_text(contract)
    model = "select commune_code, households, persons from {{ source('raw', 'police__residents') }}\n"
    (copied / "dbt_project/models/staging/stg_police__residents.sql").write_text(model)
    home = tmp_path / "home"
    landing = home / "landing/police/residents"
    landing.mkdir(parents=True)
    (landing / "2026-10.csv").write_text(TOTALS_HEADER + "31120,300,900\n")

    (moved := tmp_path / "moved").mkdir()
    for folder in ("dbt_project", "orchestration", "sources", "warehouse"):
        shutil.copytree(project / folder, moved / folder, ignore=ignored)

    def run(of: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(of), "CANTHO_HOME": str(home)}
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(command, cwd=of, env=environment, capture_output=True, text=True, check=False)

    imports = "from warehouse.build import compiled; from warehouse.zones.home import Home"
    parse = f"{imports}; print(compiled.manifest(Home.open()))"
    parsed = run(moved, parse)
    shutil.rmtree(moved)
    declared = run(copied, "from warehouse.build.raw_sources import main; main()")
    ran = run(copied, "from orchestration.command import main; main()", "run")

    assert declared.returncode == 0, declared.stderr
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr

    assert ran.returncode == 0, ran.stdout + ran.stderr
    import duckdb

    with duckdb.connect(str(home / "live/warehouse.duckdb"), read_only=True) as live:
        assert live.sql("select * from staging.stg_police__residents").fetchall() == [("31120", 300, 900)]


def test_a_home_without_deliveries_publishes_nothing(tmp_path: Path, warehouse: Warehouse) -> None:
    empty = Warehouse(tmp_path / "home", warehouse.truth)

    ran = empty.cantho("run")

    assert ran.returncode == 0
    assert "Nothing new: no version stands." in ran.stdout
