"""The rules of the truth, each at a household that decides it."""

from typing import Any

import numpy as np
import pytest

from sources.simulator.truth import MEMBER_FLAGS, classes, deprivations

MONTH = 2026 * 12 + 9  # October 2026
YES, NO, UNKNOWN = 1, 0, -1


def judged(members: list[dict[str, Any]], **household: Any) -> dict[str, int]:
    """Indicators of one household; a member is given by age in months and the answers that matter."""
    answers = {
        "size": len(members), "floor_area_m2": 100.0, "water_clean": YES, "toilet_clean": YES, "waste_handled": YES,
        "wall_durable": YES, "column_durable": YES, "roof_durable": YES, "has_shared_device": YES,
        "has_personal_device": YES, **household,
    }  # fmt: skip
    silent = dict.fromkeys([*MEMBER_FLAGS, "insured", "school", "education"], UNKNOWN)
    people = [
        {**silent, "is_male": True, "year_only": False, **member, "birth_month": MONTH - member["months"]}
        for member in members
    ]
    columns = {name: np.array([person[name] for person in people]) for name in people[0]}
    columns["household"] = np.zeros(len(people), dtype=np.int64)
    values = deprivations({name: np.array([value]) for name, value in answers.items()}, columns, MONTH)
    return {code: int(value[0]) for code, value in values.items()}


@pytest.mark.parametrize(("months", "deprived"), [(179, NO), (180, YES), (737, YES), (738, NO)])
def test_working_age_of_a_man_ends_with_the_month_of_retirement(months: int, deprived: int) -> None:
    man = {"months": months, "can_work": YES, "wants_work": YES, "employed": NO, "wage_employed": NO}

    assert judged([man])["EMP_JOB"] == deprived


def test_half_dependants_is_not_more_than_half() -> None:
    child, adult = {"months": 60}, {"months": 400, "is_disabled": NO, "monthly_social_allowance": NO}

    assert judged([child, adult])["EMP_DEP"] == NO
    assert judged([child, child, adult])["EMP_DEP"] == YES
    assert judged([child, adult], size=3)["EMP_DEP"] == UNKNOWN


def test_member_rows_of_another_day_than_the_form_leave_open_who_has_gone() -> None:
    child, adult = {"months": 60}, {"months": 400, "is_disabled": NO, "monthly_social_allowance": NO}

    assert judged([child, child, adult, adult], size=3)["EMP_DEP"] == UNKNOWN
    assert judged([child, child, child, adult], size=3)["EMP_DEP"] == YES


@pytest.mark.parametrize(
    ("attending", "school", "deprived"),
    [(YES, 1, NO), (YES, 0, YES), (YES, 2, NO), (NO, UNKNOWN, YES), (YES, UNKNOWN, UNKNOWN), (UNKNOWN, 0, UNKNOWN)],
)
def test_a_child_of_eight_belongs_in_primary_school(attending: int, school: int, deprived: int) -> None:
    assert judged([{"months": 100, "attending_school": attending, "school": school}])["EDU_CHILD"] == deprived


@pytest.mark.parametrize(("area", "deprived"), [(15.5, YES), (16.0, NO), (float("nan"), UNKNOWN)])
def test_eight_square_metres_a_person_are_enough(area: float, deprived: int) -> None:
    assert judged([{"months": 400}, {"months": 400}], floor_area_m2=area)["HOU_AREA"] == deprived


def test_with_a_member_row_missing_an_indicator_can_be_true_but_not_false() -> None:
    sound, stunted = {"months": 60, "stunted": NO, "underweight": NO}, {"months": 60, "stunted": YES}

    assert judged([sound], size=2)["HLT_NUT"] == UNKNOWN
    assert judged([stunted], size=2)["HLT_NUT"] == YES
    assert judged([sound])["HLT_NUT"] == NO


def test_a_year_alone_counts_only_where_every_date_in_it_agrees() -> None:
    elder = {"months": 60 * 12 + 3, "year_only": True, "is_disabled": NO, "monthly_social_allowance": YES}

    assert judged([elder])["EMP_DEP"] == UNKNOWN
    assert judged([{**elder, "months": 62 * 12}])["EMP_DEP"] == YES


def test_under_2027_a_score_alone_leaves_the_class_open() -> None:
    values = {code: np.array([YES], dtype=np.int8) for code in judged([{"months": 400}])}
    urban, income, score = np.array([False]), np.array([np.nan]), np.array([140.0])

    assert classes("S2022", values, urban, income, score)[0] == 0
    assert classes("S2027", values, urban, income, score)[0] == 4
