"""How much memory DuckDB may hold in a step of a home, a build or a publication, and where it writes the rest.

Not here: the limit itself, and what reading may hold (`sources.reading.processes`).
"""

from sources import offline
from sources.reading.processes import memory_limit
from warehouse.zones.home import Home

# What DuckDB may hold of the memory of a step: the rest is for the process around it, and what DuckDB does not count.
# With 40 % of 1 GB a dbt test of the city's month fails.
SHARE = 0.5


def settings(home: Home) -> dict[str, offline.Setting]:
    """DuckDB's settings; `ValueError` when CANTHO_MEMORY_LIMIT is no size."""
    return {
        "memory_limit": f"{int(SHARE * memory_limit()) // 2**20}MiB",
        "temp_directory": str(home.live / "temp"),
    }
