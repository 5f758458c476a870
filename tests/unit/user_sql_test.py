"""A person's SQL answers from the databases it was given, and finds no way out of them."""

from collections.abc import Generator
from pathlib import Path

import duckdb
import pytest

from warehouse.published import user_sql
from warehouse.published.user_sql import Ask, NotAllowed


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text("a,b\n1,2\n")
    return path


@pytest.fixture
def months(tmp_path: Path) -> Path:
    path = tmp_path / "2026-10.parquet"
    duckdb.sql(f"copy (select 7 as a) to '{path}'")
    duckdb.sql(f"copy (select 8 as a) to '{path.with_name('other.parquet')}'")
    return path


@pytest.fixture
def ask(tmp_path: Path, secret: Path, months: Path) -> Generator[Ask]:  # noqa: ARG001 - it lies beside
    database = tmp_path / "restricted.duckdb"
    with duckdb.connect(str(database)) as made:
        made.execute("create schema marts; create table marts.poverty as select 3 as poor")
        made.execute(f"create schema facts; create view facts.household as from read_parquet('{months}')")
    with user_sql.opened({"restricted": database}, [months]) as answer:
        yield answer


@pytest.mark.parametrize("text", [
    "select poor from marts.poverty",
    "from marts.poverty",
    "table marts.poverty;",
    "with one as (select poor from marts.poverty) select * from one",
    "select a as poor from facts.household",
    "select max(n) as poor from range(4) as t (n)",
    "select unnest([3]) as poor",
    "describe marts.poverty",
    "summarize marts.poverty",
    "show all tables",
    "select table_name from duckdb_tables()",
])  # fmt: skip
def test_one_select_is_answered(ask: Ask, text: str) -> None:
    assert ask(text)


OUT = [
    "select * from read_blob('{secret}')",
    "select * from read_text('{secret}')",
    "select * from read_csv('{secret}')",
    "from '{secret}'",
    "from '{other}'",
    "select * from read_parquet('{other}')",
    # Also of a file that it may see through a view: nothing but views names files.
    "select * from read_parquet('{months}')",
    "select * from glob('{folder}/*')",
    "select * from sniff_csv('{secret}')",
    "select * from parquet_metadata('{months}')",
    "select (select count(*) from read_text('{secret}')) from marts.poverty",
    "from marts.poverty order by (select max(file) from glob('*'))",
    "describe select * from read_text('{secret}')",
    "from (summarize select * from read_text('{secret}'))",
    "select * from query('select * from read_text(''{secret}'')')",
    "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "attach '{folder}/new.duckdb' as planted",
    "attach '{secret}' as key",
    "copy marts.poverty to '{folder}/new.csv'",
    "copy marts.poverty to '{months}' (use_tmp_file false)",
    "copy marts.poverty from '{secret}'",
    "export database '{folder}/new'",
    "import database '{folder}'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "reset lock_configuration",
    "set variable x = 1",
    "pragma database_list",
    "call pragma_version()",
    "from enable_logging('QueryLog', storage = 'file', storage_path = '{months}')",
    "from enable_profiling(save_location = '{folder}/new.json')",
    "select getenv('HOME')",
    "create table marts.planted as select 1",
    "create temp table planted as select 1",
    "insert into marts.poverty values (1)",
    "update marts.poverty set poor = 0",
    "delete from marts.poverty",
    "drop table marts.poverty",
    "prepare planted as select 1",
    "explain analyze copy marts.poverty to '{folder}/new.csv'",
    "use system",
    "checkpoint",
    "select 1; select 2",
    "select 1; copy marts.poverty to '{folder}/new.csv'",
    "",
    "not sql at all",
]


@pytest.mark.parametrize("text", OUT)
def test_every_way_out_is_refused_and_changes_nothing(
    ask: Ask, text: str, tmp_path: Path, secret: Path, months: Path
) -> None:
    before = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    places = {"secret": secret, "months": months, "other": months.with_name("other.parquet"), "folder": tmp_path}

    with pytest.raises((NotAllowed, duckdb.Error)) as refused:
        ask(text.format(**places))

    assert "a,b" not in str(refused.value)
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert ask("from marts.poverty") == [{"poor": 3}]


def test_no_variable_of_the_program_is_a_table(ask: Ask) -> None:
    planted = duckdb.sql("select 1 as a")  # noqa: F841 - DuckDB would find it by its name

    with pytest.raises(duckdb.CatalogException):
        ask("from planted")


def test_only_functions_that_read_nothing_but_arguments_and_the_catalogue_may_be_called() -> None:
    """A function that a later DuckDB no longer has would be a gap in this list that nobody sees."""
    known = {name for (name,) in duckdb.sql("select distinct function_name from duckdb_functions()").fetchall()}

    assert known >= user_sql.TABLE_FUNCTIONS
    assert not [name for name in user_sql.TABLE_FUNCTIONS if name.startswith(("read_", "parquet_", "enable_", "query"))]
