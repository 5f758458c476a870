"""One warehouse, built once from simulated deliveries with faults, that all pipeline tests look at.

Tests that change a home work on a copy. Commands run as a user would run them, in a process of their own.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

CANTHO = Path(sys.executable).with_name("cantho")
MONTHS, SCALE, SEED = "2026-09:2026-10", "0.004", "11"


@dataclass(frozen=True)
class Warehouse:
    """A home and the truth its deliveries were made from."""

    home: Path
    truth: Path

    def cantho(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [CANTHO, *arguments, "--home", self.home], capture_output=True, text=True, check=False, timeout=900
        )

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


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Two months of a small city, with the faults that departments make, through the whole pipeline."""
    folder = tmp_path_factory.mktemp("warehouse")
    built = Warehouse(folder / "home", folder / "truth")
    simulated = [*("--months", MONTHS, "--scale", SCALE, "--seed", SEED, "--dirt", "1"), "--truth", str(built.truth)]
    made = built.cantho("simulate", *simulated, "--out", str(built.home / "landing"))
    assert made.returncode == 0, made.stderr
    ran = built.cantho("run")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return built


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Warehouse], Warehouse]:
    """A copy of a warehouse that a test may change."""

    def copied(original: Warehouse) -> Warehouse:
        home = tmp_path / "home"
        shutil.copytree(original.home, home)
        return Warehouse(home, original.truth)

    return copied
