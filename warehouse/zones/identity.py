"""The identity zone: past it there are only keys.

`separate` splits accepted rows into what may go on (pseudonyms, birth months) and what stays in the vault (numbers,
names, birth dates, notes). Nothing here writes files, and nothing decides who is who beyond equal numbers, and equal
commune, name and birth where there is none: that is for models, by the match key.
"""

from collections.abc import Callable, Iterable
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.contracts.code_lists import SIMULATED_PREFIXES, unit
from sources.contracts.feeds import Column, Feed
from sources.reading.columns import are_person_numbers
from sources.reading.rows import COMMUNE, COMMUNE_ASSUMED, COMMUNE_THEN
from sources.reading.table import PLACE, ROW_NUMBER
from sources.reading.values import person_number
from sources.text import fold
from warehouse.zones.keyring import Keyring

PERSON_KEY, MATCH_KEY = "person_key", "match_key"
USABLE, PLAUSIBLE = "person_number_usable", "person_number_plausible"
REGISTRATION = "registration_key"
# What is left of a pseudonym in a match key: 64 bits, since every row of the city carries one.
MATCH_KEY_HEX = 16


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


def _numbers(column: Column, rows: pa.Table) -> pa.Array:
    """The personal number of each row, null where it has none that can be used."""
    texts = rows[column.name].combine_chunks()
    plain = pa.array(are_person_numbers(texts))
    others = pc.if_else(plain, None, texts)
    numbers = pc.coalesce(pc.if_else(plain, texts, None), _of_each(lambda odd: map(person_number, odd), others))
    if column.number_also_in:
        # Since August 2025 the insurance number is being replaced by the personal number, in the same column.
        instead = pc.if_else(pc.is_valid(numbers), None, rows[column.number_also_in].combine_chunks())
        numbers = pc.coalesce(numbers, _of_each(lambda odd: map(_of_twelve_digits, odd), instead))
    return numbers


def _of_their_bearers(numbers: pa.Array, agrees: np.ndarray, differs: np.ndarray) -> pa.Array:
    """The numbers, null on rows whose number is that of another row read together with them.

    Where a number stands on several rows, and some say the same as it and others do not, it belongs to those that do:
    an office has written the head's number beside a child. Where nothing tells the rows apart, all keep it.
    """
    codes = numbers.dictionary_encode()
    bearer = pc.fill_null(codes.indices, -1).to_numpy()
    has_own_row = np.zeros(len(codes.dictionary) + 1, bool)
    has_own_row[bearer[agrees & ~differs]] = True
    return pc.if_else(pa.array(differs & has_own_row[bearer]), None, numbers)


def _compared_with_number(feed: Feed, numbers: pa.Array, rows: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Of each row whether its sex or birth says as its number does, and whether one says otherwise.

    A number tells sex and century in its fourth digit, and the year of birth in the two after it (Circular
    59/2021/TT-BCA). Without a number a row does neither.
    """
    sex_and_century = pc.utf8_slice_codeunits(numbers, 3, 4).cast(pa.int32())
    is_female = pc.equal(pc.bit_wise_and(sex_and_century, 1), 1)
    born_in = pc.add(
        pc.add(pc.multiply(pc.divide(sex_and_century, 2), 100), 1900),
        pc.utf8_slice_codeunits(numbers, 4, 6).cast(pa.int32()),
    )
    agrees, differs = np.zeros(len(numbers), bool), np.zeros(len(numbers), bool)
    for column in feed.columns:
        if column.name == "sex":
            same = pc.equal(pc.equal(rows[column.name].combine_chunks(), "female"), is_female)
        elif column.kind == "date_or_year":
            same = pc.equal(pc.utf8_slice_codeunits(rows[column.name].combine_chunks(), 0, 4).cast(pa.int32()), born_in)
        else:
            continue
        agrees |= pc.fill_null(same, False).to_numpy(zero_copy_only=False)
        differs |= pc.fill_null(pc.invert(same), False).to_numpy(zero_copy_only=False)
    return agrees, differs


def _of_twelve_digits(text: str) -> str | None:
    return text if len(text) == 12 and text.isdigit() else None


def _of_each(made: Callable[[list[str]], Iterable[str | None]], texts: pa.Array) -> pa.Array:
    """What is made of each text, once where it repeats; null of null."""
    different = texts.dictionary_encode()
    return pa.array(made(different.dictionary.to_pylist()), pa.string()).take(different.indices)


def _pseudonyms(keyring: Keyring, use: str, texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The pseudonym of each text, of which nearly all differ; null of null."""
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    pseudonyms = pa.array(keyring.pseudonyms(use)(texts.drop_null().to_pylist()), pa.string())
    return pc.replace_with_mask(texts, pc.is_valid(texts), pseudonyms) if texts.null_count else pseudonyms


def _row_texts(feed: Feed, month: date, rows: pa.Table) -> pa.ChunkedArray:
    """What tells the rows of a feed apart, for people without a usable number."""
    columns = [rows[name].cast(pa.string()) for name in feed.key]
    if feed.household_registration:
        # The households of a commune are numbered anew each year.
        columns = [_registration_texts(feed, month, rows), *columns]
    return pc.binary_join_element_wise(feed.id, *columns, "|")


def _registration_texts(feed: Feed, month: date, rows: pa.Table) -> pa.ChunkedArray:
    columns = [_coded(rows, name, month) for name in feed.household_registration]
    return pc.binary_join_element_wise(str(month.year), *columns, "|")


def _demographics(feed: Feed, rows: pa.Table) -> pa.Array:
    """Commune, name and birth of each row, null where one of them is missing; a birth on 1 January is a year alone."""
    name = next(column.name for column in feed.columns if column.pseudonym == MATCH_KEY)
    birth = next(column.name for column in feed.columns if column.kind == "date_or_year")
    births = pc.replace_substring_regex(rows[birth], "-01-01$", "")
    names = _of_each(lambda names: [name and _letters(name) for name in names], rows[name].combine_chunks())
    return pc.binary_join_element_wise(rows[COMMUNE], names, births, "|").combine_chunks()


def _letters(name: str) -> str:
    """The letters of a name as offices agree on them: without marks, blanks and order, and y like i."""
    return "".join(sorted(fold(name).replace(" ", "").replace("y", "i")))


def _keys(feed: Feed, month: date, rows: pa.Table, keyring: Keyring) -> dict[str, pa.Array]:
    keys: dict[str, pa.Array] = {}
    for column in feed.columns:
        if column.pseudonym is None or column.pseudonym == MATCH_KEY:
            continue
        if column.pseudonym == PERSON_KEY:
            keys |= _person_keys(column, feed, month, rows, keyring)
        elif column.kind == "personal_number":
            keys[column.pseudonym] = _pseudonyms(keyring, "person", _numbers(column, rows))
        else:
            keys[column.pseudonym] = _pseudonyms(keyring, column.name, rows[column.name])
    if feed.household_registration:
        households = _registration_texts(feed, month, rows).combine_chunks()
        keys[REGISTRATION] = _of_each(keyring.pseudonyms("household"), households)
    return keys


def _person_keys(column: Column, feed: Feed, month: date, rows: pa.Table, keyring: Keyring) -> dict[str, pa.Array]:
    """The keys of a person: of the number in `column`; without a usable one of commune, name and birth, or of the row.

    Of rows without a number that are alike and were read together nobody knows whether they are one person. The match
    key takes the day of birth: name and year are alike for many.
    """
    stated = _numbers(column, rows)
    agrees, differs = _compared_with_number(feed, stated, rows)
    numbers = _of_their_bearers(stated, agrees, differs)
    usable, texts = pc.is_valid(numbers), _row_texts(feed, month, rows)
    keys = {USABLE: usable}
    if any(column.pseudonym == MATCH_KEY for column in feed.columns):
        demographics = _demographics(feed, rows)
        with_day = pc.if_else(pc.match_substring_regex(demographics, r"-\d+-\d+$"), demographics, None)
        keys[MATCH_KEY] = pc.utf8_slice_codeunits(_pseudonyms(keyring, "match", with_day), 0, MATCH_KEY_HEX)
        keys[PLAUSIBLE] = pc.if_else(usable, pc.invert(pa.array(differs)), None)
        counted = pc.value_counts(pc.if_else(usable, None, demographics).drop_null())
        unlike = counted.field("values").filter(pc.equal(counted.field("counts"), 1))
        texts = pc.if_else(pc.is_in(demographics, unlike), demographics, texts)
    unnumbered = _pseudonyms(keyring, "unnumbered", pc.if_else(usable, None, texts))
    return {PERSON_KEY: pc.coalesce(_pseudonyms(keyring, "person", numbers), unnumbered), **keys}


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
