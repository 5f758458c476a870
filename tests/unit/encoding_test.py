"""Bytes of every encoding in use come back letter for letter; bytes of none are refused."""

import csv
import unicodedata
from collections.abc import Callable

import pytest
from readings import read_rows

from sources.contracts.code_lists import FOLDER
from sources.reading.delivery import Delivery
from sources.reading.encoding import UnknownEncoding, decode

Deliver = Callable[[str, str, bytes | str], Delivery]

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


def _provinces() -> list[str]:
    with (FOLDER / "birth_provinces.csv").open(encoding="utf-8", newline="") as lines:
        return [row["province_name_before_2025"] for row in csv.DictReader(lines)]


def _tcvn3(text: str) -> str:
    letters = _letters("TCVN3")
    return "".join(letters[c].decode("latin-1") if len(letters.get(c, b"")) == 1 else c for c in text)


def _vni(text: str) -> str:
    letters = _letters("VNI")
    return "".join(letters[c].decode("cp1252") if c in letters else c for c in text)


def _read_as(codec: str) -> Callable[[str], str]:
    return lambda text: "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in text.encode())


def _cp1258(text: str) -> bytes:
    letters = _letters("CP1258")
    return b"".join(letters.get(c) or c.encode("cp1258") for c in text)


# How a text can come: as bytes in an encoding, or as UTF-8 of what a wrong reading has made of it.
NINE: dict[str, Callable[[str], bytes]] = {
    "UTF-8": str.encode,
    "UTF-8 decomposed": lambda text: unicodedata.normalize("NFD", text).encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "CP1258": _cp1258,
    "TCVN3": lambda text: _tcvn3(text).encode("latin-1"),
    "VNI": lambda text: _vni(text).encode("cp1252"),
    "TCVN3 as Unicode": lambda text: _tcvn3(text).encode(),
    "VNI as Unicode": lambda text: _vni(text).encode(),
    "UTF-8 read as CP1252": lambda text: _read_as("cp1252")(text).encode(),
    "UTF-8 read as CP1258": lambda text: _read_as("cp1258")(text).encode(),
    "UTF-8 read as CP437": lambda text: _read_as("cp437")(text).encode(),
    "UTF-8 read as Latin-1": lambda text: _read_as("latin-1")(text).encode(),
}


@pytest.mark.parametrize("encoding", NINE)
@pytest.mark.parametrize("names", [_provinces(), _names()], ids=["63 provinces", "103 communes"])
def test_every_name_comes_back_letter_for_letter(deliver: Deliver, encoding: str, names: list[str]) -> None:
    # A capital with a tone has no byte in TCVN3; lists in that font wrote it small.
    names = [name.replace("Ấ", "ấ").replace("Ủ", "ủ") for name in names]
    lines = [f"{at},31120,{name},2,01/09/2026,{name}" for at, name in enumerate(names)]
    header = "Mã hộ,Mã xã,Họ và tên chủ hộ,Số nhân khẩu,Ngày rà soát,Thôn/ấp/khu vực"
    content = NINE[encoding]("\n".join([header, *lines, ""]))

    delivery = deliver("labour/household_review", "2026-09_31120.csv", content)
    checked = read_rows(delivery)

    assert checked.accepted["hamlet"].to_pylist() == names
    assert checked.accepted["head_name"].to_pylist() == names


def test_bytes_of_no_encoding_are_refused() -> None:
    with pytest.raises(UnknownEncoding):
        decode(bytes(range(128, 256)) * 20)
