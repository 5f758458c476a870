"""Files cut short: at every tenth of their length and at 200 random bytes, alone, with a manifest, after a delivery.

Every format once in full, and text files of every feed, which alone can be read in part, at every tenth.

A cut is seen when the delivery is refused or a row of it is set apart. One that leaves whole lines behind cannot be
seen in the file itself: those are counted apart, and must end exactly at the end of a line.
"""

import csv
import random
import sys
from collections import Counter
from dataclasses import dataclass

from readings import measured

from damage.files import MONTH, WRITERS, clean_sheets, deliver
from damage.verdict import clean_rows, compare
from sources.contracts.refusal import BrokenPromise
from sources.gate import Previous
from sources.reading.delivery import Delivery, Manifest
from sources.reading.rows import CheckedRows, RowCounts
from warehouse.intake.deliveries import keep_rows

RANDOM_CUTS = 200
FULLY = "health_insurance/cards"
FORMATS = ("csv", "xlsx", "parquet", "jsonl")
AIDS = ("alone", "with a manifest", "after a delivery")


@dataclass(frozen=True)
class Cut:
    """One file cut at one byte: what became of it, and whether the cut falls on the end of a line."""

    feed: str
    format: str
    aid: str
    at: int
    length: int
    outcome: str
    at_line_end: bool
    in_a_row: bool = False


def cuts() -> list[Cut]:
    """Every cut of every format with every aid."""
    found = []
    files = [(feed, extension) for feed in clean_sheets() for extension in FORMATS if extension in _formats(feed)]
    for feed_id, extension in files:
        sheet = clean_sheets()[feed_id]
        content = WRITERS[extension](sheet)
        chance = random.Random(7)
        places = [len(content) * tenth // 10 for tenth in range(1, 10)]
        places += [chance.randrange(1, len(content)) for _ in range(RANDOM_CUTS if feed_id == FULLY else 0)]
        for at in places:
            read = _read(feed_id, content[:at], extension)
            for aid in AIDS:
                outcome = _outcome(feed_id, read, aid)
                ends = content[:at].endswith(b"\n")
                in_a_row = extension == "csv" and _ends_in_a_row(content[:at], content)
                found.append(Cut(feed_id, extension, aid, at, len(content), outcome, ends, in_a_row))
    return found


def _formats(feed_id: str) -> tuple[str, ...]:
    return FORMATS if feed_id == FULLY else ("csv",)


def _ends_in_a_row(cut: bytes, content: bytes) -> bool:
    """Whether the last line of a text file has fewer cells than its header."""
    header, last = content.partition(b"\n")[0], cut.rpartition(b"\n")[2]
    cells = [len(next(csv.reader([line.decode(errors="replace")]), [])) for line in (header, last)]
    return bool(last) and cells[1] < cells[0]


def _read(feed_id: str, content: bytes, extension: str) -> tuple[Delivery, CheckedRows] | None:
    try:
        return deliver(clean_sheets()[feed_id].feed, content, extension)
    except BrokenPromise:
        return None


def _outcome(feed_id: str, read: tuple[Delivery, CheckedRows] | None, aid: str) -> str:
    feed, clean = clean_sheets()[feed_id].feed, clean_rows(feed_id)
    if read is None:
        return "refused"
    delivery, checked = read
    try:
        counts = RowCounts()
        counts.add(checked)
        keep_rows(delivery, Manifest(rows=len(clean) if aid == "with a manifest" else None), counts)
    except BrokenPromise:
        return "refused"
    limits = feed.tolerances(MONTH)
    previous = Previous(len(clean), 1) if aid == "after a delivery" else None
    measures = measured(delivery, checked, previous)
    if (measures["quarantined_pct"] or 0) > limits.quarantined_pct:
        return "refused"
    if measures["volume_pct"] is not None and measures["volume_pct"] <= limits.volume_floor_pct:
        return "refused"
    if compare(feed, clean, checked)[0]:
        return "WRONG"
    if checked.rejected.num_rows:
        return "a row set apart"
    return "exact" if checked.accepted.num_rows == len(clean) else "not seen"


def table(found: list[Cut]) -> str:
    """Outcomes by format and aid, as Markdown."""
    outcomes = ("refused", "a row set apart", "exact", "not seen", "WRONG")
    lines = ["| format | aid | cuts | " + " | ".join(outcomes) + " |", "|---|---|" + "---:|" * (len(outcomes) + 1)]
    for extension in FORMATS:
        for aid in AIDS:
            count = Counter(cut.outcome for cut in found if (cut.format, cut.aid) == (extension, aid))
            numbers = [sum(count.values()), *(count[outcome] for outcome in outcomes)]
            lines.append(f"| {extension} | {aid} | " + " | ".join(map(str, numbers)) + " |")
    return "\n".join(lines)


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    everything = cuts()
    say(table(everything))
    for one in everything:
        if one.outcome in ("WRONG", "not seen"):
            say(one)
