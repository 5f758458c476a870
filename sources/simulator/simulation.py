"""`simulate`: the city lives through the months asked for, and its departments send their files.

Here belongs who sends what in which format and month. What the rows say comes from the modules of the feeds, what goes
wrong with them from `faults` (for years), `dirt` (in one file) and `silence`, the right answers from `knowledge` and
`truth`.
"""

import datetime
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sources.simulator.answers import Answers
from sources.simulator.cards import Insurance
from sources.simulator.delivery import Rows
from sources.simulator.dirt import Dirt
from sources.simulator.draws import Draws
from sources.simulator.faults import Faults, rates
from sources.simulator.files import PLAIN, SHEET_ROWS, VIETNAMESE, Style, write
from sources.simulator.housing import SupportCases
from sources.simulator.knowledge import Knowledge, member_table, review_table
from sources.simulator.layout import Layout, layout
from sources.simulator.listing import Listing
from sources.simulator.loans import Contracts
from sources.simulator.months import FIRST, LAST, label, month_of
from sources.simulator.persons import ages
from sources.simulator.places import MERGER, Places
from sources.simulator.population import City, populate
from sources.simulator.poverty_list import list_rows
from sources.simulator.reviews import MEASURED_SHARE, Reviews, deprivations_at_evidence, true_deprivations
from sources.simulator.silence import Silence
from sources.simulator.totals import totals_rows
from sources.simulator.training import training_rows
from sources.simulator.truth_files import TruthFiles
from sources.simulator.welfare import Welfare
from sources.simulator.workbook import write_workbook

CITY_WIDE_REVIEWS = (2, 6, 9)  # March, July and October: one file for all communes
REGISTER_CHUNK = 500_000  # persons per part of the card register
FLAT_LIST_SHARE = 0.15  # of communes send their list as a flat file
FORMATS = [".csv", ".xlsx", ".parquet"]
SHEET_BY_HAND_ROWS = 20_000  # nobody keeps longer review forms in a sheet
CORRECTED_FROM_ROWS = 30  # smaller files are not worth a correction

Writer = Callable[[Path, Rows], None]


class Departments:
    """The departments of one simulated city. Every `send_...` returns the rows as they stand in the deliveries."""

    def __init__(
        self,
        city: City,
        scale: float,
        review_share: float,
        measured_share: float,
        dirt: float,
        out: Path,
        faults: float = 0.0,
        silence: float = 0.0,
    ) -> None:
        self.city, self.out = city, out
        self.faults = Faults(city, faults)
        self.dirt = Dirt(city.draws, city.places, dirt)
        self.silence = Silence(city.draws, silence)
        self.welfare = Welfare(city)
        self.listing = Listing(city, self.welfare)
        self.cases = SupportCases(city, self.welfare, self.listing, scale)
        self.insurance = Insurance(city, self.welfare, self.listing)
        self.answers = Answers(city, self.welfare, self.listing, self.cases, self.insurance)
        self.reviews = Reviews(city, self.answers, review_share, measured_share)
        self.contracts = Contracts(city, self.welfare, self.listing, scale)

    def _path(self, department: str, feed: str, month: int, suffix: str, unit: str | None = None) -> Path:
        name = label(month) + (f"_{unit}" if unit else "")
        return self.out / department / feed / f"{name}{suffix}"

    def _style(self, feed: str, unit: int) -> Style:
        """A sender keeps its style: column names, or Vietnamese headers and words."""
        return VIETNAMESE if self.city.draws.uniform(f"style {feed}", unit) < 0.5 else PLAIN

    def silent_communes(self, month: int) -> NDArray[np.bool_]:
        """Communes of today whose office sends nothing for the month."""
        return self.silence.of_communes(len(self.city.places.codes), month)

    def _spoilt(self, rows: Rows, promised: Layout, month: int) -> Rows:
        """The rows with all that is wrong with them."""
        return self.dirt.damage(self.faults.apply(rows, promised, month), promised, month)

    def _send_city(self, rows: Rows, department: str, feed: str, month: int, suffix: str, style: Style) -> Rows:
        suffix = ".csv" if suffix == ".xlsx" and len(rows) > SHEET_ROWS else suffix
        promised = layout(department, feed)
        rows = self._spoilt(rows, promised, month)
        style = self.dirt.style(style, promised, 0, month, len(rows), suffix == ".csv")
        write(self._path(department, feed, month, suffix), [rows], promised, style)
        return rows

    def _of_speaking(self, rows: Rows, month: int) -> Rows:
        """The rows of the communes that are not silent."""
        silent = self.silent_communes(month)
        return rows.take(np.flatnonzero(~silent[rows.commune])) if silent.any() else rows

    def _by_unit(self, rows: Rows) -> Iterator[tuple[str, Rows]]:
        """The rows of each unit in force, by its code; rows keep their order."""
        units = rows.columns["commune_code"].to_numpy(zero_copy_only=False).astype("U5")
        order = np.argsort(units, kind="stable")
        codes, starts = np.unique(units[order], return_index=True)
        for code, part in zip(codes, np.split(order, starts[1:]), strict=True):
            yield str(code), rows.take(part)

    def _send_unit(self, rows: Rows, feed: str, month: int, unit: str, suffix: str, write_rows: Writer) -> None:
        """One file of a commune, now and then sent again: the same bytes, or a first version without its last rows."""
        path = self._path("labour", feed, month, suffix, unit)
        if len(rows) >= CORRECTED_FROM_ROWS and self.dirt.corrected(feed, int(unit), month):
            write_rows(path, rows.take(np.arange(len(rows) - len(rows) // 30 - 1)))
            path = path.with_name(f"{path.stem}_v2{suffix}")
        write_rows(path, rows)
        if self.dirt.sent_twice(feed, int(unit), month):
            shutil.copyfile(path, path.with_name(f"{path.stem}_gui_lai{suffix}"))

    def _send_flat(self, rows: Rows, feed: str, month: int, unit: str, suffix: str, style: Style) -> None:
        promised = layout("labour", feed)
        style = self.dirt.style(style, promised, int(unit), month, len(rows), suffix == ".csv")
        self._send_unit(rows, feed, month, unit, suffix, lambda path, part: write(path, [part], promised, style))

    def send_totals(self, month: int) -> Rows:
        """labour/commune_totals."""
        suffix = FORMATS[month % 2]
        return self._send_city(totals_rows(self.city, month), "labour", "commune_totals", month, suffix, VIETNAMESE)

    def send_training(self, month: int) -> Rows:
        """labour/vocational_training."""
        rows, suffix = training_rows(self.city, month), FORMATS[(month + 1) % 2]
        return self._send_city(rows, "labour", "vocational_training", month, suffix, VIETNAMESE)

    def send_cases(self, month: int) -> Rows:
        """housing/support_cases."""
        style = VIETNAMESE if month % 3 else PLAIN
        return self._send_city(self.cases.rows(month), "housing", "support_cases", month, FORMATS[month % 2], style)

    def send_loans(self, month: int) -> Rows:
        """policy_bank/loans: line breaks stand inside the headers of the sheet."""
        suffix = ".csv" if month % 3 == 2 else ".xlsx"
        style = replace(VIETNAMESE, headers=broken_header)
        return self._send_city(self.contracts.rows(month), "policy_bank", "loans", month, suffix, style)

    def send_lists(self, month: int) -> Rows:
        """labour/poverty_list: a workbook from most communes, a flat file from some."""
        promised = layout("labour", "poverty_list")
        rows = self._of_speaking(list_rows(self.city, self.welfare, self.listing, month), month)
        rows = self._spoilt(rows, promised, month)
        by_unit = dict(self._by_unit(rows))
        places, silent = self.city.places, self.silent_communes(month)
        codes, names = (places.codes, places.names) if month >= MERGER else (places.old_codes, places.old_names)
        silent = silent if month >= MERGER else silent[places.old_target]
        for code, name, sends_nothing in sorted(zip(codes, names, silent.tolist(), strict=True)):
            if sends_nothing:
                continue
            mine = by_unit.get(code, rows.take(np.array([], dtype=np.int64)))
            flat = self.city.draws.uniform("flat list", int(code)) < FLAT_LIST_SHARE
            if flat and len(mine):
                # The column of the month keeps a list that did not change from being last month's file again.
                style = replace(self._style("poverty_list", int(code)), extra=(f"Kỳ {label(month)}",))
                self._send_flat(mine, "poverty_list", month, code, ".csv", style)
                continue
            style = self.dirt.style(VIETNAMESE, promised, int(code), month, len(mine), text_file=False)

            def workbook(path: Path, part: Rows, name: str = name, style: Style = style) -> None:
                write_workbook(path, part, ages(self.city, part.person, month), promised, style, month, name)

            self._send_unit(mine, "poverty_list", month, code, ".xlsx", workbook)
        return rows

    def send_forms(self, feed: str, rows: Rows, month: int) -> Rows:
        """labour/household_review or labour/household_members: by commune, in some months for the whole city."""
        rows = self._of_speaking(rows, month)
        if month % 12 in CITY_WIDE_REVIEWS:
            suffix = ".parquet" if month // 12 % 2 else ".csv"
            return self._send_city(rows, "labour", feed, month, suffix, self._style(feed, month))
        rows = self._spoilt(rows, layout("labour", feed), month)
        for code, mine in self._by_unit(rows):
            suffix = FORMATS[int(self.city.draws.whole("review format", int(code), 0, 2))]
            if suffix == ".xlsx" and len(mine) > SHEET_BY_HAND_ROWS:
                suffix = ".csv"
            self._send_flat(mine, feed, month, code, suffix, self._style(feed, int(code)))
        return rows

    def send_cards(self, month: int, heard: "Heard | None") -> None:
        """health_insurance/cards, part by part of the register."""
        promised = layout("health_insurance", "cards")

        def parts() -> Iterator[Rows]:
            alive = np.flatnonzero(self.city.alive(month))
            for start in range(0, len(alive), REGISTER_CHUNK):
                rows = self.insurance.register(month, alive[start : start + REGISTER_CHUNK])
                rows = self._spoilt(rows, promised, month)
                if heard:
                    heard.rows(month, "health_insurance", "cards", rows)
                yield rows

        suffix = ".parquet" if month % 2 else ".csv"
        style = PLAIN if month % 4 < 2 else VIETNAMESE
        style = self.dirt.style(style, promised, 0, month, REGISTER_CHUNK, suffix == ".csv")
        if self.dirt.rate:
            # One schema for all parts: whatever a fault may turn into text is text throughout.
            style = replace(style, text_columns=frozenset({"birth_date", "valid_from", "valid_to"}))
        write(self._path("health_insurance", "cards", month, suffix), parts(), promised, style)


def _silent(text: str) -> None:
    """No progress is shown."""
    del text


def broken_header(text: str) -> str:
    """A header broken after its second word, as in the bank's exports."""
    words = text.split(" ")
    return "\n ".join([" ".join(words[:2]), " ".join(words[2:])]) if len(words) > 2 else text


def simulate(
    months: list[datetime.date],
    scale: float,
    seed: int,
    out: Path,
    review_share: float = 0.12,
    measured_share: float = MEASURED_SHARE,
    dirt: float = 0.0,
    faults: float = 0.0,
    silence: float = 0.0,
    truth: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> None:
    """Write the deliveries of consecutive `months` below `out`, and the truth about them below `truth`.

    `scale` 1 is the whole city; `review_share` of the households is under review; `measured_share` of their
    forms state a measured income; `dirt`, `faults` and `silence` multiply the usual rates of slips in single files, of
    what departments have wrong for years, and of what is never sent. The same arguments give the same bytes.
    """
    numbers = [month_of(day) for day in months]
    if not numbers or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise ValueError("Months to simulate must be consecutive.")
    if numbers[0] < FIRST or numbers[-1] > LAST:
        raise ValueError(f"Months to simulate lie between {label(FIRST)} and {label(LAST)}.")
    say = progress or _silent
    say("people of the city")
    merging = faults * rates()["households that merge"][0].share
    city = populate(Places.load(), Draws(seed), scale, merging)
    departments = Departments(city, scale, review_share, measured_share, dirt, out, faults, silence)
    heard = Heard(departments, truth) if truth else None
    for month in numbers:
        _live_through(departments, month, heard, say)
    if heard:
        heard.files.close()


class Heard:
    """What the deliveries said, on its way into the truth files."""

    def __init__(self, departments: Departments, folder: Path) -> None:
        self.departments = departments
        city = departments.city
        self.knowledge = Knowledge(city.persons, city.households, city.places.is_ward)
        self.files = TruthFiles(folder)

    def rows(self, month: int, department: str, feed: str, rows: Rows) -> None:
        """The rows of a feed, as they stand in its delivery."""
        self.files.persons(month, department, feed, layout(department, feed).key, rows)
        knowledge = self.knowledge
        if feed == "poverty_list":
            knowledge.hear_lists(rows, self.departments.silent_communes(month))
        elif feed == "household_review":
            knowledge.hear_reviews(review_table(rows, month))
        elif feed == "household_members":
            visit = self.departments.reviews.visited(month)[rows.household].astype(np.int64)
            knowledge.hear_members(member_table(rows, month, visit))
        elif feed == "support_cases":
            knowledge.hear_cases(rows)
        elif feed == "cards":
            knowledge.registers.hear(rows)

    def conclude(self, month: int) -> None:
        """The answers of the month."""
        knowledge = self.knowledge.known(month)
        if knowledge is None:
            return
        city, answers = self.departments.city, self.departments.answers
        household = knowledge.reviews.household.to_numpy()
        deprived = true_deprivations(city, answers, household, month)
        at_evidence = deprivations_at_evidence(city, answers, household, knowledge.spoken, month)
        self.files.households(month, city.places.codes, knowledge, deprived, at_evidence)


def _live_through(departments: Departments, month: int, heard: Heard | None, say: Callable[[str], None]) -> None:
    """One month: every feed that is not silent is sent, and heard if somebody asks for the truth."""

    def send(department: str, feed: str, sent: Callable[[], Rows]) -> None:
        if not departments.silence.of_feed(department, feed, month):
            rows = sent()
            if heard:
                heard.rows(month, department, feed, rows)

    say(f"{label(month)}: lists, totals, training")
    send("labour", "commune_totals", lambda: departments.send_totals(month))
    send("labour", "vocational_training", lambda: departments.send_training(month))
    send("labour", "poverty_list", lambda: departments.send_lists(month))
    say(f"{label(month)}: review forms")
    forms = departments.reviews.forms(month)
    send("labour", "household_review", lambda: departments.send_forms("household_review", forms.households, month))
    send("labour", "household_members", lambda: departments.send_forms("household_members", forms.members, month))
    say(f"{label(month)}: houses, loans")
    send("housing", "support_cases", lambda: departments.send_cases(month))
    send("policy_bank", "loans", lambda: departments.send_loans(month))
    if not departments.silence.of_feed("health_insurance", "cards", month):
        say(f"{label(month)}: cards")
        if heard:
            heard.knowledge.registers.open(month)
        departments.send_cards(month, heard)
    if heard:
        say(f"{label(month)}: truth")
        heard.conclude(month)
