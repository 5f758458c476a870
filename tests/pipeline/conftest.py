"""One warehouse, built once from simulated deliveries with faults, that all pipeline tests look at.

Tests that change a home work on a copy. Commands run as a user would run them, in a process of their own.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from rendering import PROJECT, render

CANTHO = Path(sys.executable).with_name("cantho")
SIMULATED = ["--months", "2026-09:2026-10", "--scale", "0.004", "--seed", "11", "--dirt", "1"]


@dataclass(frozen=True)
class Warehouse:
    """A home and the truth its deliveries were made from."""

    home: Path
    truth: Path

    def cantho(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [CANTHO, *arguments, "--home", self.home], env=os.environ | environment, capture_output=True, text=True,
            check=False, timeout=900,
        )  # fmt: skip

    @property
    def version(self) -> Path:
        pointer = duckdb.sql(f"select version from '{self.home}/published/current.json'").fetchall()
        return self.home / "published" / pointer[0][0]

    def restricted(self, query: str) -> list[tuple]:
        return self._ask("restricted", query)

    def public(self, query: str) -> list[tuple]:
        return self._ask("public", query)

    def _ask(self, database: str, query: str) -> list[tuple]:
        with duckdb.connect(str(self.version / f"{database}.duckdb"), read_only=True) as connection:
            connection.execute(f"create temp view household_truth as from '{self.truth}/household_truth.parquet'")
            return connection.execute(query).fetchall()


LISTED_ONLY = """\
list_section,household_no,member_no,member_name,relation,birth_date,sex,personal_id,commune_code,legal_class
recognised,9001,1,Nguyễn Thị Chưa Rà Soát,Chủ hộ,1950,Nữ,,31135,poor
"""


class Copy:
    """The marts of a published version, where a test may break a figure and ask the project's own dbt tests."""

    def __init__(self, database: Path) -> None:
        self.engine = duckdb.connect()
        self.engine.execute(f"attach '{database}' as published (read_only)")
        self.engine.execute("create schema marts")
        tables = self.engine.execute(
            "select table_name from duckdb_tables() where database_name = 'published' and schema_name = 'marts'"
        ).fetchall()
        self._marts = {table for (table,) in tables}
        for table in self._marts:
            self.engine.execute(f"create table marts.{table} as from published.marts.{table}")

    def found(self, test: str) -> int:
        """How many rows a dbt test objects to."""
        text = render(
            PROJECT / "tests" / f"{test}.sql",
            lambda model: f"marts.{model}" if model in self._marts else f"published.facts.{model}",
        )
        return len(self.engine.execute(text).fetchall())

    def found_when(self, table: str, column: str, test: str, where: str = "true") -> int:
        """How many rows it objects to when every figure of a column is one too many."""
        self.engine.execute("begin")
        try:
            self.engine.execute(f"update marts.{table} set {column} = {column} + 1 where {where}")
            return self.found(test)
        finally:
            self.engine.execute("rollback")


def send(made: Warehouse, simulated: list[str], **environment: str) -> Path:
    """Put simulated deliveries into landing, and a list that names somebody whom no form knows; returns the landing."""
    landing = made.home / "landing"
    wrote = made.cantho("simulate", *simulated, "--truth", str(made.truth), "--out", str(landing), **environment)
    assert wrote.returncode == 0, wrote.stderr
    month = simulated[simulated.index("--months") + 1].split(":")[-1]
    (landing / "labour/poverty_list" / f"{month}_31135_supplement.csv").write_text(LISTED_ONLY, encoding="utf-8")
    return landing


def built(folder: Path, simulated: list[str], without: tuple[str, ...] = (), **environment: str) -> Warehouse:
    """A warehouse of simulated deliveries, but for those of some feeds, through the whole pipeline."""
    made = Warehouse(folder / "home", folder / "truth")
    landing = send(made, simulated, **environment)
    for feed in without:
        shutil.rmtree(landing / feed)
    ran = made.cantho("run", **environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return made


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Two months of a small city, with the faults that departments make, through the whole pipeline."""
    return built(tmp_path_factory.mktemp("warehouse"), SIMULATED)


@pytest.fixture(scope="module")
def copy(warehouse: Warehouse) -> Generator[Copy]:
    marts = Copy(warehouse.version / "restricted.duckdb")
    yield marts
    marts.engine.close()


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Warehouse], Warehouse]:
    """A copy of a warehouse that a test may change."""

    def copied(original: Warehouse) -> Warehouse:
        home = tmp_path / "home"
        shutil.copytree(original.home, home)
        return Warehouse(home, original.truth)

    return copied
