"""A full build: its live file begins with the seeds alone, and it says which node objects."""

import logging
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from warehouse.build import compiled, full, spark
from warehouse.build.compiled import Step
from warehouse.build.node import NodeResult
from warehouse.build.project import BuildFailed
from warehouse.zones.home import Home

SEED = Step("lines", "seed.lines", "reference.lines", False, False, "", [])
MODEL = Step(
    "poor", "model.poor", "main.poor", False, False, "from reference.lines", ["comment on table main.poor is '1'"]
)
VIEW = Step("shown", "model.shown", "main.shown", True, False, "from poor", [])
PASSES = Step("some", "test.some", None, False, False, "from poor where income > 2", [])
OBJECTS = Step("none", "test.none", None, False, False, "from poor where income = 2", [])
BREAKS = Step("broken", "model.broken", "main.broken", False, False, "select error('097123456789')", [])
MONTHLY = Step(
    "monthly", "model.monthly", "kept.monthly", False, True,
    "select unnest(['2026-02-01', '2026-01-01'])::date as period_month", [],
)  # fmt: skip
Build = Callable[..., list[NodeResult]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


@pytest.fixture
def build(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """A full build of these steps, after two seeded lines; what it said goes to `said` as it comes."""
    with duckdb.connect(str(tmp_path / "seeds.duckdb")) as seeds:
        seeds.execute("create schema reference; create table reference.lines as select unnest([1, 2]) as income")

    def run(*steps: Step, said: list[NodeResult] | None = None, on_spark: bool = False) -> list[NodeResult]:
        monkeypatch.setattr(compiled, "seeds", lambda _: tmp_path / "seeds.duckdb")
        monkeypatch.setattr(compiled, "steps", lambda _: list(steps))
        results = [] if said is None else said
        results.extend(full.build(home, on_spark=on_spark))
        return results

    return run


def _live(home: Home, query: str) -> list[tuple]:
    with duckdb.connect(str(home.warehouse), read_only=True) as live:
        return live.execute(query).fetchall()


def test_nothing_is_left_of_models_that_are_gone(home: Home, build: Build) -> None:
    with duckdb.connect(str(home.warehouse)) as live:
        live.execute("create table gone as select 1 as n")

    build(SEED, MODEL)

    assert _live(home, "select table_name, comment from duckdb_tables() order by all") == [
        ("lines", None),
        ("poor", "1"),
    ]


def test_each_node_is_told_with_its_rows(build: Build) -> None:
    assert build(SEED, MODEL, VIEW, PASSES) == [
        NodeResult("seed.lines", 2, 2),
        NodeResult("model.poor", 2, 2),
        NodeResult("model.shown"),
        NodeResult("test.some"),
    ]


def test_a_build_says_how_far_it_is(
    build: Build, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(full, "LOG_SECONDS", -1)

    with caplog.at_level(logging.INFO, "cantho.build"):
        build(SEED, MODEL, PASSES)

    assert caplog.messages[1:] == [
        f"{done} of 3 models and tests done; now {at}" for done, at in ((1, "poor"), (2, "tests"))
    ]


def test_a_table_that_keeps_months_lies_month_by_month(home: Home, build: Build) -> None:
    build(MONTHLY)

    assert _live(home, "select month(period_month) from kept.monthly order by rowid") == [(1,), (2,)]


def test_a_test_that_objects_fails_the_build_after_all_others(home: Home, build: Build) -> None:
    said: list[NodeResult] = []
    with pytest.raises(BuildFailed, match=r"object to the build: none\. Next: read .*errors\.log"):
        build(SEED, MODEL, OBJECTS, PASSES, said=said)

    assert [(node.unique_id, node.passed) for node in said[2:]] == [("test.none", False), ("test.some", True)]
    assert (home.root / "dbt" / "errors.log").read_text() == "none: 1 rows"


def test_a_model_that_breaks_is_named_without_a_value(home: Home, build: Build) -> None:
    with pytest.raises(BuildFailed, match=r"broken failed\. Next: read .*errors\.log") as failed:
        build(SEED, BREAKS, MODEL)

    assert "097123456789" not in str(failed.value)
    assert "097123456789" in (home.root / "dbt" / "errors.log").read_text()
    assert _live(home, "select table_name from duckdb_tables()") == [("lines",)]


def test_a_live_file_that_cannot_be_opened_fails_the_build(build: Build, tmp_path: Path) -> None:
    shutil.copyfile(__file__, tmp_path / "seeds.duckdb")

    with pytest.raises(BuildFailed, match="The live file failed"):
        build(SEED)


SUM = Step(
    "sum", "model.sum", "main.sum", False, False, "select sum(income) as total from reference.lines",
    ["comment on column main.sum.total is 'all'"],
)  # fmt: skip


@pytest.fixture
def computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> spark.Computed:
    """What stands for the work of Spark: a sum that DuckDB would not come to, and the words of two tests."""
    (tmp_path / "sum").mkdir()
    duckdb.sql("select 7::bigint as total").write_parquet(str(tmp_path / "sum" / "part-0.parquet"))
    result = spark.Computed(tmp_path, {PASSES.unique_id: 0, OBJECTS.unique_id: 3})

    @contextmanager
    def built(_: Home) -> Generator[spark.Computed]:
        yield result

    monkeypatch.setattr(spark, "built", built)
    return result


@pytest.mark.usefixtures("computed")
def test_a_table_has_the_rows_of_spark_and_the_types_and_comments_of_the_model(home: Home, build: Build) -> None:
    build(SEED, SUM, on_spark=True)

    assert _live(home, "select total, typeof(total) from sum") == [(7, "HUGEINT")]
    assert _live(home, "select comment from duckdb_columns() where table_name = 'sum'") == [("all",)]


@pytest.mark.usefixtures("computed")
def test_a_test_that_objects_on_spark_fails_the_build(home: Home, build: Build) -> None:
    with pytest.raises(BuildFailed, match="object to the build: none"):
        build(SEED, SUM, PASSES, OBJECTS, on_spark=True)

    assert (home.root / "dbt" / "errors.log").read_text() == "none: 3 rows"


def test_a_machine_without_java_says_what_to_do(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(BuildFailed, match=r"Java 17 or newer\. Next: `make install-spark`"):
        build(SEED, on_spark=True)
