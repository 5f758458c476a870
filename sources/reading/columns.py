"""What a whole column says, asked of Arrow at once, where its texts are plain.

A text is plain when it is written as the contract has it: then `values` would read the same from it, and nothing could
be said against it. This is a shorter way to the same answer, never another answer. Whatever is not plain is left to
`values`, text by text (`rows`). Kinds of few different texts, such as words and days, have no shorter way.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.contracts.code_lists import number_prefixes
from sources.contracts.feeds import Column
from sources.reading.encoding import is_plain_word

# Digits, or letters and digits after a letter: no rounded number, no error of a formula. A quote keeps zeros in Excel.
_IDENTIFIER = "^'?(?:[0-9]+|[A-Za-z][0-9A-Za-z]*)$"
_NUMBER = "^'?[0-9]+$"
_WHOLE = "^[0-9]{1,15}$"


def plain_values(column: Column, texts: pa.Array) -> pa.Array:
    """The values of a column's different texts; null for each that is not plain, and for all of a kind without them."""
    if not (column.words or column.code_list not in (None, "bank_places")):
        if column.kind == "integer":
            return _integers(column, texts)
        if column.kind in ("text", "personal_number"):
            return _texts(column, texts)
    return pa.nulls(len(texts), column.arrow_type)


def are_person_numbers(texts: pa.Array) -> np.ndarray:
    """Which texts are personal numbers as they are issued: twelve digits, of which the first three name a province."""
    prefixes = pa.array(sorted(number_prefixes()))
    return _matches(texts, "^[0-9]{12}$") & _flags(pc.is_in(pc.utf8_slice_codeunits(texts, 0, 3), prefixes))


def _integers(column: Column, texts: pa.Array) -> pa.Array:
    numbers = _where(_matches(texts, _WHOLE), texts).cast(pa.int64())
    fit = np.ones(len(texts), bool)
    if column.minimum is not None:
        fit &= _flags(pc.greater_equal(numbers, column.minimum))
    if column.maximum is not None:
        fit &= _flags(pc.less_equal(numbers, column.maximum))
    if column.smallest_amount:
        fit &= _flags(pc.or_(pc.equal(numbers, 0), pc.greater_equal(numbers, column.smallest_amount)))
    return numbers if fit.all() else _where(fit, numbers)


def _texts(column: Column, texts: pa.Array) -> pa.Array:
    is_number = column.kind == "personal_number"
    plain = _matches(texts, _NUMBER if is_number else _IDENTIFIER)
    if not is_number:
        plain[~plain] = _are_words(texts.filter(pa.array(~plain)))
    values = pc.utf8_ltrim(texts, "'")
    if is_number and column.required:
        plain &= are_person_numbers(values)
    if column.zone != "identity":
        # It may hold a personal number.
        plain &= ~_matches(values, "[0-9]{12}")
    if column.pattern:
        plain &= _matches(values, f"^(?:{column.pattern})$")
    return _where(plain, values)


def _are_words(texts: pa.Array) -> np.ndarray:
    """Which texts are plain words with single spaces between them."""
    words = pc.split_pattern(texts, " ")
    different = pc.list_flatten(words).dictionary_encode()
    plain = np.array([is_plain_word(word) for word in different.dictionary.to_pylist()], bool)
    all_plain = np.ones(len(texts), bool)
    all_plain[pc.list_parent_indices(words).to_numpy()[~plain[different.indices.to_numpy()]]] = False
    return all_plain


def _matches(texts: pa.Array, pattern: str) -> np.ndarray:
    return _flags(pc.match_substring_regex(texts, pattern))


def _where(plain: np.ndarray, values: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(plain), values, None)


def _flags(answers: pa.Array) -> np.ndarray:
    """Answers as flags, which can be written to; null is none."""
    return pc.fill_null(answers, False).to_numpy(zero_copy_only=False).copy()
