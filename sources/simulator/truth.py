"""The right answers: which deprivations follow from what is known of a household and its members.

The rules of both standards stand here a second time on purpose. The acceptance checks compare the warehouse with this
module, so it must share no code with the warehouse and no figure with the models. A value is 1 (deprived), 0 (not) or
-1 (unknown). Not here: what the deliveries allow to know (`knowledge`), and any simulated event or damage.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
