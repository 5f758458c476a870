"""Which letters a file's bytes, or text that was decoded wrongly before, stand for; told from the text itself.

UTF-8 and UTF-16 prove themselves. The legacy encodings of Vietnamese (TCVN3, VNI, CP1258) read each other's files
without an error, so `encoding_of` counts whose words are spelled as Vietnamese is; none or two such readings refuse.
`misreading` does the same for text: UTF-8 once read as another code page, or a legacy font's text kept as Unicode.
"""

import codecs
import csv
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sources.contracts.code_lists import FOLDER

# Initial, nucleus and final of a Vietnamese syllable without its tone, which rules out what misreadings produce.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    r"(?:uyê|uya|uyu|oai|oay|oeo|uay|uây|uôi|ươi|ươu|iêu|yêu|"
    r"ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|oo|ôi|ơi|ua|uâ|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|yê|"
    r"[aăâeêioôơuưy])"
    r"(?:ch|ng|nh|[ckmnpt])?"
)
# A word with whatever signs stand in it: misread letters turn into signs.
_TOKEN = re.compile(r"[^\s\x00-\x40\x5b-\x60\x7b-\x7f]+")
_SIGNS = "–—‘’“”…•°²³₫€"
_ABBREVIATION = re.compile(r"[A-ZĐ]+")
_CELL, _WORD, _SMALL = re.compile(r"[^,;|\t\r\n\"]+"), re.compile(r"[^\W\d_]+"), re.compile("[a-z]")
_CAPITALS = re.compile("[A-ZĂÂĐÊÔƠƯ][^\\W\\d_]*[A-ZĂÂĐÊÔƠƯ]")
# Letters lost as question marks; what other escapes than ours leave behind; a quote without its other half.
_LEFT_BEHIND = r'\?\?|\\$|^\\N$|^[^"]*"[^"]*(?:"[^"]*"[^"]*)*$'
# One of these signs is in whatever stands for letters that were lost.
_LOST = '?"\\'
# The letter of another alphabet that looks like Đ, as some keyboards and code pages give it.
ETH = "Ð for Đ"
_ETH = str.maketrans("Ðð", "Đđ")
_TONES = str.maketrans("", "", "\u0300\u0301\u0303\u0309\u0323")

# A reading is believed when this share of its accented words is spelled right and no other reading comes near.
BELIEVED, NEAR = 0.95, 0.85
# Below this share the text is in no alphabet we know; a few words prove nothing.
HOPELESS, WORDS_TO_JUDGE = 0.5, 5


class UnknownEncoding(Exception):
    """No encoding, or more than one, turns the bytes into Vietnamese words."""


def _spelled(word: str) -> bool:
    if not (word.islower() or word.isupper() or word.istitle()):
        return False
    bare = unicodedata.normalize("NFD", word.casefold().replace("ð", "đ")).translate(_TONES)
    return bool(_SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)))


def _accented(text: str) -> set[str]:
    words = {word.strip(_SIGNS) for word in _TOKEN.findall(unicodedata.normalize("NFC", text))}
    return {word for word in words if not word.isascii() and not _ABBREVIATION.fullmatch(word)}


def vietnamese_share(text: str) -> float:
    """Share of the accented words of `text` that are spelled as Vietnamese syllables; 1 when none is accented."""
    accented = _accented(text)
    return sum(map(_spelled, accented)) / len(accented) if accented else 1.0


@cache
def _legacy(column: str) -> dict[str, str]:
    with (FOLDER / "legacy_encodings.csv").open(encoding="utf-8", newline="") as lines:
        return {row[column]: row["char"] for row in csv.DictReader(lines) if row[column]}


@cache
def _tcvn3_letters() -> dict[int, str]:
    return {int(code, 16): letter for code, letter in _legacy("tcvn3_bytes_hex").items() if len(code) == 2}


@cache
def _vni_letters() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _legacy("vni_windows")), key=len, reverse=True)))


def _tcvn3(text: str) -> str:
    """TCVN3 has no capitals with tones: a font of capitals shows the small letter tall, so among capitals it is one."""
    return _CELL.sub(_in_capitals, text.translate(_tcvn3_letters()))


def _in_capitals(cell: re.Match[str]) -> str:
    """A cell as it was seen. One that has no small letter of ASCII but a word with two capitals was all in capitals."""
    text = cell[0]
    if _CAPITALS.search(text) and not _SMALL.search(text):
        return text.upper()
    return _WORD.sub(
        lambda word: word[0].upper() if _CAPITALS.search(word[0]) and not _SMALL.search(word[0]) else word[0], text
    )


def _vni(text: str) -> str:
    return _vni_letters().sub(lambda match: _legacy("vni_windows")[match[0]], text)


def _cp1258(raw: bytes) -> str:
    return unicodedata.normalize("NFC", raw.decode("cp1258"))


LEGACY: dict[str, Callable[[bytes], str]] = {
    "TCVN3": lambda raw: _tcvn3(raw.decode("latin-1")),
    "VNI": lambda raw: _vni(raw.decode("cp1252")),
    "CP1258": _cp1258,
}


@cache
def _bytes_of(codec: str) -> dict[str, int]:
    """The byte behind each character of a code page; some tools keep bytes above 127 as control characters instead."""
    controls = {chr(code): code for code in range(128, 160)}
    return controls | {bytes([code]).decode(codec, "ignore") or chr(code): code for code in range(256)}


def _utf8_read_as(codec: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        byte_of = _bytes_of(codec)
        try:
            return bytes(byte_of[letter] for letter in text).decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            return text

    return read


# How text can have been read wrongly once, with the reading that mends it. UTF-8 proves itself: a text in which it is
# not found again stays as it is.
MISREADINGS: dict[str, Callable[[str], str]] = {
    **{f"UTF-8 read as {codec.upper()}": _utf8_read_as(codec) for codec in ("cp1252", "cp1258", "cp437")},
    "TCVN3": _tcvn3,
    "VNI": _vni,
}


class _Reading:
    """What is made of a text in one encoding, piece by piece: its accented words, and a digest of its letters."""

    def __init__(self, read: Callable[[Any], str]) -> None:
        self._read, self._accented, self._digest = read, set[str](), hashlib.sha256()

    def add(self, piece: bytes | str) -> None:
        text = self._read(piece)
        self._accented |= _accented(text)
        self._digest.update(text.encode("utf-8", "surrogatepass"))

    @property
    def letters(self) -> bytes:
        return self._digest.digest()

    @property
    def share(self) -> float:
        """As `vietnamese_share` of the whole text."""
        return sum(map(_spelled, self._accented)) / len(self._accented) if self._accented else 1.0


def encoding_of(pieces: Callable[[], Iterable[bytes]]) -> str:
    """The encoding of a text, told from all its bytes; `pieces` begins anew at each call.

    Raises `UnknownEncoding` when the bytes do not tell, `UnicodeDecodeError` when UTF-16 is damaged.
    """
    if _utf16(next(iter(pieces()), b"")):
        return "UTF-16"
    utf8 = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        for piece in pieces():
            utf8.decode(piece)
    except UnicodeDecodeError:
        pass
    else:
        return "UTF-8"
    readings = {name: _Reading(read) for name, read in LEGACY.items()}
    for lines in _whole_lines(pieces()):
        for name, reading in [*readings.items()]:
            try:
                reading.add(lines)
            except UnicodeDecodeError:
                del readings[name]
    return _believed(readings)


def decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    """The letters of a text whose encoding is known, piece by piece."""
    if encoding in LEGACY:
        yield from map(LEGACY[encoding], _whole_lines(pieces))
        return
    decoder = None
    for piece in pieces:
        decoder = decoder or codecs.getincrementaldecoder(_utf16(piece) or "utf-8-sig")()
        yield decoder.decode(piece)
    if decoder and encoding == "UTF-8":
        # A file cut inside a letter: what is left of it must not look like a whole last line.
        yield "\ufffd" if decoder.getstate()[0] else ""
    elif decoder:
        yield decoder.decode(b"", final=True)


def decode(raw: bytes) -> tuple[str, str]:
    """The text of a few bytes and the name of its encoding; errors as of `encoding_of`."""
    encoding = encoding_of(lambda: [raw])
    return "".join(decoded([raw], encoding)), encoding


def _utf16(top: bytes) -> str | None:
    """The codec of a text in UTF-16, told from how it begins."""
    if top.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if top[:400].count(b"\0") > min(20, len(top) // 4):
        return "utf-16-le" if top[1:2] == b"\0" else "utf-16-be"
    return None


def _whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of whole lines: in no legacy encoding a letter goes on in the next line."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        end = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
        rest = text[end:]
        if end:
            yield text[:end]
    if rest:
        yield rest


def _believed(readings: dict[str, _Reading]) -> str:
    shares = sorted(((reading.share, name) for name, reading in readings.items()), reverse=True)
    best = next(iter(shares), (0.0, ""))
    rivals = [share for share, name in shares[1:] if readings[name].letters != readings[best[1]].letters]
    if best[0] < BELIEVED or max(rivals, default=0) > NEAR:
        raise UnknownEncoding(", ".join(f"{name} {share:.0%}" for share, name in shares))
    return best[1]


def misreading(texts: Iterable[str]) -> str | None:
    """Which of `MISREADINGS` these texts have suffered, None when they are as they were meant.

    Raises `UnknownEncoding` when most words are spelled wrong and no reading mends them.
    """
    sample = list(texts)
    whole = "\n".join(sample)
    share = vietnamese_share(whole)
    if share >= BELIEVED:
        return None
    readings = {name: _Reading(str) for name in MISREADINGS}
    for name, reading in readings.items():
        reading.add("\n".join(map(MISREADINGS[name], sample)))
    try:
        return _believed(readings)
    except UnknownEncoding:
        if share < HOPELESS and len(_accented(whole)) >= WORDS_TO_JUDGE:
            raise
        return None


def d_for_eth(text: str) -> str:
    """The text with Đ for the letter that looks like it, where its words are then spelled right."""
    return text.translate(_ETH) if vietnamese_share(text) == 1 else text


@cache
def _known_letters() -> re.Pattern[str]:
    """What Vietnamese, and Vietnamese that was once decoded wrongly, is made of."""
    pages = "".join(letter for codec in ("cp1252", "cp1258", "cp437") for letter in _bytes_of(codec))
    return re.compile(f"[{re.escape(pages)}\ufffd{_vietnamese_signs()}]*")


def in_known_letters(text: str) -> bool:
    """Whether every letter of a text is one that some encoding of Vietnamese, right or wrong, makes."""
    return bool(_known_letters().fullmatch(text))


def in_one_byte(text: str) -> bool:
    """Whether a legacy font could have written the text: it has no letter that only Unicode knows."""
    return all(letter in _bytes_of("cp1252") for letter in text)


@lru_cache(maxsize=100_000)
def _word_spelled(word: str) -> bool:
    # Millions of names are made of some thousands of words.
    return vietnamese_share(word) == 1


def misread(text: str) -> bool:
    """Whether one text, without others to judge it by, is misspelled as it stands and spelled right once mended."""
    if text.isascii() or all(map(_word_spelled, text.split())):
        return False
    return any(vietnamese_share(read(text)) == 1 for read in MISREADINGS.values() if read(text) != text)


@lru_cache(maxsize=100_000)
def is_plain_word(word: str) -> bool:
    """Whether a word is a number, or of letters of Vietnamese alone as they are kept, and spelled as its words are."""
    if word.isascii():
        return word.isalnum() and (word.isalpha() or word.isdigit())
    composed = word.isalpha() and unicodedata.normalize("NFC", word) == word
    return composed and not _strange_letter().search(word) and _word_spelled(word)


@cache
def _vietnamese_signs() -> str:
    """What may stand in a Vietnamese text, as the inside of a class of a pattern."""
    letters = "".join(_legacy("char")) + "".join(map(str.upper, _legacy("char")))
    marks = "\u0300-\u0303\u0306\u0309\u031b\u0323"
    khmer, spaces = "\u1780-\u17ff", "\u00a0\u200b-\u200f\u2060\ufeff"
    return f"\\t\\n\\r\\x20-\\x7e{letters}{marks}{khmer}{spaces}{_SIGNS}"


@cache
def _strange_letter() -> re.Pattern[str]:
    return re.compile(f"[^{_vietnamese_signs()}]")


@cache
def _is_suspicious(letter: str) -> bool:
    return letter in _LOST or bool(_strange_letter().match(letter))


def in_foreign_letters(texts: Sequence[str | None]) -> list[bool]:
    """Of each text whether it holds what no Vietnamese text does: a foreign letter, or a sign for one that was lost.

    Most columns are of sound letters alone: the pattern, which takes long to make ready, is for the others.
    """
    if not any(map(_is_suspicious, set("".join(filter(None, texts))))):
        return [False] * len(texts)
    foreign = pc.match_substring_regex(pa.array(texts, pa.string()), _foreign_letters())
    return pc.fill_null(foreign, False).to_pylist()


@cache
def _foreign_letters() -> str:
    """Pattern (RE2) of a foreign letter, or a sign for one that was lost on the way."""
    return rf"[^{_vietnamese_signs()}]|\pL[?\"]\pL|{_LEFT_BEHIND}"
