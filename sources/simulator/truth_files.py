"""The two files of `--truth`, written month by month. Not here: how an answer comes about (`truth`, `knowledge`)."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sources.simulator.delivery import Rows
from sources.simulator.knowledge import Known
from sources.simulator.months import first_day
from sources.simulator.truth import CLASSES, STANDARDS, Values


class TruthFiles:
    """The two files of `--truth`, written month by month."""

    HOUSEHOLD = pa.schema(
        [
            ("period_month", pa.date32()),
            ("commune_code", pa.string()),
            ("household_code", pa.string()),
            ("standard_id", pa.string()),
            ("indicator_code", pa.string()),
            ("deprived", pa.bool_()),
            ("expected", pa.bool_()),
            ("expected_class", pa.string()),
            ("review_year", pa.int64()),  # codes begin anew each year, and a form of last year may still be in force
            ("member_count", pa.int64()),  # of the form
            ("deprived_at_evidence", pa.bool_()),  # what was true when the evidence spoke
        ]
    )
    PERSON = pa.schema(
        [
            ("period_month", pa.date32()),
            ("person_id", pa.int64()),
            ("department", pa.string()),
            ("feed", pa.string()),
            ("row_key", pa.string()),
            ("faults", pa.string()),  # what is wrong about the person in this row; null where nothing is
        ]
    )

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._households = pq.ParquetWriter(folder / "household_truth.parquet", self.HOUSEHOLD, compression="zstd")
        self._persons = pq.ParquetWriter(folder / "person_truth.parquet", self.PERSON, compression="zstd")

    def households(
        self,
        month: int,
        commune_codes: list[str],
        known: Known,
        deprived: dict[str, Values],
        at_evidence: dict[str, Values],
    ) -> None:
        """Add the month: one row per household, standard and indicator."""
        reviews = known.reviews
        commune = pa.array(commune_codes).take(pa.array(reviews.commune.to_numpy()))
        code = pa.array(reviews.code, pa.string())
        for standard, codes in STANDARDS.items():
            known_class = pa.array(CLASSES).take(pa.array(known.classes[standard]))
            for indicator in codes:
                self._households.write_table(
                    pa.table(
                        [
                            _repeated(first_day(month), pa.date32(), len(reviews)),
                            commune,
                            code,
                            _repeated(standard, pa.string(), len(reviews)),
                            _repeated(indicator, pa.string(), len(reviews)),
                            _boolean(deprived[indicator]),
                            _boolean(known.values[indicator]),
                            known_class,
                            pa.array(reviews.month.to_numpy() // 12, pa.int64()),
                            pa.array(reviews["size"].to_numpy(), pa.int64()),
                            _boolean(at_evidence[indicator]),
                        ],
                        schema=self.HOUSEHOLD,
                    )
                )

    def persons(self, month: int, department: str, feed: str, key: list[str], rows: Rows) -> None:
        """Add whom the rows of a delivery speak of; the key is the columns of the contract's key joined by `|`."""
        parts = [pc.cast(rows.columns[name], pa.string()) for name in key]
        row_key = pc.binary_join_element_wise(*parts, "|", null_handling="replace", null_replacement="")
        table = pa.table(
            [
                _repeated(first_day(month), pa.date32(), len(rows)),
                pa.array(rows.person),
                _repeated(department, pa.string(), len(rows)),
                _repeated(feed, pa.string(), len(rows)),
                row_key,
                _named(rows.wrong, len(rows)),
            ],
            schema=self.PERSON,
        )
        kept = rows.person >= 0
        if rows.lost.any():  # a row may stand in the delivery twice
            _, first = np.unique(row_key.to_numpy(zero_copy_only=False).astype("U"), return_index=True)
            kept &= np.isin(np.arange(len(rows)), first)
        self._persons.write_table(table.filter(pa.array(kept)))

    def close(self) -> None:
        """Finish both files."""
        self._households.close()
        self._persons.close()


def _named(wrong: dict[str, NDArray[np.bool_]], count: int) -> pa.Array:
    """Names of the faults of each row, joined by `; `; null without any."""
    texts = np.full(count, None, dtype=object)
    for fault, where in sorted(wrong.items()):
        texts[where] = [fault if earlier is None else f"{earlier}; {fault}" for earlier in texts[where]]
    return pa.array(texts, pa.string())


def _repeated(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    scalar = pa.scalar(int(value), pa.int32()).cast(kind) if kind == pa.date32() else pa.scalar(value, kind)
    return pa.repeat(scalar, count)


def _boolean(values: Values) -> pa.Array:
    return pa.array(values == 1, mask=values < 0)
