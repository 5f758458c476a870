"""Two versions row by row: every fact and mart of both files, both ways.

Not here: what a later version has that an earlier one had not, in words (`versions`), and how a version is built again
(`orchestration.verification`).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sources import offline
from warehouse.published import store


@dataclass(frozen=True)
class Difference:
    """How many rows of a table only one side has; a table of the public file has `public.` before its name."""

    table: str
    published: int
    only_published: int
    only_rebuilt: int


def compare(
    published: Path,
    rebuilt: Path,
    month: date | None = None,
    ignored: Collection[str] = (),
    databases: Collection[str] = (store.RESTRICTED, store.PUBLIC),
) -> list[Difference]:
    """Every fact and mart of two versions' folders, row by row, both ways, but for the `ignored` columns."""
    return [
        replace(difference, table=f"{'public.' if name == store.PUBLIC else ''}{difference.table}")
        for name in databases
        for difference in _compared(published / name, rebuilt / name, month, ignored)
    ]


def _compared(published: Path, rebuilt: Path, month: date | None, ignored: Collection[str]) -> list[Difference]:
    differences = []
    with offline.connect() as engine:
        engine.execute(f"ATTACH '{published}' AS published (READ_ONLY)")
        engine.execute(f"ATTACH '{rebuilt}' AS rebuilt (READ_ONLY)")
        tables = engine.execute(
            "select distinct schema_name, table_name from duckdb_columns() "
            "where schema_name in ('facts', 'marts') and database_name in ('published', 'rebuilt') order by all"
        ).fetchall()
        monthly = {
            tuple(row)
            for row in engine.execute(
                "select schema_name, table_name from duckdb_columns() where column_name = 'period_month'"
            ).fetchall()
        }
        for schema, table in tables:
            columns = f"columns(lambda name: not list_contains({sorted(ignored)}, name))" if ignored else "*"
            where = f"where period_month = date '{month}'" if month and (schema, table) in monthly else ""
            sides = [f"select {columns} from {side}.{schema}.{table} {where}" for side in ("published", "rebuilt")]
            counts = [
                engine.execute(f"select count(*) from ({query})").fetchone()
                for query in (sides[0], f"{sides[0]} except all {sides[1]}", f"{sides[1]} except all {sides[0]}")
            ]
            differences.append(Difference(f"{schema}.{table}", *(count[0] if count else 0 for count in counts)))
    return differences
