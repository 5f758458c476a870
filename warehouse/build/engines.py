"""The engines that can compute a home's tables, and the one that is asked for.

Nothing heavy is imported: the command line names them. Not here: the work of either (`full`, `incremental`, `spark`).
"""

import os
from enum import StrEnum

# The setting that says which; DuckDB where it says nothing.
SETTING = "CANTHO_ENGINE"


class Engine(StrEnum):
    """Spark builds every month anew, or nothing."""

    DUCKDB = "duckdb"
    SPARK = "spark"


def is_spark() -> bool:
    """Whether Spark computes. `ValueError` for an engine that there is not."""
    return Engine(os.environ.get(SETTING) or Engine.DUCKDB) is Engine.SPARK
