"""Both engines give the same figures: a small city across New Year, built by DuckDB and by Spark.

Needs Java and the packages of extra `spark`; `make test-spark` runs it. What it shows of every table needs no list of
expressions that both engines know.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from pipeline.conftest import CANTHO, Warehouse, built

from warehouse.build import compiled, spark
from warehouse.build.compiled import Step
from warehouse.build.project import BuildFailed
from warehouse.published import store
from warehouse.published.comparison import compare
from warehouse.zones.home import Home

# New Year 2027 brings another standard and review year.
SIMULATED = ["--months", "2026-12:2027-01", "--scale", "0.002", "--seed", "5", "--dirt", "1", "--faults", "1"]


@pytest.fixture(autouse=True, scope="module")
def _little_memory() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CANTHO_MEMORY_LIMIT", "2GB")
        yield


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return built(tmp_path_factory.mktemp("duckdb"), SIMULATED)


@pytest.fixture(scope="module")
def killed(on_duckdb: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A home with the same deliveries, of which nothing was built, since the first run was killed on the way."""
    made = replace(on_duckdb, home=tmp_path_factory.mktemp("spark") / "home")
    shutil.copytree(on_duckdb.home, made.home, ignore=shutil.ignore_patterns("published", "live"))
    run = subprocess.Popen([CANTHO, "run", "--engine", "spark", "--home", made.home])
    _wait_until(lambda: any(made.home.glob(".spark-*/int_period/_SUCCESS")))
    run.kill()
    run.wait()
    _wait_until(lambda: not _processes_of(made.home))
    assert store.current(Home.at(made.home)) is None
    return made


@pytest.fixture(scope="module")
def on_spark(killed: Warehouse) -> Warehouse:
    """The same home after the next run, which nobody prepared."""
    ran = killed.cantho("run", CANTHO_ENGINE="spark")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return killed


def _wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(3000):
        if holds():
            return
        time.sleep(0.1)
    raise TimeoutError


def _processes_of(home: Path) -> list[str]:
    """What is running with a path of the home in its command; of Java, where its settings lie."""
    running = subprocess.run(["ps", "-eo", "args", "-ww"], capture_output=True, text=True, check=True).stdout
    return [line for line in running.splitlines() if str(home) in line]


@pytest.fixture
def live(on_duckdb: Warehouse) -> Iterator[duckdb.DuckDBPyConnection]:
    """What DuckDB built, as database `warehouse`."""
    with duckdb.connect() as engine:
        engine.execute(f"attach '{Home.at(on_duckdb.home).warehouse}' as warehouse (read_only)")
        yield engine


def _differing(engine: duckdb.DuckDBPyConnection, one: str, other: str) -> int:
    """How many rows only one of two relations has."""
    sides = (f"from {one} except all from {other}", f"from {other} except all from {one}")
    return sum(len(engine.execute(query).fetchall()) for query in sides)


def test_every_published_table_is_the_same(on_duckdb: Warehouse, on_spark: Warehouse) -> None:
    tables = compare(on_duckdb.version, on_spark.version)

    assert {"facts.household_deprivation", "marts.area_poverty", "public.marts.area_poverty"} <= {
        table.table for table in tables if table.published
    }
    assert [table for table in tables if table.only_published or table.only_rebuilt] == []


def test_every_table_of_the_live_file_is_the_same_with_its_columns_and_comments(
    live: duckdb.DuckDBPyConnection, on_spark: Warehouse
) -> None:
    live.execute(f"attach '{Home.at(on_spark.home).warehouse}' as spark (read_only)")
    columns = (
        "(select schema_name, table_name, column_name, column_index, data_type, comment from duckdb_columns() "
        "where database_name = '{}')"
    )
    tables = live.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'spark'"
    ).fetchall()
    rows = {
        f"{schema}.{table}": _differing(live, f"warehouse.{schema}.{table}", f"spark.{schema}.{table}")
        for schema, table in tables
    }

    assert {"intermediate", "disclosure", "public"} <= {schema for schema, _ in tables}
    assert _differing(live, columns.format("warehouse"), columns.format("spark")) == 0
    assert {table: number for table, number in rows.items() if number} == {}


def test_nothing_is_left_of_a_build(on_spark: Warehouse) -> None:
    assert not list(on_spark.home.glob(".spark-*"))
    assert _processes_of(on_spark.home) == []


def _with_parents(steps: list[Step], name: str) -> list[Step]:
    """A step and all that it reads, in the order in which they are run."""
    wanted: dict[str, Step] = {}
    for step in reversed(steps):
        if step.name == name or any(str(step.relation) in reader.sql for reader in wanted.values()):
            wanted[step.name] = step
    return list(reversed(wanted.values()))


def test_a_broken_half_of_a_macro_gives_another_table(
    live: duckdb.DuckDBPyConnection, on_duckdb: Warehouse, tmp_path: Path
) -> None:
    home = Home.at(on_duckdb.home)
    *parents, right = _with_parents(compiled.spark_steps(home), "int_newest_form")
    # As if spark__month_add moved a day by days.
    broken = replace(
        right, name="broken", unique_id="broken", relation="main.broken",
        sql=right.sql.replace("add_months(", "date_add("),
    )  # fmt: skip
    assert broken.sql != right.sql

    computed = spark.compute(home, tmp_path, [*parents, right, broken])

    assert _differing(live, "warehouse.intermediate.int_newest_form", computed.rows(right)) == 0
    assert _differing(live, "warehouse.intermediate.int_newest_form", computed.rows(broken)) > 0


def test_a_model_that_breaks_on_spark_is_named_without_a_value(on_duckdb: Warehouse, tmp_path: Path) -> None:
    wrong = Step(
        "wrong", "model.wrong", "facts.wrong", False, False, "select cast('31120/00017x' as int) as number", []
    )

    with pytest.raises(BuildFailed, match=r"wrong failed on Spark\. Next: read .*spark\.log") as failed:
        spark.compute(Home.at(on_duckdb.home), tmp_path, [wrong])

    assert "31120/00017x" not in str(failed.value)
    assert "31120/00017x" in (on_duckdb.home / "dbt" / "spark.log").read_text()
