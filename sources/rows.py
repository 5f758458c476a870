"""Rows that keep the contract, typed, and rows that do not, with the reason.

`check` is the contract's half of the gate: types, required cells, codes, keys, the commune a delivery may speak of.
What experience distrusts about a delivery as a whole is its suite's (`gate`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.code_lists import bank_place, place, words
from sources.contract import Column, Feed
from sources.delivery import Delivery
from sources.table import PLACE, ROW_NUMBER, TextTable
from sources.text import fold
from sources.values import READERS, list_reader, read_person_number, word_reader

# What every feed with a place gains: today's commune, the unit in force that month, and whether a default was assumed.
COMMUNE, COMMUNE_THEN, COMMUNE_ASSUMED = "commune_code", "commune_code_then", "commune_assumed"
BANK_PLACE = "bank_place_code"


@dataclass(frozen=True)
class CheckedRows:
    """The rows of a delivery, sorted by what the contract says of them.

    `accepted` holds the contract's columns typed, the commune columns, `row_number` and `place`. `rejected` holds what
    could be read of the other rows (same columns, unreadable cells null) and `reasons`, codes joined by semicolons.
    """

    accepted: pa.Table
    rejected: pa.Table
    duplicate_keys: int
    foreign_communes: int

    @property
    def total(self) -> int:
        return self.accepted.num_rows + self.rejected.num_rows


class Reasons:
    """Why rows are rejected: a growing list of reason codes per row."""

    def __init__(self, rows: int) -> None:
        self._by_code: dict[str, np.ndarray] = {}
        self._rows = rows

    def add(self, code: str, rows: np.ndarray) -> None:
        if rows.any():
            self._by_code[code] = self._by_code.get(code, np.zeros(self._rows, bool)) | rows

    def given(self, *codes: str) -> np.ndarray:
        """Rows that were rejected for one of these reasons."""
        none = np.zeros(self._rows, bool)
        return np.logical_or.reduce([none, *(self._by_code.get(code, none) for code in codes)])

    @property
    def any(self) -> np.ndarray:
        return self.given(*self._by_code)

    def codes(self, rows: np.ndarray) -> list[str]:
        return [
            ";".join(code for code, flagged in self._by_code.items() if flagged[row]) for row in np.flatnonzero(rows)
        ]


def check(delivery: Delivery, table: TextTable) -> CheckedRows:
    """Sort a delivery's rows into accepted and rejected."""
    feed, cells = delivery.feed, table.cells
    reasons = Reasons(cells.num_rows)
    typed = {column.name: _typed(column, cells[column.name], reasons) for column in feed.columns}
    own = feed.module("reader")
    typed = getattr(own, "complete", lambda cells: cells)(typed)
    for column in feed.columns:
        if column.required:
            missing = _mask(pc.is_null(typed[column.name]))
            reasons.add(
                f"required:{column.name}", missing & ~reasons.given(f"type:{column.name}", f"range:{column.name}")
            )
    for reason, rows in getattr(own, "faults", lambda _: {})(typed).items():
        reasons.add(reason, np.array(rows, bool))
    typed |= _places(delivery, typed, reasons)
    foreign = np.zeros(cells.num_rows, bool)
    if delivery.commune and COMMUNE_THEN in typed:
        foreign = _mask(pc.fill_null(pc.not_equal(typed[COMMUNE_THEN], delivery.commune), False))
        reasons.add("foreign_commune", foreign)
    duplicates = _duplicates(feed, typed, reasons.any)
    reasons.add("duplicate_key", duplicates)
    if feed.falls_with_head:
        _fall_with_head(feed, typed, reasons)
    rows = pa.table({**typed, ROW_NUMBER: cells[ROW_NUMBER], PLACE: cells[PLACE]})
    rejected = reasons.any
    return CheckedRows(
        accepted=rows.filter(pa.array(~rejected)),
        rejected=_rejected(rows, rejected, reasons, table.misshapen),
        duplicate_keys=int(duplicates.sum()),
        foreign_communes=int(foreign.sum()),
    )


def reader(column: Column) -> Callable[[str], object]:
    """How a non-empty cell of this column is read."""
    if column.kind == "list":
        return list_reader(words(column))
    if column.words or (column.code_list and column.code_list != "bank_places"):
        return word_reader(column, words(column))
    if column.kind == "personal_number" and column.required:
        return read_person_number
    return READERS[column.kind]


def _mask(values: pa.Array | pa.ChunkedArray) -> np.ndarray:
    return values.to_numpy(zero_copy_only=False).astype(bool)


def _typed(column: Column, cells: pa.ChunkedArray, reasons: Reasons) -> pa.Array:
    """The column's values. Each distinct text is read once; texts that cannot be read become null with a reason."""
    read = reader(column)
    encoded = cells.combine_chunks().dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    # Where ticks are the only answers, leaving a cell empty is the other answer; elsewhere it is no answer.
    empty = column.empty_means
    if column.kind == "boolean" and {fold(text) for text in texts if text} - {""} == {"x"}:
        empty = False
    values, unread, beyond = [], [], []
    for text in texts:
        value, failed, outside = empty, False, False
        if text and text.strip():
            try:
                value = read(text)
            except ValueError:
                value, failed = None, True
            if isinstance(value, int | Decimal) and column.minimum is not None:
                outside = value < column.minimum or (column.maximum is not None and value > column.maximum)
        values.append(None if outside or value == "" else value)
        unread.append(failed)
        beyond.append(outside)
    indices = pc.fill_null(encoded.indices, len(texts))
    values.append(empty)
    at = indices.to_numpy()
    reasons.add(f"type:{column.name}", np.array([*unread, False])[at])
    reasons.add(f"range:{column.name}", np.array([*beyond, False])[at])
    return pa.array(values, column.arrow_type).take(indices)


def _places(delivery: Delivery, typed: dict[str, pa.Array], reasons: Reasons) -> dict[str, pa.Array]:
    """The commune columns, for feeds that name a place."""
    if BANK_PLACE in typed:
        source, resolve = BANK_PLACE, lambda code: place(bank_place(code, delivery.month), delivery.month)
    elif COMMUNE in typed:
        source, resolve = COMMUNE, lambda code: place(code, delivery.month)
    else:
        return {}
    encoded = typed[source].dictionary_encode()
    found, unknown = [], []
    for code in encoded.dictionary.to_pylist():
        try:
            found.append(resolve(code))
            unknown.append(False)
        except ValueError:
            found.append((None, None, None))
            unknown.append(True)
    indices = pc.fill_null(encoded.indices, len(found))
    found.append((None, None, None))
    reasons.add(f"unknown_place:{source}", np.array([*unknown, False])[indices.to_numpy()])
    today, then, assumed = zip(*found, strict=True)
    return {
        COMMUNE: pa.array(today, pa.string()).take(indices),
        COMMUNE_THEN: pa.array(then, pa.string()).take(indices),
        COMMUNE_ASSUMED: pa.array(assumed, pa.bool_()).take(indices),
    }


def _duplicates(feed: Feed, typed: dict[str, pa.Array], rejected: np.ndarray) -> np.ndarray:
    """Rows whose key an earlier sound row already has: the first stands.

    A commune in a key is the unit of that month: several of before the merger make one of today's.
    """
    units = typed | ({COMMUNE: typed[COMMUNE_THEN]} if COMMUNE_THEN in typed else {})
    keys = pa.table({name: units[name] for name in feed.key}).append_column("at", pa.array(np.arange(len(rejected))))
    sound = keys.filter(pa.array(~rejected))
    first = sound.group_by(list(feed.key), use_threads=False).aggregate([("at", "min")])["at_min"].to_numpy()
    duplicate = ~rejected
    duplicate[first] = False
    return duplicate


def _fall_with_head(feed: Feed, typed: dict[str, pa.Array], reasons: Reasons) -> None:
    """Reject the households whose head's row is rejected: class and decision stand on that row alone."""
    group = pa.table({name: typed[name] for name in feed.falls_with_head})
    heads = pc.fill_null(pc.equal(typed["relation"], "head"), False)
    group = group.append_column("head", pa.array(_mask(heads) & ~reasons.any).cast(pa.int8()))
    sound = group.group_by(list(feed.falls_with_head)).aggregate([("head", "max")])
    joined = group.append_column("at", pa.array(np.arange(group.num_rows))).join(sound, list(feed.falls_with_head))
    order = joined["at"].to_numpy()
    headless = np.ones(group.num_rows, bool)
    headless[order] = joined["head_max"].fill_null(0).to_numpy() == 0
    reasons.add("head_row_rejected", headless & ~reasons.any)


def _rejected(rows: pa.Table, rejected: np.ndarray, reasons: Reasons, misshapen: list[tuple[int, str]]) -> pa.Table:
    found = rows.filter(pa.array(rejected)).append_column("reasons", pa.array(reasons.codes(rejected), pa.string()))
    if not misshapen:
        return found
    bare = pa.table(
        {ROW_NUMBER: pa.array([n for n, _ in misshapen], pa.int64()), "reasons": pa.array([r for _, r in misshapen])}
    )
    return pa.concat_tables([found, bare], promote_options="default").sort_by(ROW_NUMBER)
