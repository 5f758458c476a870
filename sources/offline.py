"""DuckDB as every part of the project opens and asks it: from the machine alone, nothing is fetched at run time.

Queries are written where their answers are used. dbt opens it with the same settings (`dbt_project/profiles.yml`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

Setting = str | bool | int | float | list[str]


def connect(
    database: Path | None = None, *, read_only: bool = False, settings: Mapping[str, Setting] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a database file, or one in memory; `settings` are DuckDB's own. Raises `duckdb.Error`."""
    nothing_fetched = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    return duckdb.connect(
        str(database or ":memory:"), read_only=read_only, config={**nothing_fetched, **(settings or {})}
    )


def rows(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows of a query by column name. Raises `duckdb.Error`."""
    result = connection.execute(sql, dict(parameters or {}))
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
