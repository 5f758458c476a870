"""The right answers: which deprivations are true, and which the deliveries allow to know.

The rules of both standards stand here a second time on purpose. The acceptance checks compare the warehouse with this
module, so it must share no code with the warehouse and no figure with the models. A value is 1 (deprived), 0 (not) or
-1 (unknown). Here belong the rules and the two truth files; not here: any simulated event or damage.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sources.simulator.delivery import Rows
from sources.simulator.months import first_day, last_day, month_of_day

Values = NDArray[np.int8]

S2022 = [
    "EMP_JOB", "EMP_DEP", "HLT_NUT", "HLT_INS", "EDU_ADULT", "EDU_CHILD",
    "HOU_QUAL", "HOU_AREA", "WAT_SRC", "WAT_TOI", "INF_TEL", "INF_DEV",
]  # fmt: skip
S2027 = [
    "EMP_JOB", "EMP_DEP", "HLT_NUT", "HLT_INS", "EDU_ADULT", "EDU_CHILD",
    "HOU_AREA", "HOU_QUAL", "INF_TEL", "WSE_SRC", "WSE_TOI", "WSE_WST",
]  # fmt: skip
STANDARDS = {"S2022": S2022, "S2027": S2027}
LINES_VND = {"S2022": (1_500_000, 2_000_000), "S2027": (2_200_000, 2_800_000)}  # rural, urban
SCORE_CUTOFFS = (140, 175)  # rural, urban; S2022 only
POOR_FROM = 3  # deprivations
REVIEW_HOLDS_MONTHS = 24

WORKING_FROM_MONTHS = 15 * 12
RETIREMENT_MONTHS_MALE = {2022: 726, 2023: 729, 2024: 732, 2025: 735, 2026: 738, 2027: 741}
RETIREMENT_MONTHS_MALE_FINAL = 744
RETIREMENT_MONTHS_FEMALE_2025, RETIREMENT_FEMALE_STEP, RETIREMENT_MONTHS_FEMALE_FINAL = 680, 4, 720

WATER_CLEAN = {"tap", "drilled_well", "protected_dug_well", "protected_spring", "rain", "bottled"}
TOILET_HYGIENIC = {"septic", "semi_septic", "pour_flush", "vip", "two_compartment"}
WASTE_HANDLED = {"collected", "treated_at_home"}
SCHOOL_ORDER = ["preschool", "primary", "lower_secondary", "upper_secondary", "vocational", "tertiary"]
EDUCATION_ORDER = ["none", "primary", "lower_secondary", "upper_secondary", "vocational", "tertiary"]
CLASSES = ["poor", "near_poor", "average", "other", "undetermined"]

HOUSEHOLD_FLAGS = ["wall_durable", "column_durable", "roof_durable", "has_shared_device", "has_personal_device"]
MEMBER_FLAGS = [
    "can_work", "wants_work", "employed", "wage_employed", "has_labour_contract", "attending_school",
    "employer_training_certificate", "stunted", "underweight", "health_insured", "uses_internet",
    "monthly_social_allowance", "is_disabled",
]  # fmt: skip


def and_(*values: Values) -> Values:
    """Three-valued and: a known 0 decides, then an unknown."""
    return _fold(values, deciding=0)


def or_(*values: Values) -> Values:
    """Three-valued or: a known 1 decides, then an unknown."""
    return _fold(values, deciding=1)


def not_(value: Values) -> Values:
    """Three-valued not."""
    return np.where(value < 0, -1, 1 - value).astype(np.int8)


def known(condition: NDArray[np.bool_]) -> Values:
    """A condition that is never unknown."""
    return condition.astype(np.int8)


def _fold(values: tuple[Values, ...], deciding: int) -> Values:
    stacked = np.stack([np.asarray(value, dtype=np.int8) for value in values])
    return np.where(
        (stacked == deciding).any(axis=0), deciding, np.where((stacked < 0).any(axis=0), -1, 1 - deciding)
    ).astype(np.int8)


def any_member(value: Values, household: NDArray[np.int64], missing: NDArray[np.bool_]) -> Values:
    """Whether some member satisfies `value`; without all member rows it can be true but not false."""
    count = len(missing)
    yes = np.bincount(household[value == 1], minlength=count) > 0
    unknown = (np.bincount(household[value < 0], minlength=count) > 0) | missing
    return np.where(yes, 1, np.where(unknown, -1, 0)).astype(np.int8)


def retirement_months(year: int) -> tuple[int, int]:
    """Retirement age of men and women in months, in a calendar year."""
    men = RETIREMENT_MONTHS_MALE.get(year, RETIREMENT_MONTHS_MALE_FINAL)
    women = RETIREMENT_MONTHS_FEMALE_2025 + RETIREMENT_FEMALE_STEP * (year - 2025)
    return men, min(women, RETIREMENT_MONTHS_FEMALE_FINAL)


@dataclass(frozen=True)
class Ages:
    """What can be said of an age at a month end when a birth date may be a year alone."""

    youngest: NDArray[np.int64]  # months
    oldest: NDArray[np.int64]

    def between(self, low_months: int, high_months: NDArray[np.int64] | int) -> Values:
        """Low <= age < high, unknown when the possible births disagree."""
        first = (self.youngest >= low_months) & (self.youngest < high_months)
        last = (self.oldest >= low_months) & (self.oldest < high_months)
        return np.where(first == last, first, -1).astype(np.int8)

    def years(self, low: int, high: int = 200) -> Values:
        """Low <= completed years < high."""
        return self.between(low * 12, high * 12)


def deprivations(
    households: dict[str, NDArray[Any]], members: dict[str, NDArray[Any]], month: int
) -> dict[str, Values]:
    """Every indicator of both standards, one value per household.

    `households`: size, the flags, floor_area_m2 (nan), water_clean, toilet_clean, waste_handled (1, 0, -1).
    `members`: household (position), birth_month, year_only, is_male, the flags, school and education (index, -1),
    insured (1, 0, -1).
    """
    size, home = households["size"], members["household"]
    missing = np.bincount(home, minlength=len(size)) < size
    birth = members["birth_month"].astype(np.int64)
    january = birth // 12 * 12
    age = Ages(
        youngest=month - np.where(members["year_only"], january + 11, birth),
        oldest=month - np.where(members["year_only"], january, birth),
    )
    flag = members

    men, women = retirement_months(month // 12)
    in_working_age = age.between(WORKING_FROM_MONTHS, np.where(members["is_male"], men, women))
    jobless = and_(flag["wants_work"], not_(flag["employed"]))
    without_contract = and_(flag["wage_employed"], not_(flag["has_labour_contract"]))
    job = and_(in_working_age, flag["can_work"], or_(jobless, without_contract))

    dependant = or_(
        not_(age.years(16)),
        and_(or_(age.years(60), flag["is_disabled"]), flag["monthly_social_allowance"]),
    )
    rows = np.bincount(home, minlength=len(size))
    certain = np.bincount(home[dependant == 1], minlength=len(size))
    possible = certain + np.bincount(home[dependant < 0], minlength=len(size)) + np.maximum(size - rows, 0)
    # Rows of another day than the form's: whoever is one too many may be a dependant or not.
    certain = np.maximum(certain - np.maximum(rows - size, 0), 0)
    too_many = np.where(2 * certain > size, 1, np.where(2 * possible > size, -1, 0)).astype(np.int8)

    nutrition = and_(not_(age.years(16)), or_(flag["stunted"], flag["underweight"]))
    insurance = and_(age.years(6), not_(flag["insured"]))

    attending, school, education = flag["attending_school"], members["school"], members["education"]
    level_above = np.where(school < 0, -1, school >= SCHOOL_ORDER.index("upper_secondary")).astype(np.int8)
    has_lower = _at_least(education, EDUCATION_ORDER.index("lower_secondary"))
    has_upper = _at_least(education, EDUCATION_ORDER.index("upper_secondary"))
    minor_ok = or_(attending, has_lower, flag["employer_training_certificate"])
    adult_ok = or_(and_(attending, level_above), has_upper, flag["employer_training_certificate"])
    adult_education = or_(
        and_(age.years(16, 18), not_(minor_ok)),
        and_(age.years(18, 31), not_(adult_ok)),
    )

    school_year = month // 12 if month % 12 >= 8 else month // 12 - 1
    schooling_age = school_year - birth // 12
    expected = np.select([schooling_age < 6, schooling_age < 12], [0, 1], default=2)
    right_level = np.where(school < 0, -1, school >= expected).astype(np.int8)
    right_level = np.where(attending == 1, right_level, attending).astype(np.int8)
    child_education = and_(age.years(3, 16), not_(right_level))

    parts = np.stack([households[part] for part in ("wall_durable", "column_durable", "roof_durable")])
    bad, unsure = (parts == 0).sum(axis=0), (parts < 0).sum(axis=0)
    quality = np.where(bad >= 2, 1, np.where(bad + unsure < 2, 0, -1)).astype(np.int8)
    area = households["floor_area_m2"]
    narrow = np.where(np.isnan(area), -1, area < 8 * size).astype(np.int8)

    uses = np.bincount(home[flag["uses_internet"] == 1], minlength=len(size)) > 0
    silent = (np.bincount(home[flag["uses_internet"] < 0], minlength=len(size)) > 0) | missing
    water, toilet = not_(households["water_clean"]), not_(households["toilet_clean"])
    return {
        "EMP_JOB": any_member(job, home, missing),
        "EMP_DEP": too_many,
        "HLT_NUT": any_member(nutrition, home, missing),
        "HLT_INS": any_member(insurance, home, missing),
        "EDU_ADULT": any_member(adult_education, home, missing),
        "EDU_CHILD": any_member(child_education, home, missing),
        "HOU_QUAL": quality,
        "HOU_AREA": narrow,
        "WAT_SRC": water,
        "WAT_TOI": toilet,
        "INF_TEL": np.where(uses, 0, np.where(silent, -1, 1)).astype(np.int8),
        "INF_DEV": not_(or_(households["has_shared_device"], households["has_personal_device"])),
        "WSE_SRC": water,
        "WSE_TOI": toilet,
        "WSE_WST": not_(households["waste_handled"]),
    }


def _at_least(level: NDArray[np.int64], bound: int) -> Values:
    return np.where(level < 0, -1, level >= bound).astype(np.int8)


def below_line(
    standard: str, urban: NDArray[np.bool_], income: NDArray[np.float64], score: NDArray[np.float64]
) -> Values:
    """At or below the income line: by income where measured, else by score (S2022 only); nan is not stated."""
    rural_line, urban_line = LINES_VND[standard]
    by_income = np.where(np.isnan(income), -1, income <= np.where(urban, urban_line, rural_line))
    if standard != "S2022":
        return by_income.astype(np.int8)
    by_score = np.where(np.isnan(score), -1, score <= np.where(urban, SCORE_CUTOFFS[1], SCORE_CUTOFFS[0]))
    return np.where(np.isnan(income), by_score, by_income).astype(np.int8)


def classes(
    standard: str, values: dict[str, Values], urban: NDArray[np.bool_], income: NDArray[np.float64],
    score: NDArray[np.float64],
) -> NDArray[np.int64]:  # fmt: skip
    """Computed class as an index into CLASSES."""
    stacked = np.stack([values[code] for code in STANDARDS[standard]])
    fewest, most = (stacked == 1).sum(axis=0), (stacked != 0).sum(axis=0)
    below = below_line(standard, urban, income, score)
    average = np.zeros(len(below), dtype=bool)
    if standard == "S2022":
        average = income * 2 <= 3 * np.where(urban, LINES_VND[standard][1], LINES_VND[standard][0])
    return np.select(
        [below < 0, (below == 1) & (fewest >= POOR_FROM), (below == 1) & (most < POOR_FROM), below == 1, average],
        [4, 0, 1, 4, 2],
        default=3,
    )


# What the deliveries said, month after month.


def _flag(array: pa.Array) -> Values:
    return pc.fill_null(pc.cast(array, pa.int8()), -1).to_numpy(zero_copy_only=False).astype(np.int8)


def _index(array: pa.Array, order: list[str]) -> NDArray[np.int64]:
    found = pc.index_in(array, value_set=pa.array(order, pa.string()))
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)


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
            self._earlier = self._newest([part[~part.broken] for part in self._current])
        self.month, self._current = month, []

    def _newest(self, parts: list[pd.DataFrame]) -> pd.DataFrame:
        """What was said last of every card: by these parts of the register, else by an earlier one."""
        earlier = [] if self._earlier is None else [self._earlier]
        return pd.concat([*earlier, *parts]).drop_duplicates(["bearer", "card"], keep="last")

    def hear(self, rows: Rows) -> None:
        """Rows of the open register; a lost row still shows that its number is on it."""
        usable = ~rows.unnumbered
        until = _days(rows.columns["valid_to"])
        table = pd.DataFrame(
            {
                "bearer": rows.bearer,
                "card": rows.columns["card_number"].to_pandas(),
                "since": _days(rows.columns["valid_from"]),
                "until": np.where(np.isnan(until), np.inf, until),
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
        cards = self._newest([read])
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


class TruthFiles:
    """The two files of `--truth`, written month by month."""

    HOUSEHOLD = pa.schema(
        [
            ("period_month", pa.date32()),
            ("commune_code", pa.string()),
            ("household_code", pa.string()),
            ("standard_id", pa.string()),
            ("indicator_code", pa.string()),
            ("deprived", pa.bool_()),
            ("expected", pa.bool_()),
            ("expected_class", pa.string()),
            ("review_year", pa.int64()),  # codes begin anew each year, and a form of last year may still be in force
            ("member_count", pa.int64()),  # of the form
            ("deprived_at_evidence", pa.bool_()),  # what was true when the evidence spoke
        ]
    )
    PERSON = pa.schema(
        [
            ("period_month", pa.date32()),
            ("person_id", pa.int64()),
            ("department", pa.string()),
            ("feed", pa.string()),
            ("row_key", pa.string()),
            ("faults", pa.string()),  # what is wrong about the person in this row; null where nothing is
        ]
    )

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._households = pq.ParquetWriter(folder / "household_truth.parquet", self.HOUSEHOLD, compression="zstd")
        self._persons = pq.ParquetWriter(folder / "person_truth.parquet", self.PERSON, compression="zstd")

    def households(
        self,
        month: int,
        commune_codes: list[str],
        known: Known,
        deprived: dict[str, Values],
        at_evidence: dict[str, Values],
    ) -> None:
        """Add the month: one row per household, standard and indicator."""
        reviews = known.reviews
        commune = pa.array(commune_codes).take(pa.array(reviews.commune.to_numpy()))
        code = pa.array(reviews.code, pa.string())
        for standard, codes in STANDARDS.items():
            known_class = pa.array(CLASSES).take(pa.array(known.classes[standard]))
            for indicator in codes:
                self._households.write_table(
                    pa.table(
                        [
                            _repeated(first_day(month), pa.date32(), len(reviews)),
                            commune,
                            code,
                            _repeated(standard, pa.string(), len(reviews)),
                            _repeated(indicator, pa.string(), len(reviews)),
                            _boolean(deprived[indicator]),
                            _boolean(known.values[indicator]),
                            known_class,
                            pa.array(reviews.month.to_numpy() // 12, pa.int64()),
                            pa.array(reviews["size"].to_numpy(), pa.int64()),
                            _boolean(at_evidence[indicator]),
                        ],
                        schema=self.HOUSEHOLD,
                    )
                )

    def persons(self, month: int, department: str, feed: str, key: list[str], rows: Rows) -> None:
        """Add whom the rows of a delivery speak of; the key is the columns of the contract's key joined by `|`."""
        parts = [pc.cast(rows.columns[name], pa.string()) for name in key]
        row_key = pc.binary_join_element_wise(*parts, "|", null_handling="replace", null_replacement="")
        table = pa.table(
            [
                _repeated(first_day(month), pa.date32(), len(rows)),
                pa.array(rows.person),
                _repeated(department, pa.string(), len(rows)),
                _repeated(feed, pa.string(), len(rows)),
                row_key,
                _named(rows.wrong, len(rows)),
            ],
            schema=self.PERSON,
        )
        kept = rows.person >= 0
        if rows.lost.any():  # a row may stand in the delivery twice
            _, first = np.unique(row_key.to_numpy(zero_copy_only=False).astype("U"), return_index=True)
            kept &= np.isin(np.arange(len(rows)), first)
        self._persons.write_table(table.filter(pa.array(kept)))

    def close(self) -> None:
        """Finish both files."""
        self._households.close()
        self._persons.close()


def _named(wrong: dict[str, NDArray[np.bool_]], count: int) -> pa.Array:
    """Names of the faults of each row, joined by `; `; null without any."""
    texts = np.full(count, None, dtype=object)
    for fault, where in sorted(wrong.items()):
        texts[where] = [fault if earlier is None else f"{earlier}; {fault}" for earlier in texts[where]]
    return pa.array(texts, pa.string())


def _repeated(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    scalar = pa.scalar(int(value), pa.int32()).cast(kind) if kind == pa.date32() else pa.scalar(value, kind)
    return pa.repeat(scalar, count)


def _boolean(values: Values) -> pa.Array:
    return pa.array(values == 1, mask=values < 0)
