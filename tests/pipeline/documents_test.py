"""What the documents tell a reader to type works as it stands."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
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


Typed = Callable[[str], subprocess.CompletedProcess[str]]
ROOT = DOCUMENT.parents[1]
# What takes minutes, a server or another program is not run: the conventions ask whether commands, options and targets
# are ones.
ELSEWHERE = """
cantho() { case "$1 $2" in simulate* | run* | rebuild* | verify* | *replay) ;; *) command cantho "$@" ;; esac; }
make() { command make --dry-run "$@"; }
pip() { :; }
duckdb() { :; }
harlequin() { :; }
marimo() { :; }
rsync() { :; }
set -ex
"""


def blocks(text: str) -> list[str]:
    """What a reader of a document types, block by block: shell as it stands, Python as a program for it."""
    found = re.findall(r"^```(sh|python)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [code if language == "sh" else f"python3 - <<'PYTHON'\n{code}PYTHON\n" for language, code in found]


WITH_BLOCKS = [
    path
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sources").rglob("*.md")])
    if blocks(path.read_text(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def typed(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Typed:
    """A shell in a checkout, whose home is a copy: what a reader types runs there, with words of their own."""
    folder, checkout = tmp_path_factory.mktemp("reader"), tmp_path_factory.mktemp("checkout")
    for path in ROOT.iterdir():
        (checkout / path.name).symlink_to(path)
    home, file = folder / "home", folder / "labour/poverty_list/2026-09_31135.xlsx"
    shutil.copytree(warehouse.home, home)
    file.parent.mkdir(parents=True)
    shutil.copyfile(ROOT / "sources/labour/poverty_list/sample.xlsx", file)
    quarantined = json.loads(warehouse.cantho("quarantine", "list", "--json").stdout)
    own = {
        "$PWD/warehouse/home": str(home), "warehouse/home": str(home), "/tmp/home": str(home), "BACKUP/": f"{folder}/",
        "FILE": str(file), "HOME ": f"{home} ", "HOME\n": f"{home}\n", " ID ": f" {quarantined[0]['id']} ",
        "select ...": "select 1", '"..."': '"select 1"', "v00042": warehouse.version.name,
    }  # fmt: skip
    own_home = {"CANTHO_HOME": str(home), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def run(text: str) -> subprocess.CompletedProcess[str]:
        for word, meant in own.items():
            text = text.replace(word, meant)
        return subprocess.run(
            ["bash", "-c", ELSEWHERE + text], cwd=checkout, env=os.environ | own_home,
            capture_output=True, text=True, check=False, timeout=900,
        )  # fmt: skip

    return run


@pytest.mark.parametrize("path", WITH_BLOCKS, ids=lambda path: path.name)
def test_what_a_document_tells_to_type_works(typed: Typed, path: Path) -> None:
    ran = typed("".join(blocks(path.read_text(encoding="utf-8"))))

    assert ran.returncode == 0, ran.stderr


def test_what_does_not_work_is_found(typed: Typed) -> None:
    ran = typed("".join(blocks('```sh\ncantho sql -c "select nothing"\ncantho status\n```\n')))

    assert ran.returncode != 0
    assert "cantho status" not in ran.stderr


def test_documents_tell_what_to_type() -> None:
    """A block that is written otherwise would be tried by nobody."""
    assert {path.name for path in WITH_BLOCKS} == {
        "README.md", "CONTRIBUTING.md", "deliveries.md", "figures.md", "recipes.md", "recovery.md", "scaling.md",
    }  # fmt: skip
