"""What a file says as a whole, gathered before its pieces are judged: its letters, ticks, days and names of places.

A file is read in tables of bounded size. Whether its text was once misread, whether a column has ticks alone, which of
day and month stands first, and whether its places are named as today, show only in all of them together. What tells
it is small: texts that differ, and of text with accents a sample. Not here: the judgement of a row (`rows`).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from sources.contracts.feeds import Column
from sources.contracts.refusal import BrokenPromise
from sources.reading.delivery import Delivery
from sources.reading.encoding import (
    BELIEVED,
    ETH,
    HOPELESS,
    LEGACY,
    MISREADINGS,
    UnknownEncoding,
    d_for_eth,
    in_known_letters,
    in_one_byte,
    misreading,
    vietnamese_share,
)

# What a row may say of its place beside or instead of a code; helpers of `rows`, not columns of the contract.
COMMUNE_NAME, DISTRICT_NAME, PROVINCE_NAME = "commune_name", "district_name", "province_name"
PLACE_PARTS = (COMMUNE_NAME, DISTRICT_NAME, PROVINCE_NAME)
# Words enough to tell how a column was misread.
SAMPLED_TEXTS = 5_000
# A cell without a header in so many rows is a column that nobody asked for; in fewer it is its row's fault.
COLUMN_FROM = 0.5


@dataclass
class Whole:
    """What the tables of a delivery say together.

    `lines` is how many they have, `strays` in how many a cell stands where the header has none, by position, `present`
    which columns have a cell. `texts` are the different texts of columns that are judged as a whole, `places` those of
    commune code and name together.
    """

    delivery: Delivery
    lines: int = 0
    strays: Counter[int] = field(default_factory=Counter)
    present: set[str] = field(default_factory=set)
    texts: dict[str, pa.Array] = field(default_factory=dict)
    places: pa.Table | None = None
    _samples: dict[str, pa.Array] = field(default_factory=dict)
    _mended: Callable[[pa.Table], tuple[pa.Table, list[str]]] | None = None

    def add(self, cells: pa.Table, lines: int, strays: dict[int, int]) -> None:
        """Take note of a table."""
        self.lines += lines
        self.strays.update(strays)
        for name in (*self.delivery.feed.by_name, *PLACE_PARTS):
            column = cells[name]
            if column.null_count == len(column):
                continue
            self.present.add(name)
            if self._is_judged(name):
                self.texts[name] = _united(self.texts.get(name), column)
            if len(self._samples.get(name, ())) < SAMPLED_TEXTS:
                accented = column.filter(pc.invert(pc.string_is_ascii(column)))
                if len(accented):
                    self._samples[name] = _united(self._samples.get(name), accented)[:SAMPLED_TEXTS]
        if "commune_code" in self.delivery.feed.by_name:
            places = cells.select(["commune_code", COMMUNE_NAME])
            places = pa.concat_tables([self.places, places]) if self.places else places
            self.places = places.group_by(places.column_names, use_threads=False).aggregate([])

    def settle(self) -> None:
        """Decide how letters were meant, after the last table; `BrokenPromise` when nobody can tell."""
        self._mended = _mending(self.delivery, self._samples)
        self.texts = {name: self._column(name, texts) for name, texts in self.texts.items()}
        if self.places is not None:
            for name in self.places.column_names:
                at = self.places.column_names.index(name)
                self.places = self.places.set_column(at, name, self._column(name, self.places[name].combine_chunks()))

    def in_letters(self, cells: pa.Table) -> tuple[pa.Table, list[str]]:
        """Cells with their letters as they were meant, and how they were misread."""
        assert self._mended is not None  # noqa: S101  settled before
        return self._mended(cells)

    def is_column(self, at: int) -> bool:
        """Whether cells without a header at a position are a column of their own."""
        return self.strays[at] > COLUMN_FROM * self.lines

    def _is_judged(self, name: str) -> bool:
        return name == DISTRICT_NAME or (
            name in self.delivery.feed.by_name
            and self.delivery.feed.by_name[name].kind in ("boolean", "date", "date_or_year")
        )

    def _column(self, name: str, texts: pa.Array) -> pa.Array:
        return self.in_letters(pa.table({name: texts}))[0][name].combine_chunks()


def _united(texts: pa.Array | None, column: pa.ChunkedArray) -> pa.Array:
    """Texts that differ, in the order in which they were first met."""
    different = pc.unique(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
    return different if texts is None else pc.unique(pa.concat_arrays([texts, different]))


def _mending(delivery: Delivery, samples: dict[str, pa.Array]) -> Callable[[pa.Table], tuple[pa.Table, list[str]]]:
    """How to give cells their letters, where a column's text was once read in another encoding.

    A sign that no encoding makes is its row's fault alone, and proves nothing.
    """
    sampled = {name: [text for text in texts.to_pylist() if text is not None] for name, texts in samples.items()}
    accented = {name: readable for name, texts in sampled.items() if (readable := [*filter(in_known_letters, texts)])}
    shares = {name: vietnamese_share("\n".join(texts)) for name, texts in accented.items()}
    suspect = [name for name, share in shares.items() if share < BELIEVED]
    # What a closed list of words lacks is set apart row by row, and proves nothing about the file.
    free = [name for name in suspect if name in PLACE_PARTS or _is_free_text(delivery.feed.by_name[name])]
    try:
        name = misreading(text for column in suspect for text in accented[column])
    except UnknownEncoding:
        if free:
            raise _damaged_letters(delivery) from None
        name = None
    misread: list[str] = []
    if name is not None:
        read = MISREADINGS[name]
        whole = vietnamese_share("\n".join(text for texts in accented.values() for text in texts)) < HOPELESS
        if name in LEGACY and not whole:
            # Some cells of a column are misread and some are not: no reading is right for both. One is its row's fault.
            mixed = [column for column in suspect if shares[column] >= HOPELESS]
            if any(sum(vietnamese_share(text) < 1 for text in accented[column]) > 1 for column in {*mixed} & {*free}):
                raise _damaged_letters(delivery)
            suspect = [column for column in suspect if column not in mixed]
            name = name if suspect else None
        for column in accented:
            # Where most words are misread, a column whose words are spelled right either way is misread too.
            either_way = whole and all(map(in_one_byte, sampled[column]))
            mended = "\n".join(map(read, sampled[column]))
            if column in suspect or (either_way and vietnamese_share(mended) >= BELIEVED):
                misread.append(column)

    def in_letters(cells: pa.Table) -> tuple[pa.Table, list[str]]:
        for column in misread:
            if column in cells.column_names:
                cells = _each_text(cells, column, lambda text: text if text.isascii() else MISREADINGS[str(name)](text))
        cells, eth = _with_d_for_eth(cells, [column for column in accented if column in cells.column_names])
        return cells, [*filter(None, [name]), *[ETH] * eth]

    return in_letters


def _is_free_text(column: Column) -> bool:
    return column.kind == "text" and not column.words and not column.code_list


def _damaged_letters(delivery: Delivery) -> BrokenPromise:
    in_bytes = delivery.extension in ("csv", "jsonl")
    return delivery.feed.broken(delivery.file, "the file", "encoding" if in_bytes else "letters")


def _each_text(cells: pa.Table, column: str, change: Callable[[str], str]) -> pa.Table:
    """The cells with each different text of a column changed."""
    encoded = cells[column].combine_chunks().dictionary_encode()
    texts = pa.array([change(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return cells.set_column(cells.column_names.index(column), column, texts.take(encoded.indices))


def _with_d_for_eth(cells: pa.Table, columns: list[str]) -> tuple[pa.Table, bool]:
    """The cells with Đ where another alphabet's letter that looks like it stands in a word, and whether any did."""
    replaced = False
    for column in columns:
        if pc.any(pc.match_substring_regex(cells[column], "[ðÐ]")).as_py():
            mended = _each_text(cells, column, d_for_eth)
            replaced, cells = replaced or not mended[column].equals(cells[column]), mended
    return cells, replaced
