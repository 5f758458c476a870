"""A file read in many small pieces says what it says in one, whatever is wrong with it."""

from collections.abc import Iterator

import pytest
import readings

from damage import structure, verdict
from damage.files import WRITERS, clean_sheets, deliver
from sources.contracts.feeds import Feed, discover
from sources.contracts.refusal import BrokenPromise
from sources.reading import rows, table
from sources.reading.delivery import Delivery
from sources.reading.rows import CheckedRows
from sources.reading.table import PLACE, ROW_NUMBER, TextTable

# A piece of text ends before the lines that may stand below a table: of sixty rows, fewer than usual.
LINES_BELOW = 12


def _outcome(feed: Feed, content: bytes, extension: str) -> object:
    try:
        delivery, checked = deliver(feed, content, extension)
    except BrokenPromise as broken:
        return broken.code, broken.place
    accepted, rejected = (
        part.sort_by([(PLACE, "ascending"), (ROW_NUMBER, "ascending")]).to_pylist()
        for part in (checked.accepted, checked.rejected)
    )
    return accepted, rejected, checked.duplicate_keys, checked.foreign_communes, readings.measured(delivery, checked)


def _in_pieces(feed: Feed, content: bytes, extension: str) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "PIECE_ROWS", 7)
        patch.setattr(table, "PIECE_BYTES", 500)
        patch.setattr(table, "LAST_LINES", LINES_BELOW)
        return _outcome(feed, content, extension)


def _spoilt() -> Iterator[tuple[str, Feed, bytes, str]]:
    # A part of the files, of every feed and format.
    for _, kind, sheet, extension in verdict.spoilt_files(part=6):
        yield kind, sheet.feed, WRITERS[extension](sheet), extension
    for feed_id, kind, _, _, text in structure.damaged_files(part=13):
        yield kind, clean_sheets()[feed_id].feed, text.encode(), "csv"


@pytest.mark.parametrize("extension", WRITERS)
def test_a_file_comes_in_several_pieces(extension: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sheets, of_one_table = clean_sheets().values(), []
    monkeypatch.setattr(readings, "sorted_rows", lambda delivery: _counted(delivery, of_one_table))
    for sheet in sheets:
        if extension in sheet.feed.formats:
            _in_pieces(sheet.feed, WRITERS[extension](sheet), extension)

    # Where rows fall with the head of their household, all of a file are judged together.
    assert of_one_table == [
        feed.id for feed in discover().values() if feed.falls_with_head and extension in feed.formats
    ]


def _counted(delivery: Delivery, of_one_table: list[str]) -> list[tuple[TextTable, CheckedRows]]:
    tables = [*rows.sorted_rows(delivery)]
    of_one_table += [delivery.feed.id] * (len(tables) == 1)
    return tables


def test_whatever_is_wrong_with_a_file_it_is_read_alike_in_pieces() -> None:
    for kind, feed, content, extension in _spoilt():
        whole = _outcome(feed, content, extension)
        assert _in_pieces(feed, content, extension) == whole, (feed.id, kind, extension)
