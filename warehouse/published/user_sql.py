"""SQL that a person wrote, on a connection that reaches the databases it is given and nothing else.

One SELECT a call: DuckDB itself parses the text, and the functions in FROM that it may call are listed here, since some
read files or write them (`enable_logging`). Outside access is off but for the month files that views of a version read.
Not here: SQL of our own (`questions`), and who may look (modes of files, `access`).
"""

import json
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from sources import offline

# What FROM may call: functions that look at nothing but their arguments, or at the catalogue.
TABLE_FUNCTIONS = frozenset(
    {
        *("range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree"),
        *("histogram", "histogram_values", "summary", "show", "pragma_show", "pragma_table_info"),
        *("duckdb_columns", "duckdb_constraints", "duckdb_databases", "duckdb_functions", "duckdb_keywords"),
        *("duckdb_schemas", "duckdb_tables", "duckdb_types", "duckdb_views"),
    }
)


class NotAllowed(Exception):
    """A text is something else than one SELECT over the tables of a version; says what is allowed."""


Ask = Callable[[str], list[dict[str, Any]]]


@contextmanager
def opened(
    databases: Mapping[str, Path],
    month_files: Iterable[Path] = (),
    prepare: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
) -> Generator[Ask]:
    """A function that answers texts from these databases by name, the first of which need not be named.

    `month_files` are those that their views read; `prepare` may make views of its own before the doors are closed. The
    function gives the rows of one SELECT, and raises `NotAllowed` and `duckdb.Error`.
    """
    # Without a place to spill nothing is ever written; what does not fit into memory is refused.
    settings: dict[str, offline.Setting] = {"temp_directory": "", "python_enable_replacements": False}
    with offline.connect(settings=settings) as engine:
        for name, path in databases.items():
            engine.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
        if prepare:
            prepare(engine)
        else:
            engine.execute(f"USE {next(iter(databases))}")
        engine.execute("SET allowed_paths = $1", [[str(path) for path in month_files]])
        engine.execute("SET enable_external_access = false")
        engine.execute("SET lock_configuration = true")

        def ask(text: str) -> list[dict[str, Any]]:
            _refuse_all_but_a_select(engine, text)
            return offline.rows(engine, text)

        yield ask


def _refuse_all_but_a_select(engine: duckdb.DuckDBPyConnection, text: str) -> None:
    kinds = [statement.type.name for statement in engine.extract_statements(text)]
    (parsed,) = engine.execute("SELECT json_serialize_sql($1)", [text]).fetchone() or ("{}",)
    tree = json.loads(parsed)
    if kinds != ["SELECT"] or tree.get("error"):
        given = ", ".join(kinds) if kinds != ["SELECT"] else "a SELECT that does more"
        raise NotAllowed(
            f"One SELECT at a time is answered (also FROM, DESCRIBE, SUMMARIZE, SHOW), not {given or text}."
        )
    if called := sorted(set(_table_functions(tree)) - TABLE_FUNCTIONS):
        raise NotAllowed(f"{', '.join(called)}: a query may read the tables of a version, no files and no settings.")


def _table_functions(tree: Any) -> Generator[str]:
    """Names of the functions that a parsed query calls in a FROM, wherever it stands."""
    if isinstance(tree, dict):
        if tree.get("type") == "TABLE_FUNCTION":
            yield str(tree["function"]["function_name"]).lower()
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from _table_functions(part)
