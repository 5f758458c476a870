"""A delivery read whole, for tests that look at all of its rows at once."""

from dataclasses import replace

import pyarrow as pa

from sources import gate
from sources.reading.delivery import Delivery
from sources.reading.rows import CheckedRows, RowCounts, sorted_rows
from sources.reading.table import TextTable, lines_around


def read_whole(delivery: Delivery) -> tuple[TextTable, CheckedRows]:
    """The tables of a delivery as one, and its rows; `BrokenPromise` when it cannot be read."""
    tables, rows = zip(*sorted_rows(delivery), strict=True)
    around = lines_around(sum(table.around for table in tables))
    table = replace(
        tables[0],
        cells=pa.concat_tables([table.cells for table in tables]),
        misshapen=[entry for table in tables for entry in table.misshapen],
        ignored_columns=[*dict.fromkeys(name for table in tables for name in table.ignored_columns), *around],
        encoding=max((table.encoding for table in tables), key=len),
    )
    return table, CheckedRows(
        accepted=pa.concat_tables([part.accepted for part in rows]),
        rejected=pa.concat_tables([part.rejected for part in rows], promote_options="default"),
        duplicate_keys=sum(part.duplicate_keys for part in rows),
        foreign_communes=sum(part.foreign_communes for part in rows),
    )


def read_rows(delivery: Delivery) -> CheckedRows:
    """The rows of a delivery alone."""
    return read_whole(delivery)[1]


def measured(delivery: Delivery, rows: CheckedRows, previous: gate.Previous | None = None) -> gate.Measures:
    """The figures by which the gate judges a delivery of these rows."""
    counts = RowCounts()
    counts.add(rows)
    tallies = gate.Tallies()
    tallies.add("one", delivery, rows.accepted)
    return gate.compare(delivery, counts, previous, tallies.of("one"))
