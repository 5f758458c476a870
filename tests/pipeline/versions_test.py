"""A figure once published is found again, explained and reproduced, whatever was published since."""

import csv
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pipeline.conftest import SIMULATED, Warehouse

from warehouse.published import store, versions
from warehouse.zones.home import Home

# By hand: as many later versions as one likes, `CORRECTIONS=10 python -m pytest tests/pipeline/versions_test.py`.
CORRECTIONS = int(os.environ.get("CORRECTIONS", "1"))
ISSUED = f"v{CORRECTIONS + 2:05d}"
COMMUNE, MONTH = "31120", "2026-09"


@dataclass(frozen=True)
class Corrected:
    """A copy of the shared warehouse whose totals were corrected, household by household, and then issued."""

    warehouse: Warehouse
    before: int
    files: list[str]

    @property
    def home(self) -> Home:
        return Home.open(self.warehouse.home)


@pytest.fixture(scope="module")
def corrected(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Corrected:
    again = Warehouse(tmp_path_factory.mktemp("corrected") / "home", warehouse.truth)
    shutil.copytree(warehouse.home, again.home)
    # Its views read the files of the home it was made in; without it the first correction builds all anew.
    (again.home / "live" / "warehouse.duckdb").unlink()
    sent = tmp_path_factory.mktemp("sent")
    assert again.cantho("simulate", *SIMULATED, "--out", str(sent)).returncode == 0
    with (sent / "labour" / "commune_totals" / f"{MONTH}.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    before = int(next(row[1] for row in rows if row[0] == COMMUNE))
    files = []
    for turn in range(1, CORRECTIONS + 1):
        landed = again.home / "landing" / "labour" / "commune_totals" / f"{MONTH}_corrected_{turn}.csv"
        with landed.with_name(f".{landed.name}").open("w", encoding="utf-8", newline="") as file:
            told = [[row[0], str(before + turn), *row[2:]] if row[0] == COMMUNE else row for row in rows]
            csv.writer(file).writerows([header, *told])
        landed.with_name(f".{landed.name}").rename(landed)
        ran = again.cantho("run")
        assert ran.returncode == 0, ran.stderr
        files.append(f"labour/commune_totals/{landed.name}")
    issued = again.cantho("issue", "--reason", "a test")
    assert issued.returncode == 0, issued.stderr
    return Corrected(again, before, files)


def test_a_manifest_names_what_a_version_was_made_of(corrected: Corrected) -> None:
    said = store.manifest(corrected.home, "v00001")

    assert {one["standard_id"] for one in said["standards"]} == {"S2022", "S2027"}
    assert said["deliveries"]
    assert said["code"]
    assert said["rows"]
    assert {"public.duckdb", "restricted.duckdb"} < set(said["sha256"])


def test_a_figure_of_the_first_version_is_found_beside_the_later_ones(corrected: Corrected) -> None:
    asked = corrected.warehouse.cantho(
        "sql", "--across", "--json", "-c",
        "select version, households from vintages.area_poverty where area_level = 'commune' and basis = 'legal' "
        f"and area_code = '{COMMUNE}' and period_month = date '{MONTH}-01' order by version",
    )  # fmt: skip

    found = [(row["version"], row["households"]) for row in json.loads(asked.stdout)]

    # Until the issue the public files say what the first version said.
    carried = [(f"v{turn + 1:05d}", corrected.before) for turn in range(CORRECTIONS + 1)]
    assert found == [*carried, (ISSUED, corrected.before + CORRECTIONS)]


def test_what_changed_between_two_versions_is_told_with_its_cause(corrected: Corrected) -> None:
    told = json.loads(corrected.warehouse.cantho("versions", "--diff", "v00001", ISSUED, "--json").stdout)

    figures = [
        (one["before"], one["after"])
        for one in told["figures"]
        if (one["area_code"], one["figure"], one["basis"]) == (COMMUNE, "households", "legal")
        and one["period_month"] == f"{MONTH}-01"
    ]
    assert [one["file"] for one in told["causes"]] == corrected.files
    assert told["causes"][0]["replaces"] == f"labour/commune_totals/{MONTH}.csv"
    assert figures == [(corrected.before, corrected.before + CORRECTIONS)]
    assert "area_poverty" in {one["table"] for one in told["tables"]}


def test_a_difference_can_be_asked_of_a_month_and_an_area(corrected: Corrected) -> None:
    def told(*asked: str) -> dict[str, Any]:
        printed = corrected.warehouse.cantho("versions", "--diff", "v00001", ISSUED, *asked, "--json")
        return json.loads(printed.stdout)

    here, elsewhere = told("--month", MONTH, "--area", COMMUNE), told("--area", "31117")

    assert {one["area_code"] for one in here["figures"]} == {COMMUNE}
    assert {one["month"] for one in here["tables"]} == {MONTH}
    assert elsewhere["figures"] == elsewhere["tables"] == []
    assert corrected.warehouse.cantho("versions", "--month", MONTH).returncode == 2


def test_a_month_that_one_version_alone_has_is_told_once(
    corrected: Corrected, copy_of: Callable[[Warehouse], Warehouse]
) -> None:
    home = Home.open(copy_of(corrected.warehouse).home)
    later = home.published / ISSUED / "public.duckdb"
    later.chmod(0o600)
    with duckdb.connect(str(later)) as engine:
        engine.execute(
            "insert into marts.dim_period select * replace (date '2031-01-01' as period_month) "
            f"from marts.dim_period where period_month = date '{MONTH}-01'"
        )
        engine.execute(
            "insert into marts.area_poverty select * replace (date '2031-01-01' as period_month) "
            f"from marts.area_poverty where period_month = date '{MONTH}-01'"
        )

    difference = versions.diff(home, "v00001", ISSUED)

    assert difference.months == [{"month": "2031-01", "change": "came"}]
    assert {one["period_month"].year for one in difference.figures} != {2031}
    assert "2031-01" not in {one["month"] for one in difference.tables}


def test_public_files_between_issues_are_reproduced_from_the_deliveries_of_their_issue(corrected: Corrected) -> None:
    again = corrected.warehouse.cantho("verify", "--version", "v00002", "--json")

    compared = {row["table"]: row["equal"] for row in json.loads(again.stdout)}
    assert again.returncode == 0, again.stdout
    assert {"public.marts.area_poverty", "marts.area_poverty", "facts.person_month"} <= set(compared)


def test_a_withdrawn_issue_is_gone_for_everyone_and_the_exact_figures_stand(
    corrected: Corrected, copy_of: Callable[[Warehouse], Warehouse]
) -> None:
    home = copy_of(corrected.warehouse)
    withdrawn = home.cantho("issue", "--withdraw", "--reason", "Totals of the wrong month")
    twice = home.cantho("issue", "--withdraw", "--reason", "again")
    pack = home.cantho("pack", "--month", MONTH, "--out", str(home.home / "pack.xlsx"))

    assert (withdrawn.returncode, twice.returncode, pack.returncode) == (0, 0, 2), withdrawn.stderr
    assert home.public("select withdrawn, reason from marts.notice") == [(ISSUED, "Totals of the wrong month")]
    assert (home.home / "published" / ISSUED / "public.duckdb").stat().st_mode & 0o777 == 0o440
    assert home.restricted("select count(*) > 0 from marts.area_poverty") == [(True,)]


def test_the_first_version_is_reproduced_from_the_deliveries_it_names(corrected: Corrected) -> None:
    again = corrected.warehouse.cantho("verify", "--version", "v00001", "--month", MONTH)

    assert again.returncode == 0, again.stdout


def test_versions_past_keeping_go_but_not_the_current_the_pinned_the_signed_or_a_month_s_last(
    corrected: Corrected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(corrected.warehouse.home / "published", tmp_path / "published")
    home = Home.open(tmp_path)
    today = date.today()
    ages = {"v00001": 100, "v00002": 0}
    for name, age in ages.items():
        path = home.published / name / "manifest.json"
        path.chmod(0o644)
        said = json.loads(path.read_text()) | {"published_at": f"{today - timedelta(days=age)}T00:00:00+00:00"}
        path.write_text(json.dumps(said))
    versions.pin(home, "v00001", "cited")
    rule = tmp_path / "rule.toml"
    monkeypatch.setattr(versions, "RULES", rule)

    def kept_by(last_of_month: str) -> list[str]:
        rule.write_text(f"[[rule]]\nvalid_from = 2020-01-01\nkeep_days = 40\nkeep_last_of_month = {last_of_month}\n")
        return versions.past_keeping(home, today)

    pinned = kept_by("false")
    versions.pin(home, "v00001", None)
    book = home.root / "sign_offs.jsonl"
    book.write_text(
        '{"month": "2026-10", "commune": "31120", "version": "v00001", "by": "Phong", "at": "2026-11-05"}\n'
    )
    signed = kept_by("false")
    book.unlink()
    last_of_month, old = kept_by("true"), kept_by("false")
    (home.published / "facts/person_month/2020-01-0123456789abcdef.parquet").touch()
    gone = versions.prune(home, today)

    assert (pinned, signed, last_of_month, old, gone) == ([], [], [], ["v00001"], ["v00001"])
    assert not (home.published / "v00001").exists()
    left = {path.name for path in (home.published / "facts").glob("*/*.parquet")}
    named = {
        file.rsplit("/", 1)[-1]
        for one in store.versions(home)
        for months in one["facts"].values()
        for file in months.values()
    }
    assert left == named
