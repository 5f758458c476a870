"""What the documents tell a reader to type works as it stands."""

import re
from pathlib import Path

import pytest
from pipeline.conftest import Warehouse

DOCUMENT = Path(__file__).parents[2] / "docs" / "figures.md"
QUERIES = re.findall(r"```sql( restricted)?\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(("restricted", "query"), QUERIES, ids=lambda text: " ".join(text.split()[:6]))
def test_a_query_of_the_book_has_an_answer(warehouse: Warehouse, restricted: str, query: str) -> None:
    answer = warehouse.restricted(query) if restricted else warehouse.public(query)

    assert answer


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
            and regexp_matches(column_name, '(_count|_count_max|_households|_persons|_vnd|_open|_days|units)$')
    """

    assert warehouse.restricted(floats) == []
    assert warehouse.public(floats) == []


@pytest.mark.parametrize("page", ["index.html", "restricted.html"])
def test_the_report_is_one_page_that_fetches_nothing(warehouse: Warehouse, page: str) -> None:
    text = (warehouse.version / page).read_text(encoding="utf-8")

    assert len(text) < 5_000_000
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", text)
    assert text.count("commune_code") >= 103
    assert "household_key" not in text
