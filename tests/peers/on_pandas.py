"""The figures of a clean month in pandas: a frame per file, questions as nullable columns."""

from calendar import monthrange
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.peers import files

LEVELS = {
    "none": 0,
    "preschool": 1,
    "primary": 2,
    "lower_secondary": 3,
    "upper_secondary": 4,
    "vocational": 5,
    "tertiary": 6,
}
YES_OR_NO = {"true": True, "false": False}
LACKS = [
    "EMP_JOB", "EMP_DEP", "HLT_NUT", "HLT_INS", "EDU_ADULT", "EDU_CHILD", "HOU_QUAL", "HOU_AREA", "WAT_SRC", "WAT_TOI",
    "INF_TEL", "INF_DEV",
]  # fmt: skip
HOUSEHOLD = ["commune_code", "household_code"]


def figures(landing: Path, month: date) -> pa.Table:
    """Rows (commune_code, figure, value) of a month's files."""
    end = np.datetime64(month.replace(day=monthrange(month.year, month.month)[1]))
    review = _csv(landing / "labour" / "household_review" / f"{month:%Y-%m}.csv", ["reviewed_on"])
    members = _csv(landing / "labour" / "household_members" / f"{month:%Y-%m}.csv", ["birth_date"])
    cards = pd.read_parquet(landing / "health_insurance" / "cards" / f"{month:%Y-%m}.parquet", columns=[
        "personal_id", "insurance_number", "commune_code", "valid_from", "valid_to",
    ])  # fmt: skip
    cards["valid_from"], cards["valid_to"] = pd.to_datetime(cards.valid_from), pd.to_datetime(cards.valid_to)
    cards["is_valid"] = (cards.valid_from <= end) & (cards.valid_to.isna() | (cards.valid_to >= end))
    listed = pd.DataFrame(files.listed(landing))
    loans = pd.DataFrame(files.loans(landing, f"{month:%Y-%m}"))
    cases = pd.DataFrame(files.cases(landing, f"{month:%Y-%m}"))
    answers = _of_members(members, cards, review, month)
    households = _of_houses(review, members, cases, listed, end).merge(answers, how="left", on=HOUSEHOLD)
    return _counted(_classed(households), listed, cards, loans, cases, end)


def _csv(path: Path, days: list[str]) -> pd.DataFrame:
    frame = pd.read_csv(path, dtype=str, parse_dates=days)
    for name in frame.columns.difference(days):
        words = frame[name].dropna().unique()
        if len(words) and set(words) <= YES_OR_NO.keys():
            frame[name] = frame[name].map(YES_OR_NO).astype("boolean")
    return frame


def _of_members(members: pd.DataFrame, cards: pd.DataFrame, review: pd.DataFrame, month: date) -> pd.DataFrame:
    """Per household: the questions that its members answer."""
    number = cards.personal_id.fillna(cards.insurance_number)
    is_insured = cards.is_valid[number.isin(members.personal_id)].groupby(number).any()
    row = members.merge(review[[*HOUSEHOLD, "member_count"]], on=HOUSEHOLD)
    on_register = row.personal_id.map(is_insured).astype("boolean")
    # The register says no of whom it knows; of whom it does not, it says nothing against the form.
    insured = on_register.fillna((~row.health_insured.fillna(False)).map({True: False, False: pd.NA}).astype("boolean"))
    age = (month.year * 12 + month.month) - (row.birth_date.dt.year * 12 + row.birth_date.dt.month)
    schooling = month.year - row.birth_date.dt.year
    attended = row.school_level.map(LEVELS).astype("Int8")
    completed = row.education_level.map(LEVELS).astype("Int8")
    expected = pd.Series(np.select([schooling < 6, schooling < 12], [1, 2], 3), row.index, dtype="Int8")
    certified = row.employer_training_certificate
    junior = row.attending_school | (completed >= 3) | certified
    senior = _attends(row, attended >= 4) | (completed >= 4) | certified
    working = pd.Series(np.where(row.sex == "male", 738, 684), row.index)
    row["EMP_JOB"] = (
        ((age >= 180) & (age < working)).astype("boolean")
        & row.can_work
        & ((row.wants_work & ~row.employed) | (row.wage_employed & ~row.has_labour_contract))
    )
    row["HLT_NUT"] = (age < 192).astype("boolean") & (row.stunted | row.underweight)
    row["HLT_INS"] = (age >= 72).astype("boolean") & ~insured
    row["EDU_ADULT"] = ((age >= 192) & (age < 372)).astype("boolean") & ~junior.where(age < 216, senior)
    row["EDU_CHILD"] = ((age >= 36) & (age < 192)).astype("boolean") & ~_attends(row, attended >= expected)
    row["INF_TEL"] = row.uses_internet
    dependant = (age < 192).astype("boolean") | (
        ((age >= 720).astype("boolean") | row.is_disabled) & row.monthly_social_allowance
    )
    row["dependants"], row["perhaps_dependants"] = (
        dependant.fillna(False).astype(int),
        dependant.fillna(True).astype(int),
    )
    of_household = row.groupby(HOUSEHOLD)
    answers = {name: _any(row, name) for name in ("EMP_JOB", "HLT_NUT", "HLT_INS", "EDU_ADULT", "EDU_CHILD", "INF_TEL")}
    size = of_household.member_count.first().astype(int)
    known, possible = 2 * of_household.dependants.sum() > size, 2 * of_household.perhaps_dependants.sum() > size
    answers["EMP_DEP"] = known.astype("boolean").where(known == possible, pd.NA)
    answers["INF_TEL"] = ~answers["INF_TEL"]
    return pd.DataFrame(answers).reset_index()


def _attends(row: pd.DataFrame, at_level: pd.Series) -> pd.Series:
    """Whether somebody attends school, and at a level."""
    return at_level.where(row.attending_school.fillna(False), row.attending_school)


def _any(row: pd.DataFrame, name: str) -> pd.Series:
    """One member is enough; that nobody does takes an answer of each."""
    keys = [row[key] for key in HOUSEHOLD]
    somebody = row[name].fillna(False).astype(bool).groupby(keys).any()
    perhaps = row[name].fillna(True).astype(bool).groupby(keys).any()
    return somebody.astype("boolean").where(somebody == perhaps, pd.NA)


def _of_houses(
    review: pd.DataFrame, members: pd.DataFrame, cases: pd.DataFrame, listed: pd.DataFrame, end: np.datetime64
) -> pd.DataFrame:
    """The reviewed households with the questions that their houses answer, and whether they are below the line."""
    number = members[[*HOUSEHOLD, "personal_id"]]
    cases["completed_on"] = pd.to_datetime(cases.completed_on)
    finished = cases[cases.status.isin(["completed", "handed_over"]) & (cases.completed_on <= end)]
    finished = finished.drop_duplicates("head_personal_id").rename(columns={"floor_area_m2": "area_of_case"})
    of_members = number.merge(finished, left_on="personal_id", right_on="head_personal_id", suffixes=("", "_of_case"))
    newest = of_members.merge(review[[*HOUSEHOLD, "reviewed_on"]], on=HOUSEHOLD)
    newest = (
        newest[newest.completed_on > newest.reviewed_on]
        .sort_values("completed_on")
        .drop_duplicates(HOUSEHOLD, keep="last")
    )
    score = number.merge(listed, on="personal_id", suffixes=("", "_of_list")).groupby(HOUSEHOLD).score_a.max()
    house = review.merge(
        newest[[*HOUSEHOLD, "frame_wall_durable", "roof_durable", "area_of_case"]], how="left", on=HOUSEHOLD,
        suffixes=("", "_of_case"),
    )  # fmt: skip
    house = house.merge(score.rename("score_of_list").reset_index(), how="left", on=HOUSEHOLD)
    frame, roof = (
        house[name].map(YES_OR_NO).astype("boolean") for name in ("frame_wall_durable", "roof_durable_of_case")
    )
    parts = [frame.fillna(house.wall_durable), frame.fillna(house.column_durable), roof.fillna(house.roof_durable)]
    known, possible = (sum((~part.fillna(other)).astype(int) for part in parts) >= 2 for other in (True, False))
    house["HOU_QUAL"] = known.astype("boolean").where(known == possible, pd.NA)
    area = house.area_of_case.astype("Float64").fillna(house.floor_area_m2.astype("Float64"))
    house["HOU_AREA"] = area < 8 * house.member_count.astype(int)
    for name, column, bad in (("WAT_SRC", "water_source", ["other"]), ("WAT_TOI", "toilet_type", ["other", "none"])):
        house[name] = house[column].isin(bad).astype("boolean").mask(house[column].isna())
    house["INF_DEV"] = ~(house.has_shared_device | house.has_personal_device)
    seed = pd.read_csv("dbt_project/seeds/commune_area_type.csv", dtype=str).set_index("commune_code").area_type
    is_urban = house.area_type.fillna(house.commune_code.map(seed)) == "urban"
    house["line"] = np.where(is_urban, 2_000_000, 1_500_000)
    house["income"] = house.income_per_capita_vnd.astype("Float64")
    score = house.score_a.astype("Float64").fillna(house.score_of_list.astype("Float64"))
    cut = pd.Series(np.where(is_urban, 175, 140), house.index)
    house["is_below_line"] = (house.income <= house.line).fillna(score <= cut)
    return house


def _classed(house: pd.DataFrame) -> pd.DataFrame:
    known, possible = (sum(house[name].fillna(other).astype(int) for name in LACKS) for other in (False, True))
    below, above = house.is_below_line.fillna(False), (~house.is_below_line).fillna(False)
    house["class"] = np.select(
        [
            (below & (known >= 3)).astype(bool), (below & (possible < 3)).astype(bool),
            (above & (2 * house.income <= 3 * house.line).fillna(False)).astype(bool), above.astype(bool),
        ],
        ["poor", "near_poor", "average", "other"], "undetermined",
    )  # fmt: skip
    return house


def _counted(
    house: pd.DataFrame, listed: pd.DataFrame, cards: pd.DataFrame, loans: pd.DataFrame, cases: pd.DataFrame,
    end: np.datetime64,
) -> pa.Table:  # fmt: skip
    """All figures in one column."""
    place = pd.read_csv("sources/reference/bank_places.csv", dtype=str).set_index("code").commune_code
    of_loans = loans.groupby(loans.place.map(place).rename("commune_code"))
    supported = cases[(cases.status != "cancelled") & (pd.to_datetime(cases.approved_on) <= end)]
    finished = supported[supported.status.isin(["completed", "handed_over"])]
    counted: dict[str, Any] = {
        "reviewed": house.groupby("commune_code").size(),
        **{name: house[house["class"] == name].groupby("commune_code").size() for name in house["class"].unique()},
        **{name: house[house[name].fillna(False)].groupby("commune_code").size() for name in LACKS},
        "legal_poor": listed[listed.legal_class == "poor"].groupby("commune_code").size(),
        "legal_near_poor": listed[listed.legal_class == "near_poor"].groupby("commune_code").size(),
        "cards_valid": cards[cards.is_valid].groupby("commune_code").size(),
        "loans_open": of_loans.status.agg(lambda status: (status == "OPEN").sum()),
        "loan_balance_vnd": of_loans[["in_term", "overdue", "frozen"]].sum().sum(axis=1),
        "houses_completed": finished.groupby("commune_code").case_code.nunique(),
        "house_support_vnd": supported.groupby("commune_code").amount_vnd.sum(),
    }
    rows = [
        column.astype("int64").rename("value").reset_index().assign(figure=name) for name, column in counted.items()
    ]
    return pa.Table.from_pandas(pd.concat(rows), preserve_index=False)
