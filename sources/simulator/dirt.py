"""What goes wrong between a department and the warehouse in a single file, at the rates that real files show.

Faults of cells, rows and files, each of them readable or at least recognisable, so that the truth can say what is
still known: `lost`, `unnumbered` and `year_only` of the rows record it. No fault makes a delivery as a whole refusable.
Not here: what a department has wrong for years (`faults`), and deliveries that break their promise (the tests of the
gates make those).
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sources.simulator.delivery import Rows, days, together
from sources.simulator.draws import Draws
from sources.simulator.files import Style
from sources.simulator.layout import Layout
from sources.simulator.months import first_day, month_of_day
from sources.simulator.places import MERGER, Places
from sources.simulator.places import rows as reference_rows

# Shares of cells or rows at dirt 1.
NUMBER_MISSING, NUMBER_MALFORMED, NUMBER_ZERO_LOST, NUMBER_PUNCTUATED = 0.030, 0.015, 0.010, 0.010
YEAR_ONLY_OVER_60, FIRST_OF_JANUARY_OVER_40 = 0.12, 0.03
DATE_FORM, GROUPED_NUMBER, BOOLEAN_FORM = 0.04, 0.05, 0.03
OUTDATED_COMMUNE = 0.05
DUPLICATE_ROW, DUPLICATE_PERSON = 0.004, 0.007
BROKEN_ROW, BROKEN_HEAD = 0.010, 0.006
# Upper bounds per file, well inside the tolerances of the contracts (10 % quarantined, 2 % duplicate keys).
LOST_AT_MOST, DUPLICATES_AT_MOST = 0.05, 0.01
# Shares of files at dirt 1.
DECOMPOSED, BYTE_ORDER_MARK, UTF16, LEGACY = 0.03, 0.05, 0.012, 0.012
HEADER_VARIANT, SHUFFLED, EXTRA_COLUMN = 0.15, 0.15, 0.06
SENT_TWICE, CORRECTED = 0.02, 0.015
LEGACY_FROM_ROWS = 40  # a reader needs words to recognise an encoding by

NOT_YET, UNKNOWN_WORD = "đang cập nhật", "chưa rõ"
BREAKS = {
    "household_review": ["reviewed_on", "member_count", "floor_area_m2", "toilet_type"],
    "household_members": ["birth_date", "sex", "school_level"],
    "poverty_list": ["birth_date", "sex"],
    "vocational_training": ["started_on", "job_after"],
    "cards": ["valid_from", "birth_date"],
    "support_cases": ["amount_vnd", "status"],
    "loans": ["due_date", "in_term_vnd"],
}
WORDS = {"sex", "toilet_type", "school_level", "job_after", "status"}
NUMBER_COLUMN = {"household_review": "head_personal_id", "support_cases": "head_personal_id"}
BIRTH_DATED = {"household_members", "poverty_list", "cards", "loans"}
MONEY = ["income_per_capita_vnd", "amount_vnd", "disbursed_vnd", "in_term_vnd"]
EXTRA_HEADERS = ("Người nhập", "Điện thoại liên hệ")


@dataclass(frozen=True)
class Dirt:
    """Faults of one simulated city; `rate` multiplies every share, 0 is a clean city."""

    draws: Draws
    places: Places
    rate: float

    def _hit(self, fault: str, ids: NDArray[Any], month: int, share: float) -> NDArray[np.bool_]:
        return self.draws.uniform(f"dirt {fault}", ids, key=month) < share * self.rate

    def _kind(self, fault: str, ids: NDArray[Any], month: int, kinds: int) -> NDArray[np.int64]:
        return self.draws.whole(f"dirt kind {fault}", ids, 0, kinds - 1, key=month)

    # Rows

    def damage(self, rows: Rows, layout: Layout, month: int) -> Rows:
        """The rows with their faults; at rate 0 the rows as they are."""
        if self.rate == 0 or layout.feed not in BREAKS or not len(rows):
            return rows
        rows = rows.take(np.arange(len(rows)))
        by_case = layout.feed in ("household_review", "support_cases")
        ids = rows.household if by_case else rows.person
        # A number that makes its row unusable counts among the broken rows.
        if layout.feed == "cards":
            self._spoil_card_numbers(rows, ids, month)
        elif layout.feed != "vocational_training":
            self._spoil_numbers(rows, NUMBER_COLUMN.get(layout.feed, "personal_id"), ids, month)
        if layout.feed in BIRTH_DATED:
            self._spoil_births(rows, ids, month)
        self._vary_cells(rows, layout, month)
        if month >= MERGER and "commune_code" in rows.columns:
            self._date_back_communes(rows, ids, month)
        self._break_rows(rows, layout.feed, month)
        return self._repeat_rows(rows, layout.feed, month)

    def _spoil_numbers(self, rows: Rows, column: str, ids: NDArray[np.int64], month: int) -> None:
        numbers = rows.columns[column].to_numpy(zero_copy_only=False)
        chance = self.draws.uniform("dirt number", ids, key=month) / self.rate
        edges = np.cumsum([NUMBER_MISSING, NUMBER_MALFORMED, NUMBER_ZERO_LOST, NUMBER_PUNCTUATED])
        kind = np.searchsorted(edges, chance, side="right")
        kind[rows.unnumbered] = len(edges)  # what stands there is no number already
        spoilt = np.flatnonzero(kind < len(edges))
        text = numbers.copy()
        form = self._kind("number", ids, month, 3)
        for row in spoilt.tolist():
            text[row] = _spoilt_number(numbers[row], int(kind[row]), int(form[row]))
        rows.say(column, kind < len(edges), text)
        rows.unnumbered |= kind <= 1
        rows.note("number unusable in this file", np.flatnonzero(kind <= 1))

    def _spoil_card_numbers(self, rows: Rows, ids: NDArray[np.int64], month: int) -> None:
        """The personal number of a card may be missing or short of its zero, but survives in one of two columns."""
        numbers = rows.columns["personal_id"].to_numpy(zero_copy_only=False)
        missing = self._hit("card number", ids, month, NUMBER_MISSING) & ~rows.unnumbered
        short = self._hit("card zero", ids, month, NUMBER_ZERO_LOST) & ~missing & ~rows.unnumbered
        rows.say("personal_id", missing, np.full(len(rows), None, dtype=object))
        rows.say("insurance_number", missing, numbers)
        if short.any():
            text = numbers.copy()
            text[short] = [number[1:] for number in numbers[short]]
            rows.say("personal_id", short, text)

    def _spoil_births(self, rows: Rows, ids: NDArray[np.int64], month: int) -> None:
        born = pc.cast(rows.columns["birth_date"], pa.int32()).to_numpy()
        birth = month_of_day(born)
        age = (month - birth) // 12
        first = (age >= 40) & self._hit("first of January", ids, month, FIRST_OF_JANUARY_OVER_40)
        rows.note("birth on 1 January in this file", np.flatnonzero(first))
        rows.columns["birth_date"] = days(np.where(first, first_day(birth // 12 * 12), born))
        year_only = (age > 60) & ~first & self._hit("year only", ids, month, YEAR_ONLY_OVER_60)
        zeros = self._kind("year only", ids, month, 3) == 0
        text = np.full(len(rows), None, dtype=object)
        text[year_only] = [
            f"00/00/{year}" if zero else str(year)
            for year, zero in zip((birth // 12)[year_only].tolist(), zeros[year_only].tolist(), strict=True)
        ]
        rows.say("birth_date", year_only, text)
        rows.year_only |= year_only

    def _vary_cells(self, rows: Rows, layout: Layout, month: int) -> None:
        """Other forms of the same value; cells that already say something else keep it."""
        at = np.arange(len(rows))
        for position, column in enumerate(layout.columns):
            values = rows.columns[column.name]
            ids = rows.person * 64 + position
            if pa.types.is_date(values.type):
                share, form = DATE_FORM, _date_form
            elif pa.types.is_boolean(values.type) and not column.empty_is_false:
                share, form = BOOLEAN_FORM, _boolean_form
            elif column.name in MONEY:
                share, form = GROUPED_NUMBER, _grouped_form
            else:
                continue
            varied = self._hit("form", ids, month, share) & values.is_valid().to_numpy(zero_copy_only=False)
            if column.name in rows.said:
                varied &= ~rows.said[column.name].where
            kind = self._kind("form", ids, month, 4)
            text = np.full(len(rows), None, dtype=object)
            chosen = at[varied]
            texts = [
                form(v, k)
                for v, k in zip(values.take(pa.array(chosen)).to_pylist(), kind[chosen].tolist(), strict=True)
            ]
            text[chosen] = texts
            rows.say(column.name, varied, text)

    def _date_back_communes(self, rows: Rows, ids: NDArray[np.int64], month: int) -> None:
        """Codes of before July 2025, where they still lead to one commune alone."""
        outdated = self.places.outdated_codes
        count = np.array([len(codes) for codes in outdated])
        first = np.concatenate([[0], np.cumsum(count)[:-1]])
        every = np.array([code for codes in outdated for code in codes], dtype=object)
        old = self._hit("commune", ids, month, OUTDATED_COMMUNE) & (count[rows.commune] > 0)
        which = (self.draws.uniform("dirt old unit", ids) * count[rows.commune]).astype(int)
        text = np.full(len(rows), None, dtype=object)
        text[old] = every[(first[rows.commune] + which)[old]]
        rows.say("commune_code", old, text)

    def _break_rows(self, rows: Rows, feed: str, month: int) -> None:
        """A cell that cannot be read, in few enough rows of each commune."""
        ids = np.arange(len(rows)) if feed == "support_cases" else rows.person
        broken = self._hit("broken", ids, month, BROKEN_ROW)
        group = _share_groups(rows, feed)
        size = np.ones(len(rows), dtype=np.int64)
        if feed == "poverty_list":
            head = rows.columns["member_no"].to_numpy() == 1
            broken = np.where(head, self._hit("broken head", ids, month, BROKEN_HEAD), broken)
            household = np.cumsum(head) - 1
            size = np.where(head, np.bincount(household)[household], 1)
        broken = _within(broken, group, size, LOST_AT_MOST)
        if feed == "vocational_training":
            unreadable = _within(self._hit("number", ids, month, NUMBER_MISSING) & ~broken, group, size, 0.03)
            text = np.where(self._kind("number", ids, month, 2) == 0, "9.71E+10", "361234567").astype(object)
            rows.say("personal_id", unreadable, text)
            rows.lost |= unreadable
        columns = BREAKS[feed]
        kind = self._kind("broken", ids, month, len(columns))
        for position, column in enumerate(columns):
            text = np.full(len(rows), UNKNOWN_WORD if column in WORDS else NOT_YET, dtype=object)
            rows.say(column, broken & (kind == position), text)
        rows.lost |= broken
        if feed == "poverty_list":
            rows.lost |= (head & broken)[np.flatnonzero(head)][household]
        rows.note("row unreadable in this file", np.flatnonzero(rows.lost))

    def _repeat_rows(self, rows: Rows, feed: str, month: int) -> Rows:
        """Rows that stand in the file twice, and people who hold two cards or customer codes."""
        if feed == "poverty_list":  # a repeated row of the workbook would join the household above it
            return rows
        group = _share_groups(rows, feed)
        ones = np.ones(len(rows), dtype=np.int64)
        twice = self._hit("twice", np.arange(len(rows)) + rows.person[0], month, DUPLICATE_ROW) & ~rows.lost
        copies = rows.take(np.flatnonzero(_within(twice, group, ones, DUPLICATES_AT_MOST)))
        copies.lost[:] = True
        parts = [rows, copies]
        if feed == "cards":
            second = rows.take(
                np.flatnonzero(self._hit("second card", rows.person, month, DUPLICATE_PERSON) & ~rows.lost)
            )
            social = pc.utf8_slice_codeunits(second.columns["card_number"], -8)
            second.columns["card_number"] = pc.binary_join_element_wise(pa.scalar("93"), social, "")
            parts.append(second)
        if feed == "loans":
            other = self._hit("second customer code", np.arange(len(rows)), month, DUPLICATE_PERSON)
            codes = rows.columns["customer_code"].to_numpy(zero_copy_only=False)
            text = np.full(len(rows), None, dtype=object)
            text[other] = ["9" + code[1:] for code in codes[other]]
            rows.say("customer_code", other, text)
        return together([part for part in parts if len(part)])

    # Files

    def style(self, style: Style, layout: Layout, unit: int, month: int, rows: int, text_file: bool) -> Style:
        """The style of one file with what its sender got wrong; `text_file`: CSV, whose encoding may be any."""
        if self.rate == 0:
            return style

        def hit(fault: str, share: float) -> bool:
            return bool(self._hit(f"{fault} {layout.feed}", np.array([unit]), month, share)[0])

        kind = int(self._kind(f"file {layout.feed}", np.array([unit]), month, 12)[0])
        if hit("headers", HEADER_VARIANT):
            style = replace(style, headers=_chained(style.headers, HEADERS[kind % len(HEADERS)]))
        if hit("order", SHUFFLED):
            ranks = self.draws.uniform("dirt order", np.arange(len(layout.columns)), key=unit)
            style = replace(style, order=tuple(np.argsort(ranks, kind="stable").tolist()))
        if hit("extra", EXTRA_COLUMN):
            style = replace(style, extra=(*style.extra, EXTRA_HEADERS[kind % len(EXTRA_HEADERS)]))
        if not text_file:
            return replace(style, normal_form="NFD") if hit("decomposed", DECOMPOSED) else style
        if style.vietnamese and rows >= LEGACY_FROM_ROWS and hit("legacy", LEGACY * 3):
            return replace(style, encode=ENCODINGS[kind % len(ENCODINGS)])
        if hit("utf-16", UTF16):
            return replace(style, encode=_utf16, lead=b"\xff\xfe")
        if hit("mark", BYTE_ORDER_MARK):
            style = replace(style, lead=b"\xef\xbb\xbf")
        return replace(style, normal_form="NFD") if hit("decomposed", DECOMPOSED) else style

    def sent_twice(self, feed: str, unit: int, month: int) -> bool:
        """Whether the same bytes arrive a second time under another name."""
        return bool(self._hit(f"sent twice {feed}", np.array([unit]), month, SENT_TWICE)[0])

    def corrected(self, feed: str, unit: int, month: int) -> bool:
        """Whether a first, incomplete file precedes the one that counts."""
        return bool(self._hit(f"corrected {feed}", np.array([unit]), month, CORRECTED)[0])


def _share_groups(rows: Rows, feed: str) -> NDArray[np.int64]:
    """Rows whose faults are counted against one bound: those of a unit where a file may cover just one."""
    if feed not in ("poverty_list", "household_review", "household_members"):
        return np.zeros(len(rows), dtype=np.int64)
    units = rows.columns["commune_code"].dictionary_encode()
    return units.indices.to_numpy().astype(np.int64)


def _within(
    chosen: NDArray[np.bool_], group: NDArray[np.int64], size: NDArray[np.int64], at_most: float
) -> NDArray[np.bool_]:
    """The chosen rows as long as their sizes add up to at most that share of the rows of their group."""
    bound = np.floor(np.bincount(group) * at_most)
    index = np.flatnonzero(chosen)
    index = index[np.argsort(group[index], kind="stable")]
    total = np.cumsum(size[index])
    starts = np.flatnonzero(np.r_[True, group[index][1:] != group[index][:-1]]) if len(index) else np.array([], int)
    before = np.repeat((total - size[index])[starts], np.diff(np.r_[starts, len(index)]))
    kept = np.zeros(len(chosen), dtype=bool)
    kept[index[total - before <= bound[group[index]]]] = True
    return kept


def _spoilt_number(number: str, kind: int, form: int) -> str | None:
    if kind == 0:
        return None
    if kind == 1:
        return [number[3:], f"{number[1]}.{number[2:4]}E+10", number + "0"][form]
    if kind == 2:
        return number[1:]
    return [f"'{number}", f"{number[:3]} {number[3:6]} {number[6:]}", f"{number[:3]}.{number[3:6]}.{number[6:]}"][form]


def _date_form(day: Any, kind: int) -> str:
    serial = day.toordinal() - 693_594
    if kind == 0 and serial >= 10_000:  # below, a serial looks like a year
        return str(serial)
    return [day.strftime("%d/%m/%Y"), f"{day.day}/{day.month}/{day.year}", day.isoformat()][kind % 3]


def _boolean_form(value: bool, kind: int) -> str:
    return (["Có", "1", "TRUE", "có"] if value else ["Không", "0", "FALSE", "không"])[kind]


def _grouped_form(value: int, kind: int) -> str:
    return f"{value:,}" if kind % 2 else f"{value:,}".replace(",", ".")


def _chained(first: Callable[[str], str], then: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: then(first(text))


def without_marks(text: str) -> str:
    """Vietnamese without its diacritics."""
    bare = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return bare.replace("đ", "d").replace("Đ", "D")


HEADERS: list[Callable[[str], str]] = [
    without_marks,
    lambda text: f"  {text.replace(' ', '  ')} ",
    str.upper,
    lambda text: text.replace(" ", "\n", 1),
]


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _by_letter(column: str, as_bytes: Callable[[str], bytes], otherwise: str) -> Callable[[str], bytes]:
    """Encoder that writes each accented letter as the reference table of legacy encodings has it."""
    table = {row["char"]: as_bytes(row[column]) for row in reference_rows("legacy_encodings") if row[column]}

    def encode(text: str) -> bytes:
        return b"".join(table.get(letter) or letter.encode(otherwise, "replace") for letter in text)

    return encode


ENCODINGS: list[Callable[[str], bytes]] = [
    _by_letter("tcvn3_bytes_hex", bytes.fromhex, "latin-1"),
    _by_letter("vni_windows", lambda text: text.encode("cp1252"), "cp1252"),
    _by_letter("cp1258_bytes_hex", bytes.fromhex, "cp1258"),
]
