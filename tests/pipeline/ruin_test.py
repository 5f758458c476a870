"""A home that lost something says so and publishes nothing less; the way on that it names leads back to its figures."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline.conftest import Warehouse

from warehouse.published.comparison import compare

RECOVERY = Path(__file__).parents[2] / "docs" / "recovery.md"
DRILL = re.findall(r"## Come back\n.*?```sh\n(.*?)```", RECOVERY.read_text(encoding="utf-8"), re.DOTALL)
PROJECT = Path(__file__).parents[2] / "dbt_project"
Copy = Callable[[Warehouse], Warehouse]


def _differing(one: Warehouse, other: Warehouse) -> list[str]:
    return [found.table for found in compare(one.version, other.version) if found.only_published or found.only_rebuilt]


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.parent.chmod(0o755)
    path.chmod(0o644)
    path.write_bytes(content[: len(content) // 2])


def _lose_version(home: Path) -> None:
    version = next(home.glob("published/v*"))
    version.chmod(0o755)
    version.rename(home.parent / "elsewhere")


def _lose_an_original_and_its_rows(home: Path) -> None:
    shutil.rmtree(home / "lake" / "raw" / "labour__commune_totals")
    next((home / "archive" / "labour__commune_totals").rglob("*.age")).unlink()


LOSSES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "register": (lambda home: (home / "register.sqlite").unlink(), "register.sqlite is gone or empty", "rebuild"),
    "register cut": (lambda home: _cut(home / "register.sqlite"), "register.sqlite cannot be read", "rebuild"),
    "key": (lambda home: (home / "key").unlink(), "key is gone", "put the key back"),
    "key of another home": (
        lambda home: ((home / "key").chmod(0o600), (home / "key").write_bytes(os.urandom(32))),
        "is not this home's", "CANTHO_KEY_FILE",
    ),
    "current version": (_lose_version, "is gone or lacks its manifest", "rebuild"),
    "manifest cut": (lambda home: _cut(next(home.glob("published/v*/manifest.json"))), "manifest.json can", "rebuild"),
    "current.json cut": (lambda home: _cut(home / "published/current.json"), "does not name a version", "rebuild"),
    "original and rows": (
        _lose_an_original_and_its_rows, "its kept original is gone. Sender: Sở Nông nghiệp", "sent again",
    ),
}  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_that_cannot_be_made_good_stops_the_run_and_says_the_way_on(
    warehouse: Warehouse, copy_of: Copy, loss: str
) -> None:
    home = copy_of(warehouse)
    lose, what, way_on = LOSSES[loss]
    lose(home.home)
    published = sorted(path.name for path in home.home.glob("published/*"))

    ran = home.cantho("run")

    assert ran.returncode == 1, ran.stdout + ran.stderr
    said = " ".join(ran.stderr.split())
    assert what in said
    assert way_on in said.partition("Next: ")[2]
    assert "Owner: " in said
    assert "Traceback" not in said
    assert sorted(path.name for path in home.home.glob("published/*")) == published
    assert (home.home / "key").exists() == (loss != "key")


@pytest.fixture(scope="module")
def came_back(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The drill of docs/recovery.md, in a folder that has archive, quarantine and key of another home and no more."""
    home = tmp_path_factory.mktemp("ruin") / "home"
    for name in ("archive", "quarantine"):
        shutil.copytree(warehouse.home / name, home / name)
    shutil.copy(warehouse.home / "key", home / "key")
    (commands,) = DRILL
    environment = {"CANTHO_HOME": str(home), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ran = subprocess.run(
        ["bash", "-e", "-c", commands], env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return Warehouse(home, warehouse.truth)


def test_archive_manifests_and_key_alone_come_to_the_same_figures(warehouse: Warehouse, came_back: Warehouse) -> None:
    said = [json.loads((one.version / "manifest.json").read_text())["deliveries"] for one in (warehouse, came_back)]

    assert said[0] == said[1]
    assert _differing(warehouse, came_back) == []


def test_a_home_without_lake_vault_and_versions_is_built_from_its_originals(
    warehouse: Warehouse, copy_of: Copy
) -> None:
    home = copy_of(warehouse)
    for name in ("lake", "vault", "live", "published", "dbt", "dagster"):
        shutil.rmtree(home.home / name)

    ran = home.cantho("run")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert _differing(warehouse, home) == []


def test_dbt_by_hand_leaves_the_figures_as_they_are(warehouse: Warehouse, came_back: Warehouse) -> None:
    """Models that keep months added their rows to those that stood; what dbt writes beside them broke the next run."""
    dbt = Path(sys.executable).with_name("dbt")
    before = came_back.version
    models = ["stg_labour__household_review", "stg_labour__household_members", "household_deprivation"]
    try:
        for arguments in (["compile"], ["run", "--select", *models]):
            ran = subprocess.run(
                [dbt, *arguments], cwd=PROJECT, env=os.environ | {"CANTHO_HOME": str(came_back.home)},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert ran.returncode == 0, ran.stdout
        again = came_back.cantho("run")
    finally:
        for name in ("target", "logs"):
            shutil.rmtree(PROJECT / name, ignore_errors=True)
    correction = came_back.home / "landing/labour/commune_totals/2026-10_31120_supplement.csv"
    correction.write_text("commune_code,households,persons\n31120,4000,12000\n")
    corrected = came_back.cantho("run")

    assert f"Nothing new: {before.name} stands." in again.stdout
    assert corrected.returncode == 0, corrected.stderr
    # What the correction has no part in is as it was in every month: nothing was doubled.
    reviewed = "select sum(reviewed_households) from marts.area_poverty where area_level = 'city'"
    assert came_back.restricted(reviewed) == warehouse.restricted(reviewed)


def _others_may(path: Path, home: Path, bits: int) -> bool:
    """Whether a user of another group may open a file of the home: pass every folder above it, and these bits of it."""
    above = [folder for folder in path.parents if folder == home or home in folder.parents]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in above) and bool(path.stat().st_mode & bits)


def test_whatever_the_umask_others_see_what_is_public_and_nothing_else(warehouse: Warehouse, copy_of: Copy) -> None:
    home = copy_of(warehouse)
    restricted = ("restricted.duckdb", "restricted.html", "restricted_rows.json")
    for umask in (0o000, 0o022, 0o077):
        correction = home.home / f"landing/labour/commune_totals/2026-10_{umask}_supplement.csv"
        correction.write_text(f"commune_code,households,persons\n31120,{4000 + umask},12000\n")
        ran = subprocess.run(
            [Path(sys.executable).with_name("cantho"), "run", "--home", home.home], umask=umask, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        files = [path for path in home.home.rglob("*") if path.is_file()]
        readable = {path for path in files if _others_may(path, home.home, stat.S_IROTH)}
        public = {path for path in home.version.rglob("*") if path.is_file() and path.name not in restricted}

        assert public <= readable
        assert home.home / "published/current.json" in readable
        assert {path for path in readable if path.parent != home.home / "published"} <= {
            path for path in home.home.glob("published/v*/**/*") if path.name not in restricted
        }
        assert not [path for path in home.home.rglob("*") if _others_may(path, home.home, stat.S_IWOTH)]


READING = [
    ("status",), ("quarantine", "list"), ("versions",), ("sql", "-c", "select 1"), ("verify",), ("retention",),
    ("close", "--month", "2026-10"), ("explain", "--household", "x", "--month", "2026-10"),
    ("progress", "--month", "2026-10", "--since", "2026-09"),
]  # fmt: skip


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_command_that_reads_makes_no_home(tmp_path: Path, warehouse: Warehouse, command: tuple[str, ...]) -> None:
    nowhere = Warehouse(tmp_path / "nowhere", warehouse.truth)

    ran = nowhere.cantho(*command)

    assert ran.returncode == 2
    assert "There is no warehouse at" in ran.stderr
    assert not nowhere.home.exists()


def test_a_restricted_query_is_written_down_before_it_is_asked_and_with_its_outcome(warehouse: Warehouse) -> None:
    log = warehouse.home / "access.log"
    before = len(log.read_text().splitlines()) if log.exists() else 0
    asked = {
        "answered": "select household_key from facts.household_deprivation limit 3",
        "failed": "select nothing from facts.household_deprivation",
        "failed ": "select 1; select 2",
        "failed  ": f"select * from read_blob('{warehouse.home}/key')",
    }

    ran = [warehouse.cantho("sql", "--restricted", "--purpose", "a test", "-c", query) for query in asked.values()]

    lines = [json.loads(line) for line in log.read_text().splitlines()[before:]]
    assert [one.returncode for one in ran] == [0, 2, 2, 2]
    assert [line["outcome"] for line in lines] == [said for one in asked for said in ("asked", one.strip())]
    assert [line["rows"] for line in lines if line["outcome"] == "answered"] == [3]
    assert len({line["request"] for line in lines}) == len(asked)
    assert all({"who", "login_uid", "purpose", "at"} <= set(line) for line in lines)
    assert (warehouse.home / "key").read_bytes() not in b"".join(one.stdout.encode() for one in ran)
