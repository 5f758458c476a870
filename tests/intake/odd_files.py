"""What may lie in landing beside good deliveries: names, manifests and things that are no files, and files that harm.

`python -m intake.odd_files` puts 300 of them beside good ones, takes all in by `cantho run`, and prints what became of
each kind, the seconds and the memory it took.
"""

import contextlib
import gzip
import io
import json
import os
import resource
import socket
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from sources.contracts.code_lists import communes
from sources.reading.delivery import SUFFIX
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, REFUSED, Register

TOTALS = "labour/commune_totals"
HEADER = "commune_code,households,persons\n"
MONTHS = [f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)]
HOW_MANY = 300


@dataclass(frozen=True)
class Odd:
    """An odd thing: its kind, its path below landing (bytes that are no UTF-8 as `os.fsdecode` gives them), how it is
    put there, and how the manifest beside it, if it has one.
    """

    kind: str
    path: str
    put: Callable[[Path], object]
    beside: Callable[[Path], object] | None = None


def _rows(number: int) -> str:
    """A sound table, other than those of other numbers."""
    return HEADER + "".join(f"{code},{1000 + number},{4000 + number}\n" for code in sorted(communes()))


def _content(content: bytes | str) -> Callable[[Path], object]:
    raw = content.encode() if isinstance(content, str) else content
    return lambda path: path.write_bytes(raw)


# ------------------------------------------------------------------------------------------------------- contents


def _workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet().write_row(0, 0, HEADER.strip().split(","))
    return out.getvalue()


def _with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_workbook())) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in whole.namelist():
            packed.writestr(part, change(whole.read(part)) if part == name else whole.read(part))
    return out.getvalue()


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a", "x")
    return out.getvalue()


def _parquet(**columns: pa.Array) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
NUMBERS = pa.array([1, 2], pa.int64())
CONTENTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a workbook named .csv": ("csv", _workbook),
    "a zip named .csv": ("csv", _zip),
    "a zip named .xlsx": ("xlsx", _zip),
    "gzip named .csv": ("csv", lambda: gzip.compress(_rows(0).encode())),
    "text named .xlsx": ("xlsx", lambda: _rows(0).encode()),
    "a web page named .xlsx": ("xlsx", lambda: b"<html><table><tr><td>1</td></tr></table></html>"),
    "a PDF named .xlsx": ("xlsx", lambda: b"%PDF-1.7\n"),
    "an old workbook": ("xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
    "zero bytes": ("csv", lambda: b"\0" * 5000),
    "random bytes": ("csv", lambda: bytes(range(256)) * 40),
    "an empty file": ("csv", lambda: b""),
    "a header alone": ("csv", HEADER.encode),
    "no line end and half a row": ("csv", (HEADER + "31120,3,4\n31135,5").encode),
    "a quote that stays open": ("csv", (HEADER + '31120,3,4\n31135,5,"6\n').encode),
    "a line of 3 MB": ("csv", lambda: HEADER.encode() + b"x" * 3_000_000),
    "100,000 columns": ("csv", lambda: b"a," * 100_000),
    "UTF-16 of half a letter": ("csv", lambda: b"\xff\xfe" + HEADER.encode("utf-16-le") + b"\0"),
    "a workbook with a document type": ("xlsx", lambda: _with_part(SHEET, lambda part: part.replace(
        b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet', 1))),
    "a workbook of quadratic spaces": ("xlsx", lambda: _with_part(SHEET, lambda part: part.replace(
        b"<sheetData>", b"<sheetData>" + b"<c r" + b" " * 3_000_000 + b"<f" + b"<c r='" * 300_000))),
    "a workbook that unpacks a thousandfold": ("xlsx", lambda: _with_part(SHEET, lambda part: part.replace(
        b"</sheetData>", b"</sheetData>" + b"<!-- " + b" " * 200_000_000 + b" -->" + b"<c", 1))),
    "a workbook without sheets": ("xlsx", lambda: _with_part("xl/workbook.xml", lambda _: b"<workbook/>")),
    "a workbook cut": ("xlsx", lambda: _workbook()[:2000]),
}  # fmt: skip
PARQUETS: dict[str, Callable[[], bytes]] = {
    "Parquet cut": lambda: _parquet(household_code=NUMBERS)[:-9],
    "Parquet of other columns": lambda: _parquet(a=NUMBERS),
    "Parquet with lists": lambda: _parquet(
        **dict.fromkeys(("household_code", "commune_code", "head_name", "member_count"), NUMBERS),
        reviewed_on=pa.array([[1], [2]]),
    ),
    "Parquet of the year 10000": lambda: _parquet(
        **dict.fromkeys(("household_code", "commune_code", "head_name", "member_count"), NUMBERS),
        reviewed_on=pa.array([2932897, 2**31 - 1], pa.int32()).cast(pa.date32()),
    ),
}
MANIFESTS: dict[str, bytes] = {
    "1e400 rows": b'{"rows": 1e400}', "rows as text": b'{"rows": "103"}', "rows true": b'{"rows": true}',
    "rows below zero": b'{"rows": -1}', "half a row": b'{"rows": 1.5}', "rows NaN": b'{"rows": NaN}',
    "a hash that is a number": b'{"sha256": 5}', "half a hash": b'{"sha256": "abc"}',
    "a hash of other bytes": json.dumps({"sha256": "0" * 64}).encode(), "month 13": b'{"month": "2026-13"}',
    "a month that is a number": b'{"month": 202609}', "a list": b"[]", "a text": b'"rows"', "nothing": b"null",
    "an empty one": b"", "no UTF-8": b'{"rows": "\xff"}', "a deep one": b"[" * 200_000, "2 MB": b" " * 2_000_000,
    "more rows": b'{"rows": 999999}', "a number beyond all": b'{"rows": ' + b"9" * 5000 + b"}",
}  # fmt: skip


# ------------------------------------------------------------------------------------------- names and no files


def _socket(path: Path) -> None:
    # The name of a socket has 108 bytes at most: it is made here and moved.
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{folder}/s")
        Path(folder, "s").rename(path)


def _device(path: Path) -> None:
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3 * 1024**4)


THINGS: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a socket": _socket,
    "a link to nothing": lambda path: path.symlink_to("/nowhere/at/all"),
    "a link to a file of others": lambda path: path.symlink_to("/etc/hostname"),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to a folder": lambda path: path.symlink_to("/"),
    "a link to itself": lambda path: path.symlink_to(path),
    "3 TB that are not there": _sparse,
    "a device": _device,
}
NAMES: dict[str, Callable[[int], str]] = {
    "a name that is no UTF-8": lambda at: os.fsdecode(b"2026-09_\xff\xfe%d.csv" % at),
    "a name of 240 bytes": lambda at: f"2026-09_{at}{'x' * 230}.csv",
    "a line break in a name": lambda at: f"2026-09_a\nb{at}.csv",
    "a name of Arabic digits": lambda at: f"٢٠٢٦-٠٩_{at}.csv",
    "a name without a month": lambda at: f"so lieu {at}.csv",
    "month 13": lambda at: f"2026-13_{at}.csv",
    "an unknown commune": lambda at: f"2026-09_99999_{at}.csv",
    "two endings": lambda at: f"2026-09_{at}.csv.exe",
    "no ending": lambda at: f"2026-09_{at}",
    "a sign that writes backwards": lambda at: f"2026-09_\u202efdp{at}.csv",
}
FOLDERS = ("labour/khac", "nowhere", "labour/commune_totals/cu", "a/b/c/d/e", os.fsdecode(b"\xff\xfe"))


def odd_things() -> Iterator[Odd]:
    """One after the other, of every kind in turn; a thing stands alone for its month and file name."""
    for at in range(HOW_MANY):
        month = MONTHS[at % len(MONTHS)]
        kinds: list[Callable[[str, int], Iterator[Odd]]] = [_of_contents, _of_manifests, _of_things, _of_names, _strays]
        yield from kinds[at % len(kinds)](month, at)


def _of_contents(month: str, at: int) -> Iterator[Odd]:
    names = [*CONTENTS, *PARQUETS]
    name = names[at // 5 % len(names)]
    if name in PARQUETS:
        path = f"labour/household_review/{month}_31120_odd{at}.parquet"
        yield Odd(name, path, _content(PARQUETS[name]()))
    else:
        extension, make = CONTENTS[name]
        yield Odd(name, f"{TOTALS}/{month}_odd{at}.{extension}", _content(make()))


def _of_manifests(month: str, at: int) -> Iterator[Odd]:
    kinds = [*MANIFESTS, *(name for name in THINGS if "3 TB" not in name), "a folder"]
    name = kinds[at // 5 % len(kinds)]
    put = _content(MANIFESTS[name]) if name in MANIFESTS else THINGS.get(name, os.mkdir)
    path = f"{TOTALS}/{month}_odd{at}.csv"
    yield Odd(f"manifest: {name}", path, _content(_rows(at)), put)


def _of_things(month: str, at: int) -> Iterator[Odd]:
    name = [*THINGS][at // 5 % len(THINGS)]
    yield Odd(name, f"{TOTALS}/{month}_odd{at}.csv", THINGS[name])


def _of_names(_: str, at: int) -> Iterator[Odd]:
    name = [*NAMES][at // 5 % len(NAMES)]
    yield Odd(name, f"{TOTALS}/{NAMES[name](at)}", _content(_rows(at)))


def _strays(month: str, at: int) -> Iterator[Odd]:
    folder = FOLDERS[at // 5 % len(FOLDERS)]
    put = [_content(_rows(at)), os.mkfifo, THINGS["a link to a file of others"], _sparse][at // 25 % 4]
    yield Odd("in the folder of no feed", f"{folder}/{month}_odd{at}.csv", put)


def put(landing: Path) -> list[Odd]:
    """Put all odd things into landing, and return them; a device needs rights that a test may not have."""
    placed = []
    for odd in odd_things():
        path = landing / odd.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(PermissionError):
            odd.put(path)
            if odd.beside:
                odd.beside(path.with_name(path.name + SUFFIX))
            placed.append(odd)
    return placed


def put_good(landing: Path) -> list[str]:
    """Put good deliveries of two feeds into landing, and return their names."""
    names = [f"{month}.csv" for month in MONTHS[-4:]]
    for at, name in enumerate(names):
        (landing / TOTALS / name).write_text(_rows(9000 + at))
    header = "household_code,commune_code,head_name,member_count,reviewed_on\n"
    for code in sorted(communes())[:5]:
        names.append(f"2026-09_{code}.csv")
        rows = "".join(f"{at},{code},Nguyễn Văn An,2,{date(2026, 9, 1 + at):%d/%m/%Y}\n" for at in range(20))
        (landing / "labour/household_review" / names[-1]).write_text(header + rows)
    return names


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home.open(Path(folder) / "home")
        placed, good = put(home.landing), put_good(home.landing)
        started = time.monotonic()
        ran = subprocess.run(
            [str(Path(sys.executable).with_name("cantho")), "run", "--home", str(home.root)], check=False
        )
        seconds, used = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        entries = Register(home.register).entries()
        left = [path for path in home.landing.rglob("*") if not path.is_dir()]
    refused = sum(entry.status == REFUSED for entry in entries)
    accepted = {entry.file for entry in entries if entry.status == ACCEPTED}
    kinds = [f"| {kind} | {count} |" for kind, count in sorted(Counter(odd.kind for odd in placed).items())]
    became = (
        f"{len(placed)} odd things, {refused} refused, {len(accepted & {*good})} of {len(good)} good ones accepted, "
        f"{len(left)} left in landing, exit code {ran.returncode}."
    )
    cost = f"{seconds:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processor time, {used.ru_maxrss // 1024} MB."
    sys.stdout.write("\n".join(["| kind | things |", "|---|---:|", *kinds, "", became, cost, ""]))


if __name__ == "__main__":
    main()
