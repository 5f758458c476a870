"""DuckDB as every part of the project opens it: from the machine alone, nothing is fetched at run time.

What is asked of it stands with who asks. dbt opens it with the same settings (`dbt_project/profiles.yml`).
"""

from collections.abc import Mapping
from pathlib import Path

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
