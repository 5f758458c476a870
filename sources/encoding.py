"""Which letters a file's bytes stand for, told from the text itself.

UTF-8 and UTF-16 prove themselves. The legacy encodings of Vietnamese (TCVN3, VNI, CP1258) read each other's files
without an error, so the reading counts whose words are spelled as Vietnamese is; none or two such readings refuse.
"""

import csv
import re
import unicodedata
from collections.abc import Callable
from functools import cache

from sources.code_lists import FOLDER
from sources.text import tidy

# Initial, nucleus and final of a Vietnamese syllable without its tone, which rules out what misreadings produce.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    r"(?:uyê|uya|uyu|oai|oay|oeo|uay|uây|uôi|ươi|ươu|iêu|yêu|"
    r"ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|oo|ôi|ơi|ua|uâ|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|yê|"
    r"[aăâeêioôơuưy])"
    r"(?:ch|ng|nh|[cmnpt])?"
)
_WORD = re.compile(r"[^\W\d_]+")
_TONES = str.maketrans("", "", "\u0300\u0301\u0303\u0309\u0323")

# A reading is believed when this share of its accented words is spelled right and no other reading comes near.
BELIEVED, NEAR = 0.95, 0.85


class UnknownEncoding(Exception):
    """No encoding, or more than one, turns the bytes into Vietnamese words."""


def _untoned(word: str) -> str:
    bare = unicodedata.normalize("NFD", word.casefold()).translate(_TONES)
    return unicodedata.normalize("NFC", bare)


def vietnamese_share(text: str) -> float:
    """Share of the accented words of `text` that are spelled as Vietnamese syllables; 1 when none is accented."""
    accented = {word for word in _WORD.findall(tidy(text)) if not word.isascii()}
    if not accented:
        return 1.0
    return sum(bool(_SYLLABLE.fullmatch(_untoned(word))) for word in accented) / len(accented)


@cache
def _legacy(column: str) -> dict[str, str]:
    with (FOLDER / "legacy_encodings.csv").open(encoding="utf-8", newline="") as lines:
        return {row[column]: row["char"] for row in csv.DictReader(lines) if row[column]}


def _tcvn3(raw: bytes) -> str:
    letters = {int(code, 16): letter for code, letter in _legacy("tcvn3_bytes_hex").items() if len(code) == 2}
    return raw.decode("latin-1").translate(letters)


def _vni(raw: bytes) -> str:
    letters = _legacy("vni_windows")
    longest_first = sorted(map(re.escape, letters), key=len, reverse=True)
    return re.sub("|".join(longest_first), lambda match: letters[match[0]], raw.decode("cp1252"))


def _cp1258(raw: bytes) -> str:
    return unicodedata.normalize("NFC", raw.decode("cp1258"))


LEGACY: dict[str, Callable[[bytes], str]] = {"TCVN3": _tcvn3, "VNI": _vni, "CP1258": _cp1258}


def decode(raw: bytes) -> tuple[str, str]:
    """The text of a file and the name of its encoding; raises `UnknownEncoding` when the bytes do not tell."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16"), "UTF-16"
    try:
        return raw.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    if raw[:400].count(b"\0") > 20:
        return raw.decode("utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"), "UTF-16"
    readings = {}
    for name, reading in LEGACY.items():
        try:
            readings[name] = reading(raw)
        except UnicodeDecodeError:
            continue
    shares = sorted(((vietnamese_share(text), name) for name, text in readings.items()), reverse=True)
    if not shares or shares[0][0] < BELIEVED or (len(shares) > 1 and shares[1][0] > NEAR):
        raise UnknownEncoding(", ".join(f"{name} {share:.0%}" for share, name in shares))
    return readings[shares[0][1]], shares[0][1]
