"""What the documents tell a reader to type works as it stands."""

import ast
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from examples import Example, examples
from pipeline.conftest import Warehouse

from warehouse.published.questions import rows
from warehouse.published.versions import across
from warehouse.zones.home import Home

DOCUMENT = Path(__file__).parents[2] / "docs" / "figures.md"
QUERIES = re.findall(r"```sql( restricted| across)?\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(("where", "query"), QUERIES, ids=lambda text: " ".join(text.split()[:6]))
def test_a_query_of_the_book_has_an_answer(warehouse: Warehouse, where: str, query: str) -> None:
    if where == " across":
        with across(Home.at(warehouse.home)) as ask:
            answer = ask(query)
    else:
        answer = warehouse.restricted(query) if where else warehouse.public(query)

    assert answer


NOTEBOOK = ast.parse((DOCUMENT.parent / "explore.py").read_text(encoding="utf-8"))
ASKED = [
    node.value
    for node in ast.walk(NOTEBOOK)
    if isinstance(node, ast.Constant) and str(node.value).strip().startswith("select ")
]


@pytest.mark.parametrize("query", ASKED, ids=lambda text: " ".join(text.split()[:6]))
def test_a_query_of_the_notebook_has_an_answer(warehouse: Warehouse, query: str) -> None:
    chosen = {"basis": "legal", "month": "2026-10"}
    answer = rows(
        warehouse.version / "public.duckdb", query, {name: it for name, it in chosen.items() if f"${name}" in query}
    )

    assert answer


@pytest.mark.parametrize("database", ["public", "restricted"])
def test_tables_that_the_dictionary_joins_double_no_row(warehouse: Warehouse, database: str) -> None:
    ask = warehouse.public if database == "public" else warehouse.restricted
    written = (warehouse.version / "dictionary.md").read_text(encoding="utf-8")
    sections = re.findall(rf"^## (\S+) \({database}\.duckdb\)$(.*?)(?=^## |\Z)", written, re.DOTALL | re.MULTILINE)
    schemas = {name.split(".")[1]: name.split(".")[0] for name, _ in sections}
    joined = [
        (name, f"{schemas[other]}.{other}", columns.replace("`", ""))
        for name, text in sections
        for line in re.findall(r"^Joined to it, these double no row: (.*)\.$", text, re.MULTILINE)
        for other, columns in re.findall(r"`(\w+)` on ([^;]+)", line)
    ]

    doubled = [
        (name, other)
        for name, other, columns in joined
        if ask(
            f"select (select count(*) from {name}) < (select count(*) from {name} inner join {other} using ({columns}))"
        )
        != [(False,)]
    ]

    assert len(joined) > 50
    assert doubled == []


def test_every_area_of_the_marts_has_a_name(warehouse: Warehouse) -> None:
    unnamed = warehouse.public(
        "select distinct area_level, area_code from marts.area_poverty anti join marts.dim_area "
        "using (area_level, area_code)"
    )

    assert unnamed == []


def test_the_notebook_asks_three_questions() -> None:
    """One that is written otherwise would be tried by nobody."""
    assert len(ASKED) == 3


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example.question)
def test_an_example_has_the_columns_that_the_book_shows(warehouse: Warehouse, example: Example) -> None:
    """What it prints is compared by `python -m tests.examples`, for it takes a larger home."""
    if example.database == "across":
        with across(Home.at(warehouse.home)) as ask:
            answer = ask(example.query)
    else:
        answer = rows(warehouse.version / f"{example.database}.duckdb", example.query)

    assert answer
    assert list(answer[0]) == example.columns


def test_the_book_has_twenty_examples() -> None:
    """One whose block is not written as the others would be asked by nobody."""
    assert [example.number for example in examples()] == list(range(1, 21))


def test_every_published_table_and_column_says_what_it_means(warehouse: Warehouse) -> None:
    silent = """
        select table_name, column_name from duckdb_columns()
        where schema_name in ('marts', 'facts') and database_name <> 'temp' and coalesce(comment, '') = ''
    """

    assert warehouse.public(silent) == []
    assert warehouse.restricted(silent) == []


def test_counts_are_published_as_integers(warehouse: Warehouse) -> None:
    floats = """
        select table_name, column_name from duckdb_columns()
        where schema_name in ('marts', 'facts') and database_name <> 'temp' and data_type in ('DOUBLE', 'HUGEINT')
            and regexp_matches(column_name, '(_count|_count_max|_households|_persons|_vnd|_open|_days|units|children)$')
    """

    assert warehouse.restricted(floats) == []
    assert warehouse.public(floats) == []


def test_the_page_of_models_has_columns_as_built_and_what_is_said_of_them(warehouse: Warehouse) -> None:
    command = [sys.executable, "-m", "orchestration.command.documentation"]
    written = subprocess.run(
        command, env=os.environ | {"CANTHO_HOME": str(warehouse.home)}, capture_output=True, text=True, check=True
    )

    page = Path(written.stdout.removeprefix("Models and lineage: ").strip()).read_text(encoding="utf-8")
    assert "What each indicator says of each household, with the evidence it rests on." in page
    # dbt asks the live file for the types.
    assert re.search(r'"poor_households": \{"type": "BIGINT"', page)


def _commands(document: str) -> list[list[str]]:
    """The `cantho` commands that a document shows, each in words; one that goes on over lines is one."""
    text = (DOCUMENT.parents[1] / document).read_text(encoding="utf-8")
    found, open_text = [], ""
    for line in re.findall(r"^    (.*)$", text, re.MULTILINE):
        if not open_text and not line.startswith("cantho "):
            continue
        open_text += line + "\n"
        try:
            found.append(shlex.split(open_text, comments=True))
            open_text = ""
        except ValueError:
            # A quotation goes on in the next line.
            continue
    assert not open_text
    return found


@pytest.mark.parametrize("command", _commands("README.md"), ids=" ".join)
def test_a_command_of_the_readme_works(warehouse: Warehouse, command: list[str]) -> None:
    ran = warehouse.cantho(*command[1:])

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_readme_shows_four_commands() -> None:
    assert [command[1] for command in _commands("README.md")] == ["status", "progress", "sql", "open"]
