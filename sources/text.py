"""Vietnamese text: composed the same way everywhere, and folded for comparing.

Only what is true of any text. Which bytes make which letters is `encoding`'s; what a word means is the contract's.
"""

import re
import unicodedata
from functools import lru_cache

_GAPS = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_PUNCTUATION = re.compile(r"[^0-9a-z]+")
# No word of a name; what is longer is not kept for the next time.
LONG = 40


def tidy(text: str) -> str:
    """`text` in Unicode NFC, without spaces around it, with single spaces within and nothing invisible."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _GAPS.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text))).strip()


def fold(text: str) -> str:
    """`text` for comparing headers and words: no diacritics, no case, no punctuation, single spaces."""
    # Millions of texts are made of some thousands of words.
    return " ".join(filter(None, (_folded(word) if len(word) < LONG else _fold(word) for word in text.split())))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", _INVISIBLE.sub("", text))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _PUNCTUATION.sub(" ", bare.casefold().replace("đ", "d").replace("ð", "d")).strip()


_folded = lru_cache(maxsize=50_000)(_fold)
