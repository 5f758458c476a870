"""Rows that keep the contract, typed, and rows that do not, with the reason.

`Checks` are the contract's half of the gate: types, required cells, codes, keys, the commune a delivery may speak of.
What experience distrusts about a delivery as a whole is its suite's (`gate`).
"""

import contextlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.contracts.code_lists import (
    MERGER,
    bank_place,
    communes_named,
    named_today,
    parts,
    place,
    today_named,
    words,
)
from sources.contracts.feeds import Column, Feed
from sources.reading.columns import plain_values
from sources.reading.delivery import Delivery
from sources.reading.encoding import in_foreign_letters, misread
from sources.reading.table import PLACE, ROW_NUMBER, TextTable, read_tables
from sources.reading.values import (
    EPOCH_1904,
    READERS,
    day_and_month,
    list_reader,
    read_date,
    read_date_or_year,
    read_money,
    read_person_number,
    says_nothing,
    word_reader,
)
from sources.reading.whole import COMMUNE_NAME, DISTRICT_NAME, PLACE_PARTS, Whole
from sources.text import fold, tidy

# What every feed with a place gains: today's commune, the unit in force that month, and whether a default was assumed.
COMMUNE, COMMUNE_THEN, COMMUNE_ASSUMED = "commune_code", "commune_code_then", "commune_assumed"
BANK_PLACE = "bank_place_code"
# Why a cell that is not empty has no value.
UNREAD = ("type", "letters", "range", "pattern", "unit", "future", "identity")
SEPARATOR = "\x1f"
# A personal number in a column that passes the identity zone: the columns have changed places, or a note slipped in.
PERSONAL_NUMBER = re.compile(r"(?<!\d)0\d{11}(?!\d)")
# So many days written in each of two ways show that a program turned day and month around in one of them.
TURNED_FROM = 4
# One such day is a slip of the hand; this share of a column's days is the habit of a program.
MONTH_FIRST_PCT = 1
# So many names, all of today's units and one of them of no older, show that a file names the units of today.
TODAY_FROM = 10
# Row numbers that are kept per reason; the rest is counted.
ROWS_LISTED = 10
# Of so many keys is a run that is not put together with others: it would take its memory twice.
LONGEST_RUN = 4_000_000
# Today's commune, the unit in force that month, whether a default was assumed.
Place = tuple[str | None, str | None, bool | None]
NOWHERE: Place = (None, None, None)


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


@dataclass
class RowCounts:
    """What is known of the rows of a delivery when they have passed: how many, and why which were set apart.

    Of each reason the numbers of its first rows are kept.
    """

    accepted: int = 0
    rejected: int = 0
    duplicate_keys: int = 0
    foreign_communes: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first_rows: dict[str, list[int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.accepted + self.rejected

    def add(self, rows: CheckedRows) -> None:
        self.accepted += rows.accepted.num_rows
        self.rejected += rows.rejected.num_rows
        self.duplicate_keys += rows.duplicate_keys
        self.foreign_communes += rows.foreign_communes
        if not rows.rejected.num_rows:
            return
        codes = pc.split_pattern(rows.rejected["reasons"].combine_chunks(), ";")
        numbers = rows.rejected[ROW_NUMBER].combine_chunks().take(pc.list_parent_indices(codes))
        by_code = pa.table({"code": pc.list_flatten(codes), "number": numbers})
        for entry in pc.value_counts(by_code["code"]).to_pylist():
            code, count = entry["values"], entry["counts"]
            self.reasons[code] += count
            listed = self.first_rows.setdefault(code, [])
            with_code = by_code["number"].filter(pc.equal(by_code["code"], code))
            listed += with_code.slice(0, ROWS_LISTED - len(listed)).to_pylist()


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


class Checks:
    """The checks of one delivery, whose tables are given in their order; what they say as a `whole` is known."""

    def __init__(self, delivery: Delivery, whole: Whole) -> None:
        self._delivery, self._whole = delivery, whole
        self._meant = _Meant.of(delivery, whole)
        self._names_today = _names_today(delivery, whole)
        self._keys = _Keys()

    def sort(self, table: TextTable) -> CheckedRows:
        """Sort the rows of a table into accepted and rejected."""
        delivery, feed, cells = self._delivery, self._delivery.feed, table.cells
        reasons = Reasons(cells.num_rows)
        typed = {
            column.name: _typed(delivery, column, cells[column.name], reasons, self._meant, table.from_1904)
            for column in feed.columns
        }
        own = feed.module("reader")
        typed = getattr(own, "complete", lambda cells: cells)(typed)
        named = {part: _tidied(cells[part]) for part in PLACE_PARTS}
        if COMMUNE in typed:
            # A name where the code is missing says the place as well as one that stands in the code's column.
            typed[COMMUNE] = pc.coalesce(typed[COMMUNE], named[COMMUNE_NAME])
            if delivery.commune:
                # A row that says no place is of the commune that the file's name says.
                silent = pc.and_(pc.is_null(typed[COMMUNE]), pc.invert(pa.array(reasons.given(*_unread(COMMUNE)))))
                elsewhere = [pc.is_valid(named[part]) for part in PLACE_PARTS[1:]]
                silent = pc.and_not(silent, pc.and_(pc.or_(*elsewhere), pc.is_null(named[COMMUNE_NAME])))
                typed[COMMUNE] = pc.if_else(silent, delivery.commune, typed[COMMUNE])
        for column in feed.columns:
            if column.required:
                missing = _mask(pc.is_null(typed[column.name])) & ~reasons.given(*_unread(column.name))
                reasons.add(f"required:{self._said_in(column.name)}", missing)
        for reason, rows in getattr(own, "faults", lambda _: {})(typed).items():
            reasons.add(reason, np.array(rows, bool))
        typed |= _places(delivery, typed, named, reasons, self._names_today)
        foreign = np.zeros(cells.num_rows, bool)
        if delivery.commune and COMMUNE_THEN in typed:
            foreign = _mask(pc.fill_null(pc.not_equal(typed[COMMUNE_THEN], delivery.commune), False))
            reasons.add("foreign_commune", foreign)
        duplicates = self._duplicates(typed, reasons.any)
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

    def _said_in(self, column: str) -> str:
        """The column that a reason names: the one of names, where a file says its communes by name alone."""
        by_name = COMMUNE not in self._whole.present and COMMUNE_NAME in self._whole.present
        return COMMUNE_NAME if column == COMMUNE and by_name else column

    def _duplicates(self, typed: dict[str, pa.Array], rejected: np.ndarray) -> np.ndarray:
        """Rows whose key an earlier sound row already has: the first stands.

        A commune in a key is the unit of that month: several of before the merger make one of today's.
        """
        units = typed | ({COMMUNE: typed[COMMUNE_THEN]} if COMMUNE_THEN in typed else {})
        keys = pa.table({name: units[name] for name in self._delivery.feed.key})
        return self._keys.repeated(keys, ~rejected)


@dataclass(frozen=True)
class _Meant:
    """How the texts of columns are meant, which shows in all of them together.

    `doubtful` are days by column that can be read in two ways, `ticked` the columns whose only answer is a tick. Their
    texts come up in every table: `read` holds what was made of them, and why not.
    """

    doubtful: dict[str, set[str]] = field(default_factory=dict)
    ticked: set[str] = field(default_factory=set)
    read: dict[str, dict[str, tuple[object, str | None]]] = field(default_factory=dict)

    @classmethod
    def of(cls, delivery: Delivery, whole: Whole) -> "_Meant":
        doubtful, ticked = {}, set()
        for column in delivery.feed.columns:
            if column.name in whole.texts:
                texts = [text for text in whole.texts[column.name].to_pylist() if text]
                doubtful[column.name] = _in_doubt(column, texts)
                if column.kind == "boolean" and {*map(fold, texts)} - {""} == {"x"}:
                    ticked.add(column.name)
        return cls(doubtful, ticked, {name: {} for name in doubtful})


class _Keys:
    """The keys of the sound rows of a delivery's tables so far.

    Within a table they are compared as they are. Of the tables before it, a hash of 64 bits is kept, eight bytes a row:
    among four million keys, two that differ have the same one in one of two million files.
    """

    def __init__(self) -> None:
        # In sorted runs, which are put together while they are short: a key is looked for in few of them.
        self._runs: list[np.ndarray] = []
        # Not hashed yet: a delivery of one table needs no hash.
        self._last: pa.Table | None = None

    def repeated(self, keys: pa.Table, sound: np.ndarray) -> np.ndarray:
        """Which of the sound rows have the key of an earlier one."""
        at = pa.array(np.flatnonzero(sound))
        keys = keys.filter(pa.array(sound))
        if self._last is not None:
            self._add(np.sort(_hashes(self._last)))
        first = keys.append_column("at", at).group_by(keys.column_names, use_threads=False).aggregate([("at", "min")])
        repeated = sound.copy()
        repeated[first["at_min"].to_numpy()] = False
        if self._runs and keys.num_rows:
            hashes = _hashes(keys)
            order = np.argsort(hashes)
            for run in self._runs:
                places = np.minimum(np.searchsorted(run, hashes[order]), len(run) - 1)
                repeated[at.to_numpy()[order[run[places] == hashes[order]]]] = True
        self._last = keys
        return repeated

    def _add(self, run: np.ndarray) -> None:
        while self._runs and len(self._runs[-1]) <= len(run) < LONGEST_RUN:
            run = np.sort(np.concatenate([self._runs.pop(), run]))
        if len(run):
            self._runs.append(run)


def _hashes(keys: pa.Table) -> np.ndarray:
    columns = ", ".join(f'"{name}"' for name in keys.column_names)
    with _engine().cursor() as engine:
        engine.register("keys", keys)
        return engine.execute(f"SELECT hash({columns}) FROM keys").to_arrow_table().column(0).to_numpy()


@cache
def _engine() -> Any:
    # Imported here: most deliveries are of one table.
    from sources import offline

    return offline.connect(settings={"threads": 1})


def sorted_rows(delivery: Delivery) -> Iterator[tuple[TextTable, CheckedRows]]:
    """The tables of a delivery, each with its rows sorted; `BrokenPromise` when it cannot be read."""
    checks: Checks | None = None
    for whole, table in read_tables(delivery):
        checks = checks or Checks(delivery, whole)
        yield table, checks.sort(table)


def _unread(column: str) -> list[str]:
    return [f"{kind}:{column}" for kind in UNREAD]


def reader(column: Column, from_1904: bool = False) -> Callable[[str], object]:
    """How a non-empty cell of this column is read; `from_1904` as in `TextTable`."""
    if from_1904 and column.kind in ("date", "date_or_year"):
        read_day = read_date if column.kind == "date" else read_date_or_year
        return lambda cell: read_day(cell, EPOCH_1904)
    if column.name.endswith("_vnd") and column.kind == "integer":
        return read_money
    if column.kind == "list":
        return list_reader(words(column))
    if column.words or (column.code_list and column.code_list != "bank_places"):
        return word_reader(column, words(column))
    if column.kind == "personal_number" and column.required:
        return read_person_number
    return READERS[column.kind]


def _mask(values: pa.Array | pa.ChunkedArray) -> np.ndarray:
    return values.to_numpy(zero_copy_only=False).astype(bool)


def _tidied(cells: pa.ChunkedArray) -> pa.Array:
    """Cells of text as they are compared, empty ones null."""
    encoded = cells.combine_chunks().dictionary_encode()
    return pa.array([tidy(text) or None for text in encoded.dictionary.to_pylist()], pa.string()).take(encoded.indices)


def _typed(
    delivery: Delivery,
    column: Column,
    cells: pa.ChunkedArray,
    reasons: Reasons,
    meant: "_Meant",
    from_1904: bool = False,
) -> pa.Array:
    """The column's values. Each distinct text is read once; texts that cannot be read become null with a reason."""
    encoded = cells.combine_chunks().dictionary_encode()
    values = plain_values(column, encoded.dictionary)
    others = _mask(pc.is_null(values))
    faults, unread = np.full(len(others) + 1, None, object), []
    empty = column.empty_means
    if others.any():
        texts = encoded.dictionary.filter(pa.array(others)).to_pylist()
        # Where ticks are the only answers, leaving a cell empty is the other answer; elsewhere it is no answer.
        if column.name in meant.ticked:
            empty = False
        doubtful, read = meant.doubtful.get(column.name, set()), meant.read.get(column.name, {})
        new = [text for text in texts if text not in read]
        read |= zip(
            new, zip(*_forgivingly(delivery, column, new, doubtful, empty, from_1904), strict=True), strict=True
        )
        forgiven, unread = zip(*map(read.__getitem__, texts), strict=True)
        faults[:-1][others] = unread
        values = pc.replace_with_mask(values, pa.array(others), pa.array(forgiven, column.arrow_type))
    indices = pc.fill_null(encoded.indices, len(others))
    for why in UNREAD:
        if why in unread:
            reasons.add(f"{why}:{column.name}", (faults == why)[indices.to_numpy()])
    return pa.concat_arrays([values, pa.array([empty], column.arrow_type)]).take(indices)


def _forgivingly(
    delivery: Delivery, column: Column, texts: list[str], doubtful: Collection[str], empty: object, from_1904: bool
) -> tuple[list[object], list[str | None]]:
    """The value of each text that is not plain, None where it cannot be read or meant, and the reason."""
    read = reader(column, from_1904)
    values, unread = [], []
    for text, foreign in zip(texts, in_foreign_letters(texts), strict=True):
        value, why = empty, None
        if text and text.strip() and not (says_nothing(text) and not column.required):
            try:
                value = read(text)
                why = "letters" if isinstance(value, str) and (foreign or misread(value)) else None
                why = why or ("type" if text in doubtful else _unfit(delivery, column, value))
            except ValueError:
                value, why = None, "letters" if foreign else "type"
        values.append(None if why or value == "" else value)
        unread.append(why)
    return values, unread


def _in_doubt(column: Column, texts: list[str]) -> set[str]:
    """Days that can be read in two ways, in a column where others can only be read with the month first."""
    if column.kind not in ("date", "date_or_year"):
        return set()
    dated = [(text, day_and_month(text)) for text in texts if text]
    month_first = sum(bool(parts) and parts[1] > 12 >= parts[0] for _, parts in dated)
    if turned := _turned_around(column, dated):
        return turned
    if not dated or 100 * month_first < MONTH_FIRST_PCT * len(dated):
        return set()
    return (
        {text for text, parts in dated if parts and max(parts) <= 12 and parts[0] != parts[1]} if month_first else set()
    )


def _turned_around(column: Column, dated: list[tuple[str, tuple[int, int] | None]]) -> set[str]:
    """Days of which a program with American settings has made dates where it could, and left the rest as text.

    Then every text has a day above twelve and every date one up to twelve, which is the month that was meant.
    """
    written = [numbers for _, numbers in dated if numbers]
    if len(written) < TURNED_FROM or any(day <= 12 for day, _ in written):
        return set()
    days: dict[str, int] = {}
    for text, numbers in dated:
        with contextlib.suppress(ValueError):
            if not numbers and len(day := str(READERS[column.kind](text))) == 10:
                days[text] = int(day[8:])
    return set(days) if len(days) >= TURNED_FROM and max(days.values()) <= 12 else set()


def _unfit(delivery: Delivery, column: Column, value: object) -> str | None:
    """Why a value that could be read cannot be meant, if so."""
    if isinstance(value, int | Decimal):
        if column.minimum is not None and value < column.minimum:
            return "range"
        if column.maximum is not None and value > column.maximum:
            return "range"
        if column.smallest_amount and 0 < abs(value) < column.smallest_amount:
            return "unit"
    if column.kind == "date_or_year" and str(value)[:7] > delivery.month.isoformat()[: min(len(str(value)), 7)]:
        return "future"
    if column.zone != "identity" and isinstance(value, str) and PERSONAL_NUMBER.search(value):
        return "identity"
    if column.pattern and isinstance(value, str) and not re.fullmatch(column.pattern, value):
        return "pattern"
    return None


def _places(
    delivery: Delivery, typed: dict[str, pa.Array], named: dict[str, pa.Array], reasons: Reasons, names_today: bool
) -> dict[str, pa.Array]:
    """The commune columns, for feeds that name a place."""
    if BANK_PLACE in typed:
        source, spellings = BANK_PLACE, [typed[BANK_PLACE]]
        # The bank may add the hamlet behind the six characters of the commune.
        typed[BANK_PLACE] = pc.utf8_slice_codeunits(typed[BANK_PLACE], 0, 6)
    elif COMMUNE in typed:
        source, spellings = COMMUNE, [typed[COMMUNE], *named.values()]
    else:
        return {}
    joined = pc.binary_join_element_wise(
        *spellings, SEPARATOR, null_handling="replace", null_replacement=""
    ).dictionary_encode()
    places, faults = [], []
    said_places = [texts.split(SEPARATOR) for texts in joined.dictionary.to_pylist()]
    for texts in said_places:
        where, fault = _place(delivery, source, names_today, *texts) if any(texts) else (NOWHERE, None)
        places.append(where)
        by_name = source == COMMUNE and texts[0] and texts[0] == texts[1]
        faults.append(fault and f"{fault}:{COMMUNE_NAME if by_name else source}")
    indices = joined.indices.to_numpy()
    for fault in sorted({fault for fault in faults if fault}):
        reasons.add(fault, np.array([entry == fault for entry in faults], bool)[indices])
    today, then, assumed = zip(*places, strict=True) if places else ((), (), ())
    return {
        COMMUNE: pa.array(today, pa.string()).take(joined.indices),
        COMMUNE_THEN: pa.array(then, pa.string()).take(joined.indices),
        COMMUNE_ASSUMED: pa.array(assumed, pa.bool_()).take(joined.indices),
    }


def _names_today(delivery: Delivery, whole: Whole) -> bool:
    """Whether the names that stand without a code are those of today's units, and not of older ones.

    Most names of today are those of older units too, but only a third of the older names are of today. A file of many
    names that are all of today, and of which some unit of before the merger does not have one, means today's.
    """
    has_district = any(tidy(text or "") for text in whole.texts.get(DISTRICT_NAME, pa.array([])).to_pylist())
    if whole.places is None or delivery.month < MERGER or has_district:
        return False
    ignored = Reasons(whole.places.num_rows)
    codes = _typed(delivery, delivery.feed.by_name[COMMUNE], whole.places[COMMUNE], ignored, _Meant())
    said_places = pc.coalesce(codes, _tidied(whole.places[COMMUNE_NAME])).to_pylist()
    meanings = [named_today(name) for name in {place for place in said_places if place and not place.isdigit()}]
    return len(meanings) >= TODAY_FROM and all(today for today, _ in meanings) and any(alone for _, alone in meanings)


def _place(
    delivery: Delivery,
    source: str,
    names_today: bool,
    code: str,
    name: str = "",
    district: str = "",
    province: str = "",
) -> tuple[Place, str | None]:
    """The place that a row means, or why it cannot be told.

    A code decides. A name beside it must be one of that place; where there is no code, name and district decide, or the
    commune that the file says it is of. A name that could mean several communes means none, unless the file names
    units of today alone (`names_today`).
    """
    month = delivery.month
    try:
        if source == BANK_PLACE:
            return place(bank_place(code, month), month), None
        if not code.isdigit():
            named = today_named(code) if names_today else communes_named(code, district, province, month)
            ours = {entry for entry in named if entry[1] == delivery.commune}
            (unit_of_code,) = ours or named
            return unit_of_code, None
        unit_of_code = place(code, month)
    except ValueError:
        return NOWHERE, "unknown_place"
    named = communes_named(name, district, province, month) if name else frozenset()
    if not named or unit_of_code[0] in {today for today, _, _ in named}:
        return unit_of_code, None
    # The name may say which part of a divided commune is meant.
    part = {today for today, _, _ in named} & parts(code) if unit_of_code[2] else set()
    if len(part) == 1:
        today = part.pop()
        return (today, unit_of_code[1] if month < MERGER else today, False), None
    return NOWHERE, "place_conflict"


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
    rejected_rows = rows.filter(pa.array(rejected)).append_column(
        "reasons", pa.array(reasons.codes(rejected), pa.string())
    )
    if not misshapen:
        return rejected_rows
    bare = pa.table(
        {ROW_NUMBER: pa.array([n for n, _ in misshapen], pa.int64()), "reasons": pa.array([r for _, r in misshapen])}
    )
    return pa.concat_tables([rejected_rows, bare], promote_options="default").sort_by(ROW_NUMBER)
