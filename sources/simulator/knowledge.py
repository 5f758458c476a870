"""What the deliveries allow to know: everything they said up to a month, as a reader of them all would keep it.

Here belong the rules of evidence: who speaks of what, how long, and what silence leaves open. What the answers mean
under a standard is `truth`; it must share no code with the warehouse either.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sources.simulator.delivery import Rows
from sources.simulator.months import first_day, last_day, month_of_day
from sources.simulator.truth import (
    EDUCATION_ORDER,
    HOUSEHOLD_FLAGS,
    MEMBER_FLAGS,
    SCHOOL_ORDER,
    STANDARDS,
    TOILET_HYGIENIC,
    WASTE_HANDLED,
    WATER_CLEAN,
    Values,
    classes,
    deprivations,
)

REVIEW_HOLDS_MONTHS = 24


def _flag(array: pa.Array) -> Values:
    return pc.fill_null(pc.cast(array, pa.int8()), -1).to_numpy(zero_copy_only=False).astype(np.int8)


def _index(array: pa.Array, order: list[str]) -> NDArray[np.int64]:
    ranks = pc.index_in(array, value_set=pa.array(order, pa.string()))
    return pc.fill_null(ranks, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def _among(array: pa.Array, good: set[str]) -> Values:
    return _flag(pc.if_else(pc.is_null(array), pa.scalar(None, pa.bool_()), pc.is_in(array, pa.array(sorted(good)))))


def _float(array: pa.Array) -> NDArray[np.float64]:
    return pc.cast(array, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)


def _days(array: pa.Array) -> NDArray[np.float64]:
    return _float(pc.cast(pc.cast(array, pa.int32()), pa.float64()))


def _registration(rows: Rows, month: int) -> NDArray[np.int64]:
    """A household's code holds within commune and review year: the year of the delivery's month."""
    return month // 12 * 1000 + rows.commune.astype(np.int64)


def review_table(rows: Rows, month: int) -> pd.DataFrame:
    """The accepted rows of household_review as numbers."""
    column = rows.columns
    table = pd.DataFrame(
        {
            "household": rows.household,
            "registration": _registration(rows, month),
            "month": month,
            "commune": rows.commune,
            "code": column["household_code"].to_numpy(zero_copy_only=False),
            "reviewed_on": _days(column["reviewed_on"]),
            "size": column["member_count"].to_numpy(),
            "income": _float(column["income_per_capita_vnd"]),
            "score": _float(column["score_a"]),
            "floor_area_m2": _float(column["floor_area_m2"]),
            "water_clean": _among(column["water_source"], WATER_CLEAN),
            "toilet_clean": _among(column["toilet_type"], TOILET_HYGIENIC),
            "waste_handled": _among(column["waste_disposal"], WASTE_HANDLED),
            **{name: _flag(column[name]) for name in HOUSEHOLD_FLAGS},
        }
    )
    return table[~rows.lost]


def member_table(rows: Rows, month: int, visit: NDArray[np.int64]) -> pd.DataFrame:
    """The accepted rows of household_members as numbers; `visit`: the month of each row's answers."""
    column = rows.columns
    born = pc.cast(column["birth_date"], pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    table = pd.DataFrame(
        {
            "household": rows.household,
            "registration": _registration(rows, month),
            "month": month,
            "visit": visit,
            "person": rows.person,
            "birth_month": born.astype(np.int32) + 1970 * 12,
            "year_only": rows.year_only,
            "is_male": _index(column["sex"], ["female", "male"]) == 1,
            "numbered": ~rows.unnumbered,
            "bearer": rows.bearer,
            "school": _index(column["school_level"], SCHOOL_ORDER).astype(np.int8),
            "education": _index(column["education_level"], EDUCATION_ORDER).astype(np.int8),
            **{name: _flag(column[name]) for name in MEMBER_FLAGS},
        }
    )
    return table[~rows.lost]


@dataclass(frozen=True)
class Spoken:
    """When the evidence of a month spoke.

    `visit`: month of the form, per household; `of_members`: month of the form its members' rows come from, which may be
    an earlier one; `of_insurance`: month of the evidence on insurance, per person of the city; `by_case`: per part of
    the house the households whose support case answers instead of the form.
    """

    visit: NDArray[np.int64]
    of_members: NDArray[np.int64]
    of_insurance: NDArray[np.int64]
    by_case: dict[str, NDArray[np.bool_]]


@dataclass(frozen=True)
class Known:
    """What the deliveries allow to know at a month end: one entry per household with a review in force."""

    reviews: pd.DataFrame
    values: dict[str, Values]
    classes: dict[str, NDArray[np.int64]]
    spoken: Spoken


def no_members() -> pd.DataFrame:
    """The member rows of nobody: before any delivery of household_members."""
    numbers = ("household", "registration", "month", "visit", "person", "bearer", "birth_month")
    return pd.DataFrame(
        {
            **{name: np.zeros(0, np.int64) for name in numbers},
            **{name: np.zeros(0, np.bool_) for name in ("year_only", "is_male", "numbered")},
            **{name: np.zeros(0, np.int8) for name in ("school", "education", *MEMBER_FLAGS)},
        }
    )


class Registers:
    """What the card registers have said of the cards of every number."""

    def __init__(self) -> None:
        self.month: int | None = None  # of the newest one
        self._current: list[pd.DataFrame] = []
        self._earlier: pd.DataFrame | None = None

    def open(self, month: int) -> None:
        """A new register begins; what the last one said becomes earlier knowledge."""
        if self._current:
            self._earlier = self._cards()
        self.month, self._current = month, []

    def _cards(self) -> pd.DataFrame:
        """What was said last of every card; within a register a row that can be read counts before one that cannot."""
        earlier = [] if self._earlier is None else [self._earlier]
        now = pd.concat(self._current).sort_values("broken", ascending=False, kind="stable")
        return pd.concat([*earlier, now]).drop_duplicates(["bearer", "card"], keep="last")

    def hear(self, rows: Rows) -> None:
        """Rows of the open register; a lost row still shows that its number is on it."""
        usable = ~rows.unnumbered
        until = _days(rows.columns["valid_to"])
        table = pd.DataFrame(
            {
                "bearer": rows.bearer,
                "card": rows.columns["card_number"].to_pandas(),
                "since": _days(rows.columns["valid_from"]),
                "until": np.where(np.isnan(until) | rows.lost, np.inf, until),  # a row not read may mean any date
                "broken": rows.lost,
                "register": self.month,
            }
        )
        self._current.append(table[usable])

    def insured(
        self, bearer: NDArray[np.int64], declared: Values, reviewed_on: NDArray[np.float64], month: int
    ) -> tuple[Values, NDArray[np.int64]]:
        """Insured at the end of `month` as far as known, and the month of the evidence; bearer -1: no usable number.

        Evidence of the form has month -1.
        """
        if self.month is None:
            return declared, np.full(len(declared), -1)
        end, register_end = int(last_day(month)), int(last_day(self.month))
        now = pd.concat(self._current)
        read = now[~now.broken]
        valid = np.isin(bearer, read.bearer[(read.since <= end) & (read.until >= end)])
        cards = self._cards()
        unclear = np.isin(bearer, now.bearer[now.broken])
        unclear |= np.isin(bearer, cards.bearer[(cards.until >= end) & (cards.register < self.month)])
        ever = np.isin(bearer, cards.bearer)
        by_form = bearer < 0
        if self.month == month:
            answer = np.select([valid, unclear, ever, declared == 1], [1, -1, 0, -1], default=0)
        else:
            later = reviewed_on > register_end
            by_form = by_form | (~valid & later)
            answer = np.where(valid, 1, -1)
        answer = np.where(by_form, declared, answer).astype(np.int8)
        spoke = np.where(by_form, -1, np.where(valid, self.month, month))
        return answer, spoke


class Knowledge:
    """Everything the deliveries have said up to a month, kept as a reader of them all would keep it."""

    def __init__(self, persons: int, households: int, ward: NDArray[np.bool_]) -> None:
        self.persons, self.households, self.ward = persons, households, ward
        self.registers = Registers()
        self._reviews: pd.DataFrame | None = None
        self._members = no_members()
        self._cases: Rows | None = None
        self._listed: pd.DataFrame | None = None
        self._linked = np.zeros(households, dtype=bool)  # households whose case was found to be theirs

    def hear_reviews(self, reviews: pd.DataFrame) -> None:
        """The forms of a month replace earlier ones of the same registration, each part by itself."""
        self._reviews = _replaced(self._reviews, reviews)

    def hear_members(self, members: pd.DataFrame) -> None:
        """As for the forms."""
        self._members = _replaced(self._members, members)

    def hear_cases(self, cases: Rows) -> None:
        """All cases so far: the newest file replaces the one before."""
        self._cases = cases

    def hear_lists(self, listed: Rows, silent: NDArray[np.bool_]) -> None:
        """The list of each commune replaces its last one; the last one of a silent commune stands."""
        table = pd.DataFrame(
            {
                "bearer": np.where(listed.unnumbered, -1, listed.bearer),
                "household": listed.household,
                "commune": listed.commune,
                "score": _float(listed.columns["score_a"]),
            }
        )[~listed.lost]
        if self._listed is not None:
            table = pd.concat([self._listed[silent[self._listed.commune]], table], ignore_index=True)
        self._listed = table

    def known(self, month: int) -> Known | None:
        """Households with a review in force, their indicators as far as known, and their class by standard."""
        if self._reviews is None:
            return None
        oldest = first_day(month - REVIEW_HOLDS_MONTHS + 1) - 1
        in_force = self._reviews[(self._reviews.reviewed_on <= last_day(month)) & (self._reviews.reviewed_on >= oldest)]
        newest = in_force.sort_values(["household", "reviewed_on", "month"], kind="stable")
        reviews = newest.drop_duplicates("household", keep="last").reset_index(drop=True)
        reviews = _without_forms_left_behind(reviews, self._members, self.households, self.persons)
        members, home = _members_of(reviews, self._members, self.households)

        facts = {name: reviews[name].to_numpy() for name in reviews.columns}
        by_case = self._apply_cases(facts, members, home, month)
        bearer = np.where(members.numbered, members.bearer, -1)
        reviewed_on = facts["reviewed_on"][home]
        insured, spoke = self.registers.insured(bearer, members.health_insured.to_numpy(), reviewed_on, month)
        answers = {name: members[name].to_numpy() for name in members.columns}
        values = deprivations(facts, {**answers, "household": home, "insured": insured}, month)

        visit = month_of_day(facts["reviewed_on"]).astype(np.int64)
        of_insurance = np.full(self.persons, month, dtype=np.int64)
        of_members = visit.copy()
        of_members[home] = members.visit
        of_insurance[members.person] = np.where(spoke < 0, members.visit, spoke)

        score = facts["score"].copy()
        score = np.where(np.isnan(score), self._listed_scores(bearer, home, len(reviews)), score)
        urban = self.ward[facts["commune"]]
        named = {standard: classes(standard, values, urban, facts["income"], score) for standard in STANDARDS}
        return Known(reviews, values, named, Spoken(visit, of_members, of_insurance, by_case))

    def _apply_cases(
        self, facts: dict[str, NDArray[Any]], members: pd.DataFrame, home: NDArray[np.int64], month: int
    ) -> dict[str, NDArray[np.bool_]]:
        """A house finished after the review answers for wall, column, roof and area, as far as its case states them.

        A case is a household's whose member bears the number of its head, now or in an earlier month.
        """
        count = len(facts["household"])
        by_case = {
            name: np.zeros(count, dtype=bool)
            for name in ("wall_durable", "column_durable", "roof_durable", "floor_area_m2")
        }
        cases = self._cases
        if cases is None:
            return by_case
        numbered = members.numbered.to_numpy()
        known_case = ~cases.lost & ~cases.unnumbered
        first = pd.Series(np.flatnonzero(known_case), index=cases.bearer[known_case])
        first = first[~first.index.duplicated()]
        row = np.where(numbered, first.reindex(members.bearer.to_numpy(), fill_value=-1).to_numpy(), -1)
        own = np.flatnonzero(row >= 0)
        own = own[cases.household[row[own]] == facts["household"][home[own]]]
        self._linked[cases.household[row[own]]] = True

        finished = pc.is_in(cases.columns["status"], pa.array(["completed", "handed_over"]))
        completed = _days(cases.columns["completed_on"])
        usable = finished.to_numpy(zero_copy_only=False) & (completed <= last_day(month)) & ~cases.lost
        case_of = np.full(count, -1, dtype=np.int64)
        heard = np.flatnonzero((row >= 0) & usable[np.maximum(row, 0)])
        case_of[home[heard]] = row[heard]
        position = np.full(self.households, -1, dtype=np.int64)
        position[facts["household"]] = np.arange(count)
        kept = np.flatnonzero(usable & self._linked[cases.household] & (position[cases.household] >= 0))[::-1]
        case_of[position[cases.household[kept]]] = kept

        house = np.flatnonzero(case_of >= 0)
        house = house[completed[case_of[house]] > facts["reviewed_on"][house]]
        row = case_of[house]
        frame, roof = _flag(cases.columns["frame_wall_durable"])[row], _flag(cases.columns["roof_durable"])[row]
        area = _float(cases.columns["floor_area_m2"])[row]
        for name, said, stated in (
            ("wall_durable", frame, frame >= 0), ("column_durable", frame, frame >= 0),
            ("roof_durable", roof, roof >= 0), ("floor_area_m2", area, ~np.isnan(area)),
        ):  # fmt: skip
            answer = facts[name].copy()
            answer[house[stated]] = said[stated]
            facts[name] = answer
            by_case[name][house[stated]] = True
        return by_case

    def _listed_scores(self, bearer: NDArray[np.int64], home: NDArray[np.int64], count: int) -> NDArray[np.float64]:
        """Score of the list in force that shares a numbered person with the household; nan without one."""
        result = np.full(count, np.nan)
        if self._listed is None:
            return result
        scores = self._listed.dropna(subset="score").drop_duplicates("household", keep="last")
        score_of = pd.Series(scores.score.to_numpy(), index=scores.household)
        numbered = self._listed[self._listed.bearer >= 0].drop_duplicates("bearer")
        listed = pd.Series(score_of.reindex(numbered.household).to_numpy(), index=numbered.bearer)
        own = listed.reindex(bearer).to_numpy()
        stated = ~np.isnan(own)
        result[home[stated]] = own[stated]
        return result


def _replaced(old: pd.DataFrame | None, new: pd.DataFrame) -> pd.DataFrame:
    if old is None:
        return new
    renewed = pd.MultiIndex.from_frame(new[["household", "registration"]].drop_duplicates())
    kept = old[~pd.MultiIndex.from_frame(old[["household", "registration"]]).isin(renewed)]
    return pd.concat([kept, new], ignore_index=True)


def _members_of(
    reviews: pd.DataFrame, members: pd.DataFrame, households: int
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The member rows of these forms, and the position of each row's form."""
    position = np.full(households, -1, dtype=np.int64)
    position[reviews.household] = np.arange(len(reviews))
    members = members[position[members.household] >= 0]
    members = members[reviews.registration.to_numpy()[position[members.household]] == members.registration]
    return members, position[members.household]


def _without_forms_left_behind(
    reviews: pd.DataFrame, members: pd.DataFrame, households: int, persons: int
) -> pd.DataFrame:
    """The forms on which somebody is left who stands on no newer form; forms without member rows stay."""
    members, home = _members_of(reviews, members, households)
    own = reviews.reviewed_on.to_numpy()[home]
    newest = np.full(persons, -np.inf)
    np.maximum.at(newest, members.person, own)
    left = np.bincount(home[own == newest[members.person]], minlength=len(reviews)) > 0
    without_rows = np.bincount(home, minlength=len(reviews)) == 0
    return reviews[left | without_rows].reset_index(drop=True)
