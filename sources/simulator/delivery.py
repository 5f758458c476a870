"""Rows on their way into a delivery: typed columns, and whom each row speaks of.

Columns hold English codes and true types; wording, headers and file formats come later (`files`), damage in `dirt`.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray


@dataclass
class Rows:
    """Rows of one feed, one entry per row in everything.

    `columns` become Arrow arrays. `person` is the person a row speaks of (-1: nobody), `household` the household and
    `commune` today's commune (indexes). `said` replaces cells by the very text that stands in the file.
    Records for the truth: `lost` rows that nobody can accept, `unnumbered` rows whose personal number cannot be used,
    `year_only` rows whose birth date is a year alone, `bearer` whose number stands on the row (the person's own, if
    nothing went wrong; beyond all persons where it is nobody's), and `wrong`, the rows that each fault struck.
    """

    columns: dict[str, Any]
    person: NDArray[np.int64]
    household: NDArray[np.int64]
    commune: NDArray[np.int16]
    said: dict[str, "Said"] = field(default_factory=dict)
    lost: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    unnumbered: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    year_only: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    bearer: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    wrong: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = {name: _arrow(values) for name, values in self.columns.items()}
        for record in ("lost", "unnumbered", "year_only"):
            if len(getattr(self, record)) != len(self):
                setattr(self, record, np.zeros(len(self), dtype=bool))
        if len(self.bearer) != len(self):
            self.bearer = self.person

    def __len__(self) -> int:
        return len(self.person)

    def take(self, index: NDArray[np.int64]) -> "Rows":
        """The rows at these positions, in this order; each at most as often as it should stand in the file."""
        chosen = pa.array(index)
        return Rows(
            {name: values.take(chosen) for name, values in self.columns.items()},
            person=self.person[index],
            household=self.household[index],
            commune=self.commune[index],
            said={name: Said(said.where[index], said.text[index]) for name, said in self.said.items()},
            lost=self.lost[index],
            unnumbered=self.unnumbered[index],
            year_only=self.year_only[index],
            bearer=self.bearer[index],
            wrong={fault: where[index] for fault, where in self.wrong.items()},
        )

    def replace(self, column: str, at: NDArray[np.int64], values: Any) -> None:
        """Put other values of the column's type into the rows `at`."""
        if not len(at):
            return
        where = np.zeros(len(self), dtype=bool)
        where[at] = True
        kind = self.columns[column].type
        other = pa.array(values).cast(kind) if isinstance(values, np.ndarray) else pa.array(values, kind)
        self.columns[column] = pc.replace_with_mask(self.columns[column], pa.array(where), other)

    def note(self, fault: str, at: NDArray[np.int64]) -> None:
        """Record that a fault struck the rows `at`."""
        if not len(at):
            return
        where = self.wrong.setdefault(fault, np.zeros(len(self), dtype=bool))
        where[at] = True

    def say(self, column: str, where: NDArray[np.bool_], text: NDArray[np.object_]) -> None:
        """Write `text` into the cells at `where`, whatever their type; one text per row of the whole."""
        if not where.any():
            return
        if column not in self.said:
            self.said[column] = Said(np.zeros(len(self), dtype=bool), np.full(len(self), None, dtype=object))
        said = self.said[column]
        said.where[where] = True
        said.text[where] = text[where]


@dataclass
class Said:
    """Texts that stand in a column instead of its values, at the rows `where`; None is an empty cell."""

    where: NDArray[np.bool_]
    text: NDArray[np.object_]


def together(parts: list[Rows]) -> Rows:
    """Rows of several parts, one below the other."""
    if len(parts) == 1:
        return parts[0]
    names = sorted({name for part in parts for name in part.said})
    blank = [Said(np.zeros(len(part), dtype=bool), np.full(len(part), None, dtype=object)) for part in parts]

    def joined(field_name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, field_name) for part in parts])

    return Rows(
        {name: pa.concat_arrays([part.columns[name] for part in parts]) for name in parts[0].columns},
        person=joined("person"),
        household=joined("household"),
        commune=joined("commune"),
        said={
            name: Said(
                np.concatenate(
                    [part.said.get(name, nothing).where for part, nothing in zip(parts, blank, strict=True)]
                ),
                np.concatenate([part.said.get(name, nothing).text for part, nothing in zip(parts, blank, strict=True)]),
            )
            for name in names
        },
        lost=joined("lost"),
        unnumbered=joined("unnumbered"),
        year_only=joined("year_only"),
        bearer=joined("bearer"),
        wrong={
            fault: np.concatenate([part.wrong.get(fault, np.zeros(len(part), dtype=bool)) for part in parts])
            for fault in sorted({fault for part in parts for fault in part.wrong})
        },
    )


def _arrow(values: Any) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        return values.combine_chunks()
    if isinstance(values, pa.Array):
        return values
    return pa.array(values, from_pandas=True)


def code_text(numbers: ArrayLike, width: int, prefix: str = "") -> pa.Array:
    """Whole numbers as text of `width` digits, with leading zeros, behind `prefix`."""
    digits = pc.utf8_lpad(pc.cast(pa.array(np.asarray(numbers, dtype=np.int64)), pa.string()), width, "0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, "") if prefix else digits


def words(vocabulary: list[str], index: NDArray[Any]) -> pa.Array:
    """The word at each index; null below 0."""
    index = np.asarray(index).astype(np.int64)
    return pa.array(vocabulary, pa.string()).take(pa.array(index, mask=index < 0))


def flags(values: NDArray[Any]) -> pa.Array:
    """Booleans from 1, 0 and -1 for not answered."""
    values = np.asarray(values).astype(np.int8)
    return pa.array(values == 1, mask=values < 0)


def days(values: NDArray[Any]) -> pa.Array:
    """Dates from day numbers."""
    return pa.array(np.asarray(values).astype(np.int32)).cast(pa.date32())


def maybe_day(values: NDArray[Any], stated: NDArray[np.bool_]) -> pa.Array:
    """Dates from day numbers, null where not stated."""
    return pa.array(np.where(stated, values, 0).astype(np.int32), mask=~stated).cast(pa.date32())
