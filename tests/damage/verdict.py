"""What became of a spoilt delivery, told by comparing it row by row with the clean one."""

import itertools
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from damage.files import MONTH, WRITERS, Sheet, clean_sheets, deliver
from damage.kinds import KINDS
from sources.contracts.feeds import Feed
from sources.contracts.refusal import BrokenPromise
from sources.reading.rows import CheckedRows
from sources.reading.values import person_number
from sources.text import tidy


@dataclass(frozen=True)
class Verdict:
    """`outcome` is exact, less (some values are known less precisely), quarantined, refused or WRONG."""

    feed: str
    kind: str
    format: str
    outcome: str
    quarantined: int = 0
    why: str = ""


def spoilt_files(part: int = 1) -> Iterator[tuple[str, str, Sheet, str]]:
    """The matrix: every kind in every format of every feed in which it can occur, or every `part`-th of these files."""
    files = itertools.count()
    for feed_id, sheet in clean_sheets().items():
        for name, (formats, change) in KINDS.items():
            spoilt = change(sheet)
            if spoilt is None or (spoilt.rows == sheet.rows and spoilt == sheet):
                continue
            for extension in formats:
                if extension in sheet.feed.formats and next(files) % part == 0:
                    yield feed_id, name, spoilt, extension


def verdicts(part: int = 1) -> list[Verdict]:
    """What became of the files of the matrix, or of every `part`-th."""
    return [judge(*file) for file in spoilt_files(part)]


def judge(feed_id: str, name: str, spoilt: Sheet, extension: str) -> Verdict:
    feed, clean = spoilt.feed, clean_rows(feed_id)
    try:
        _, checked = deliver(feed, WRITERS[extension](spoilt), extension)
    except BrokenPromise as broken:
        return Verdict(feed_id, name, extension, "refused", why=broken.code)
    limits = feed.tolerances(MONTH)
    rejected = checked.rejected.num_rows
    if checked.total and 100 * rejected > limits.quarantined_pct * checked.total:
        reasons = sorted(set(checked.rejected["reasons"].to_pylist()))
        return Verdict(feed_id, name, extension, "refused", rejected, ", ".join(reasons)[:60])
    wrong, less = compare(feed, clean, checked)
    accounted = checked.accepted.num_rows + rejected
    # A row that swallowed others stands for all of them.
    swallowed = rejected and name.startswith("rows: quotes")
    if accounted < len(clean) and not swallowed:
        wrong.append(f"{len(clean) - accounted} rows lost")
    if wrong and name.startswith("dates: month first") and not _shows_month_first(spoilt):
        return Verdict(feed_id, name, extension, "unseen", rejected, "every day is one of the first twelve")
    if wrong:
        return Verdict(feed_id, name, extension, "WRONG", rejected, "; ".join(sorted(set(wrong)))[:200])
    if rejected:
        return Verdict(feed_id, name, extension, "quarantined", rejected)
    return Verdict(feed_id, name, extension, "less" if less else "exact")


def _shows_month_first(sheet: Sheet) -> bool:
    """Whether a day of a column stands where only a month can."""
    return any(re.fullmatch(r"\d\d/(1[3-9]|[23]\d)/\d{4}", cell or "") for row in sheet.rows for cell in row)


@cache
def clean_rows(feed_id: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    sheet = clean_sheets()[feed_id]
    extension = sheet.feed.formats[0]
    _, checked = deliver(sheet.feed, WRITERS[extension](sheet), extension)
    assert checked.rejected.num_rows == 0, checked.rejected["reasons"].to_pylist()[:3]
    return {_key(sheet.feed, row): row for row in checked.accepted.to_pylist()}


def _key(feed: Feed, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        person_number(row[name]) if feed.by_name[name].kind == "personal_number" else row[name] for name in feed.key
    )


def compare(feed: Feed, clean: dict[tuple[Any, ...], dict[str, Any]], checked: CheckedRows) -> tuple[list[str], bool]:
    """What is wrong among the accepted rows, and whether something is known less precisely than in the clean file."""
    wrong, less = [], False
    for row in checked.accepted.to_pylist():
        meant = clean.get(_key(feed, row))
        if meant is None:
            wrong.append("a row that nobody sent")
            continue
        for name in [*feed.by_name, *(n for n in ("commune_code", "commune_code_then") if n in meant)]:
            said, was = row[name], meant[name]
            column = feed.by_name.get(name)
            if column and column.kind == "personal_number":
                said, was = person_number(said), person_number(was)
                less = less or said != was
                wrong += [name] if said not in (was, None) else []
            elif column and column.kind == "date_or_year":
                less = less or said != was
                wrong += [name] if not said or not was.startswith(said) else []
            elif isinstance(said, str) and isinstance(was, str):
                # The two tone placements are the same letters in another order.
                wrong += [name] if sorted(_letters(said)) != sorted(_letters(was)) else []
            elif said != was:
                wrong.append(name)
    return wrong, less


def _letters(text: str) -> str:
    return unicodedata.normalize("NFD", tidy(text))


def table(found: list[Verdict]) -> str:
    """The matrix as Markdown: one line per kind, outcomes counted over feeds and formats."""
    lines = [
        "| kind | files | exact | known less | quarantined (rows) | refused | cannot be seen | silently wrong |",
        "|---|" + "---:|" * 7,
    ]
    kinds = list(dict.fromkeys(one.kind for one in found))
    for name in [*kinds, "all"]:
        of = [one for one in found if name in (one.kind, "all")]
        count = {outcome: sum(one.outcome == outcome for one in of) for outcome in OUTCOMES}
        rows = sum(one.quarantined for one in of if one.outcome == "quarantined")
        quarantined = f"{count['quarantined']} ({rows})" if count["quarantined"] else "0"
        cells = [len(of), count["exact"], count["less"], quarantined, count["refused"], count["unseen"], count["WRONG"]]
        lines.append(f"| {name} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


OUTCOMES = ("exact", "less", "quarantined", "refused", "unseen", "WRONG")

if __name__ == "__main__":
    everything = verdicts()
    wrong = [str(one) for one in everything if one.outcome == "WRONG"]
    sys.stdout.write("\n".join([table(everything), *wrong, ""]))
