"""The identity zone: past it there are only keys.

`separate` splits accepted rows into what may go on (pseudonyms, birth months) and what stays in the vault (numbers,
names, birth dates, notes). Nothing here writes files, and nothing decides who is who beyond equal numbers: where a
number is missing, models compare the linkage key, a pseudonym of name, birth year and sex.
"""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from sources.contracts.code_lists import SIMULATED_PREFIXES, unit
from sources.contracts.feeds import Column, Feed
from sources.reading.rows import COMMUNE, COMMUNE_ASSUMED, COMMUNE_THEN
from sources.reading.table import PLACE, ROW_NUMBER
from sources.reading.values import person_number
from sources.text import fold
from warehouse.zones.keyring import Keyring

PERSON_KEY, USABLE = "person_key", "person_number_usable"
REGISTRATION = "registration_key"


def separate(feed: Feed, month: date, rows: pa.Table, keyring: Keyring) -> tuple[pa.Table, pa.Table]:
    """Split typed rows into (raw, personal).

    `raw` has the columns of `raw_schema` without provenance; `personal` has the identity columns, `person_key`,
    `row_number` and `place`.
    """
    keys = _keys(feed, month, rows, keyring)
    raw: dict[str, pa.Array] = {ROW_NUMBER: rows[ROW_NUMBER], PLACE: rows[PLACE]}
    for column in feed.columns:
        if column.zone != "identity":
            raw[column.name] = rows[column.name]
        elif column.kind == "date_or_year":
            raw |= _birth(column, rows[column.name])
    raw |= keys
    for name in (COMMUNE, COMMUNE_THEN, COMMUNE_ASSUMED):
        if name in rows.column_names:
            raw[name] = rows[name]
    personal = {column.name: rows[column.name] for column in feed.columns if column.zone == "identity"}
    linking = {name: keys[name] for name in (PERSON_KEY, REGISTRATION) if name in keys}
    return pa.table(raw), pa.table({ROW_NUMBER: rows[ROW_NUMBER], PLACE: rows[PLACE], **linking, **personal})


def raw_schema(feed: Feed) -> pa.Schema:
    """Columns of a feed's raw rows: provenance first, then what passes the identity zone."""
    provenance = [("delivery_id", pa.string()), ("period_month", pa.date32())]
    typed = {column.name: pa.array([], column.arrow_type) for column in feed.columns}
    if COMMUNE in typed or "bank_place_code" in typed:
        typed |= {COMMUNE: pa.array([], pa.string()), COMMUNE_THEN: pa.array([], pa.string())}
        typed[COMMUNE_ASSUMED] = pa.array([], pa.bool_())
    empty = pa.table({**typed, ROW_NUMBER: pa.array([], pa.int64()), PLACE: pa.array([], pa.string())})
    raw, _ = separate(feed, date(2026, 1, 1), empty, Keyring(bytes(32)))
    return pa.schema([*provenance, *((field.name, field.type) for field in raw.schema)])


def usable_person_keys(feed: Feed, rows: pa.Table, keyring: Keyring) -> pa.Array:
    """Person keys of rows that carry a usable number, null elsewhere; all null for a feed without persons."""
    column = _person_column(feed)
    if column is None:
        return pa.nulls(rows.num_rows, pa.string())
    return _pseudonyms(keyring, "person", _numbers(column, rows))


def are_simulated(feed: Feed, rows: pa.Table) -> bool:
    """Whether a personal number of these rows can be of no real person, since its prefix is assigned to no province."""
    column = _person_column(feed)
    if column is None:
        return False
    prefixes = pc.utf8_slice_codeunits(rows[column.name].cast(pa.string()), 0, 3)
    return bool(pc.any(pc.is_in(prefixes, pa.array(sorted(SIMULATED_PREFIXES)))).as_py())


def _person_column(feed: Feed) -> Column | None:
    return next((column for column in feed.columns if column.pseudonym == PERSON_KEY), None)


def _numbers(column: Column, rows: pa.Table) -> list[str | None]:
    numbers = [person_number(text) for text in rows[column.name].to_pylist()]
    if column.number_also_in:
        # Since August 2025 the insurance number is being replaced by the personal number, in the same column.
        others = rows[column.number_also_in].to_pylist()
        numbers = [
            a or (b if b and len(b) == 12 and b.isdigit() else None) for a, b in zip(numbers, others, strict=True)
        ]
    return numbers


def _pseudonyms(keyring: Keyring, use: str, texts: Sequence[str | None]) -> pa.Array:
    pseudonyms = iter(keyring.pseudonyms(use)(text for text in texts if text is not None))
    return pa.array([None if text is None else next(pseudonyms) for text in texts], pa.string())


def _row_texts(feed: Feed, month: date, rows: pa.Table) -> list[str]:
    """What tells the rows of a feed apart, for people without a usable number."""
    columns = [rows[name].cast(pa.string()) for name in feed.key]
    if feed.household_registration:
        # The households of a commune are numbered anew each year.
        columns = [_registration_texts(feed, month, rows), *columns]
    return pc.binary_join_element_wise(feed.id, *columns, "|").to_pylist()


def _registration_texts(feed: Feed, month: date, rows: pa.Table) -> pa.ChunkedArray:
    columns = [_coded(rows, name, month) for name in feed.household_registration]
    return pc.binary_join_element_wise(str(month.year), *columns, "|")


def _likenesses(column: Column, feed: Feed, rows: pa.Table) -> list[str | None]:
    """Name without its marks, with birth year and sex: alike for one person, though not for one person only."""
    names = [name and fold(name) for name in rows[column.name].to_pylist()]
    others = [
        pc.utf8_slice_codeunits(rows[name], 0, 4) if feed.by_name[name].kind == "date_or_year" else rows[name]
        for name in column.pseudonym_with
    ]
    return pc.binary_join_element_wise(pa.array(names, pa.string()), *others, "|").to_pylist()


def _keys(feed: Feed, month: date, rows: pa.Table, keyring: Keyring) -> dict[str, pa.Array]:
    keys: dict[str, pa.Array] = {}
    for column in feed.columns:
        if column.pseudonym is None:
            continue
        if column.pseudonym_with:
            keys[column.pseudonym] = _pseudonyms(keyring, column.pseudonym, _likenesses(column, feed, rows))
            continue
        if column.kind != "personal_number":
            keys[column.pseudonym] = _pseudonyms(keyring, column.name, rows[column.name].to_pylist())
            continue
        numbers = _numbers(column, rows)
        keys[column.pseudonym] = _pseudonyms(keyring, "person", numbers)
        if column.pseudonym == PERSON_KEY:
            unnumbered = (
                _pseudonyms(keyring, "unnumbered", _row_texts(feed, month, rows)) if None in numbers else pa.nulls(0)
            )
            usable = pc.is_valid(keys[PERSON_KEY])
            keys[USABLE] = usable
            if None in numbers:
                keys[PERSON_KEY] = pc.if_else(usable, keys[PERSON_KEY], unnumbered)
    if feed.household_registration:
        texts = _registration_texts(feed, month, rows).to_pylist()
        keys[REGISTRATION] = _pseudonyms(keyring, "household", texts)
    return keys


def _coded(rows: pa.Table, name: str, month: date) -> pa.ChunkedArray:
    """A column of a household's number; spreadsheets drop leading zeros, which therefore tell no two apart.

    Numbers repeat between the units of before the merger that make one commune of today, and between that commune and
    the unit whose code it has: a household's number is one of the unit of its day.
    """
    if name == COMMUNE:
        codes = rows[COMMUNE_THEN].combine_chunks().dictionary_encode()
        units = [code if code is None else unit(code, month) for code in codes.dictionary.to_pylist()]
        return pa.chunked_array([pa.array(units, pa.string()).take(codes.indices)])
    return pc.replace_substring_regex(rows[name], r"^0+(\d)", r"\1")


def _birth(column: Column, values: pa.ChunkedArray) -> dict[str, pa.Array]:
    """Year and first day of the month of a day, a month or a year; the month null where only the year is known."""
    stem = column.name.removesuffix("_date")
    texts = (
        values.combine_chunks().dictionary_encode()
        if isinstance(values, pa.ChunkedArray)
        else values.dictionary_encode()
    )
    days = texts.dictionary.to_pylist()
    months = [date(int(text[:4]), int(text[5:7]), 1) if len(text) > 4 else None for text in days]
    years = [int(text[:4]) for text in days]
    return {
        f"{stem}_month": pa.array(months, pa.date32()).take(texts.indices),
        f"{stem}_year": pa.array(years, pa.int32()).take(texts.indices),
    }
