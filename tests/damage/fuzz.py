"""Readers under random damage: whatever the bytes, a delivery is read or refused, never anything else.

`python -m damage.fuzz --minutes 30` prints how many files were tried, what failed by its seed, and the memory used. The
test runs the first seeds and those that once failed.
"""

import argparse
import io
import random
import resource
import sys
import time
import traceback
import zipfile
from functools import cache
from pathlib import Path

from damage.files import WRITERS, clean_sheets, deliver
from sources.contracts.feeds import Feed
from sources.contracts.refusal import BrokenPromise

# Seeds that found an error of ours in files as they are made now; each has a test of its own beside the reader too.
KEPT: tuple[int, ...] = ()
MARKS = [b'"', b",", b"\n", b"\r", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"}", b"<", b">", b"9" * 40, b"\xe1\xbb"]


@cache
def _seeds() -> list[tuple[Feed, str, bytes]]:
    return [
        (sheet.feed, extension, WRITERS[extension](sheet))
        for sheet in clean_sheets().values()
        for extension in sheet.feed.formats
    ]


def _damaged(chance: random.Random, content: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(content) + 1)
        length = chance.choice((1, 1, 4, 64, 1024))
        match chance.randrange(6):
            case 0:
                content = content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
            case 1:
                content = content[:at] + content[at + length :]
            case 2:
                content = content[:at] + chance.choice(MARKS) + content[at:]
            case 3:
                content = content[:at] + content[at : at + length] * chance.choice((2, 3, 50)) + content[at + length :]
            case 4:
                other = chance.randrange(len(content) + 1)
                content = content[:at] + content[other : other + length] + content[at + length :]
            case _:
                content = content[:at] if chance.random() < 0.2 else content
    return content


def _inside(chance: random.Random, content: bytes) -> bytes:
    """A workbook with one of its parts damaged and packed again, so that the damage reaches the reader."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        names = whole.namelist()
        spoilt = chance.choice([name for name in names if "sheet" in name or "Strings" in name or "workbook" in name])
        for name in names:
            part = whole.read(name)
            packed.writestr(name, _damaged(chance, part) if name == spoilt else part)
    return out.getvalue()


def attempt(seed: int) -> str | None:
    """Read one damaged file; the error if it was not ours to refuse."""
    chance = random.Random(seed)
    feed, extension, content = chance.choice(_seeds())
    content = _inside(chance, content) if extension == "xlsx" and chance.random() < 0.7 else _damaged(chance, content)
    try:
        deliver(feed, content, extension)
    except BrokenPromise:
        return None
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"seed {seed}, {feed.id}.{extension}: {''.join(traceback.format_exception(error))}"
    return None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--log", type=Path, help="file that holds the seed under way")
    asked = parser.parse_args()
    end, seed, failed = time.monotonic() + asked.minutes * 60, asked.first, []
    _seeds()
    begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    while time.monotonic() < end:
        if asked.log:
            # An abort of the process leaves no other trace of its seed.
            asked.log.write_text(str(seed))
        if error := attempt(seed):
            failed.append(seed)
            say(error)
        seed += 1
        if seed % 2000 == 0:
            used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            say(f"{seed - asked.first} files, {len(failed)} failed, {used} MB at most")
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    say(f"{seed - asked.first} files, failed: {failed}, {begun} MB at the start, {used} MB at most")


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
