"""Bytes of every encoding in use come back letter for letter; bytes of none are refused."""

import csv

import pytest

from sources.code_lists import FOLDER
from sources.encoding import UnknownEncoding, decode

COLUMNS = {"TCVN3": "tcvn3_bytes_hex", "VNI": "vni_windows", "CP1258": "cp1258_bytes_hex"}


def _names() -> list[str]:
    with (FOLDER / "communes.csv").open(encoding="utf-8", newline="") as lines:
        return [row["name"] for row in csv.DictReader(lines)]


def _letters(encoding: str) -> dict[str, bytes]:
    with (FOLDER / "legacy_encodings.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if encoding == "VNI":
        return {row["char"]: row["vni_windows"].encode("cp1252") for row in rows}
    return {row["char"]: bytes.fromhex(row[COLUMNS[encoding]]) for row in rows if row[COLUMNS[encoding]]}


@pytest.mark.parametrize("encoding", COLUMNS)
def test_commune_names_survive_a_legacy_encoding(encoding: str) -> None:
    # Some capitals with tones have no byte of their own in TCVN3 and share one with the small letter.
    text = "\n".join(_names()) + "\nNguyễn Thị Thủy\nTrần Văn Đức\n"
    letters = _letters(encoding)

    decoded, recognised = decode(b"".join(letters.get(letter, letter.encode("latin-1", "replace")) for letter in text))

    assert (decoded, recognised) == (text, encoding)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_proves_itself(codec: str) -> None:
    text = "\n".join(_names())

    assert decode(text.encode(codec))[0] == text


def test_bytes_of_no_encoding_are_refused() -> None:
    with pytest.raises(UnknownEncoding):
        decode(bytes(range(128, 256)) * 20)
