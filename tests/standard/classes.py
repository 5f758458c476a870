"""The law's classes as a table: income, score and number of deprivations, and who is recognised and counted how.

Decree 07/2021/ND-CP: poor at or below the line with three deprivations or more, near-poor with fewer, average up to one
and a half times the line. Decree 351/2025/ND-CP: the same with lines of its own, no score and no average class. Each
class was written by hand; nothing in here is computed by what it tests.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from standard.cases import BY_THEN, EXPIRED, LAPSED, holder, pupil
from standard.households import Household, Said, broken_card, card, household, listed_alone, person

# Area, income per person, deprivations: the class under the standard of 2022 and under that of 2027.
BY_INCOME = [
    ("rural", 1_000_000, 3, "poor", "poor"),
    ("rural", 1_000_000, 2, "near_poor", "near_poor"),
    ("rural", 1_000_000, 0, "near_poor", "near_poor"),
    ("rural", 1_500_000, 3, "poor", "poor"),
    ("rural", 1_500_000, 2, "near_poor", "near_poor"),
    ("rural", 1_500_001, 3, "average", "poor"),
    ("rural", 2_200_000, 3, "average", "poor"),
    ("rural", 2_200_001, 3, "average", "other"),
    ("rural", 2_250_000, 0, "average", "other"),
    ("rural", 2_250_001, 0, "other", "other"),
    ("urban", 2_000_000, 3, "poor", "poor"),
    ("urban", 2_000_000, 2, "near_poor", "near_poor"),
    ("urban", 2_000_001, 3, "average", "poor"),
    ("urban", 2_800_000, 3, "average", "poor"),
    ("urban", 2_800_001, 3, "average", "other"),
    ("urban", 3_000_000, 0, "average", "other"),
    ("urban", 3_000_001, 3, "other", "other"),
    ("", 1_000_000, 3, "undetermined", "undetermined"),
]
# Area, score of the form, score on the list, deprivations: the class under either, and which score it rests on.
BY_SCORE = [
    ("rural", 140, None, 3, "poor", "undetermined", "review_score"),
    ("rural", 140, None, 2, "near_poor", "undetermined", "review_score"),
    ("rural", Decimal("140.5"), None, 3, "other", "undetermined", "review_score"),
    ("rural", 141, None, 3, "other", "undetermined", "review_score"),
    ("urban", 175, None, 3, "poor", "undetermined", "review_score"),
    ("urban", 176, None, 3, "other", "undetermined", "review_score"),
    ("rural", None, 140, 3, "poor", "undetermined", "list_score"),
    ("rural", None, 141, 3, "other", "undetermined", "list_score"),
    ("rural", 141, 140, 3, "other", "undetermined", "review_score"),
    ("rural", None, None, 3, "undetermined", "undetermined", None),
]
# Deprivations known, not known: the class below the line.
BY_COUNT = [
    (0, 0, "near_poor"),
    (0, 2, "near_poor"),
    (0, 3, "undetermined"),
    (1, 1, "near_poor"),
    (1, 2, "undetermined"),
    (2, 0, "near_poor"),
    (2, 1, "undetermined"),
    (3, 0, "poor"),
    (3, 1, "poor"),
    (4, 0, "poor"),
]


@dataclass(frozen=True)
class Row:
    """What household_deprivation says of a household, column by column, under each standard."""

    says: str
    household: Household
    s2022: Said
    s2027: Said


def under_both(says: str, of: Household, **expected: Any) -> Row:
    """The standard makes no difference."""
    return Row(says, of, expected, expected)


def on_a_list_of_2022(says: str, of: Household, legal_class: str, **expected: Any) -> Row:
    """A class is shown under the standard of its list; all else is the same under both."""
    of_2022, of_2027 = {"legal_class": legal_class}, {"legal_class": None}
    same = expected | {"list_standard_id": "S2022"}
    return Row(says, of, same | of_2022, same | of_2027)


def wanting(known: int, unknown: int = 0) -> Said:
    """Answers of the form that are as many deprivations, and as many questions not answered, under both standards."""
    deprived = {"water_source": "other", "toilet_type": "other", "floor_area_m2": "1", "wall_durable": False}
    names = list(deprived)
    # One part of the house is not durable, so that the wall decides.
    told: Said = {"column_durable": False} | {name: deprived[name] for name in names[:known]}
    return told | dict.fromkeys(names[known : known + unknown])


# A family that wants everything: an idle adult of little schooling and two small ill children who stay at home.
CHILD: Said = {"relation": "child", "stunted": True, "health_insured": False, "uses_internet": False}
DESTITUTE = household(
    person("25y", employed=False, education_level="none", health_insured=False, uses_internet=False),
    person("8y", **CHILD),
    person("9y", **CHILD),
    income_per_capita_vnd=0,
    wall_durable=False,
    column_durable=False,
    roof_durable=False,
    floor_area_m2="1",
    water_source="other",
    toilet_type="none",
    waste_disposal="untreated",
    has_shared_device=False,
    has_personal_device=False,
)
SILENT = household(
    size=2,
    on_file=False,
    income_per_capita_vnd=None,
    wall_durable=None,
    column_durable=None,
    roof_durable=None,
    floor_area_m2=None,
    water_source=None,
    toilet_type=None,
    waste_disposal=None,
    has_shared_device=None,
    has_personal_device=None,
)
OFFLINE = household(person(uses_internet=False), waste_disposal="untreated")
WITHOUT_MEANS = household(has_shared_device=False, has_personal_device=False)


def scores(known: int, legal: int, nested: int, known_max: int, legal_max: int, nested_max: int) -> Said:
    """Numbers of deprivations and their weights in thirty-sixths, known and possible."""
    return {
        "deprivation_count": known,
        "legal_score": legal,
        "nested_score": nested,
        "deprivation_count_max": known_max,
        "legal_score_max": legal_max,
        "nested_score_max": nested_max,
    }


def children(all_of_them: int, ill: int, uninsured: int, at_home: int) -> dict[str, int]:
    """Members known to be under 16, and those among them that the official forms count."""
    return {
        "children": all_of_them,
        "malnourished_children": ill,
        "uninsured_children": uninsured,
        "unschooled_children": at_home,
    }


NO: Said = {"health_insured": False}
UNSAID: Said = {"stunted": None, "underweight": None, "health_insured": None, "attending_school": None}
FAMILY = household(person(), person("5y", **CHILD), person("8y", **CHILD))
POOR_CARD, SECOND_CARD = card("2026-06", "2026-01-01", None, "HN"), card("2026-06", "2026-01-01", None, "TE")
BROKEN = broken_card("2026-06")
ENDS_WITH_THE_MONTH = card("2026-06", "2026-01-01", "2026-10-31")
POOR: Said = {"is_recognised": True, "legal_class": "poor", "listed_persons": 5}
ESCAPED: Said = {"is_recognised": False, "legal_class": None, "listed_persons": 5}
KHMER_ON_LIST: Said = POOR | {"head_ethnicity_code": "05", "head_sex": "female"}
ESCAPE: Said = {
    "escaped_on": date(2026, 1, 1),
    "escaped_until": date(2029, 1, 1),
    "escape_is_estimated": False,
    "escaped_from": "poor",
}
ROWS = [
    *(
        Row(
            f"{area or 'area not known'}, {vnd} dong, {wants} deprivations",
            household(area_type=area, income_per_capita_vnd=vnd, **wanting(wants)),
            {"computed_class": before, "deprivation_count": wants, "income_source": "income"},
            {"computed_class": after, "deprivation_count": wants, "income_source": "income"},
        )
        for area, vnd, wants, before, after in BY_INCOME
    ),
    *(
        Row(
            f"{area}, score {of_form} on the form and {of_list} on the list, {wants} deprivations",
            household(
                area_type=area,
                income_per_capita_vnd=None,
                score_a=of_form,
                listed=POOR | {"score_a": of_list} if of_list else None,
                **wanting(wants),
            ),
            {"computed_class": before, "income_source": source},
            {"computed_class": after, "income_source": source, "below_income_line": None},
        )
        for area, of_form, of_list, wants, before, after, source in BY_SCORE
    ),
    *(
        under_both(
            f"{known} deprivations known, {unknown} not known",
            household(income_per_capita_vnd=1_000_000, **wanting(known, unknown)),
            computed_class=computed,
            deprivation_count=known,
            deprivation_count_max=known + unknown,
            below_income_line=True,
        )
        for known, unknown, computed in BY_COUNT
    ),
    Row(
        "income before score",
        household(income_per_capita_vnd=1_500_001, score_a=100, **wanting(3)),
        {"computed_class": "average", "income_source": "income", "below_income_line": False},
        {"computed_class": "poor", "income_source": "income", "below_income_line": True},
    ),
    under_both("everything is wanting", DESTITUTE, computed_class="poor", **scores(12, 36, 36, 12, 36, 36)),
    under_both("nothing is said", SILENT, computed_class="undetermined", **scores(0, 0, 0, 12, 36, 36)),
    Row("no internet, waste untreated", OFFLINE, scores(1, 3, 3, 1, 3, 3), scores(2, 6, 8, 2, 6, 8)),
    Row("no means of information", WITHOUT_MEANS, scores(1, 3, 3, 1, 3, 3), scores(0, 0, 0, 0, 0, 0)),
    on_a_list_of_2022(
        "recognised", household(listed=POOR), legal_class="poor", is_reviewed=True, persons=1, listed_persons=5
    ),
    on_a_list_of_2022("not on the list of its commune", household(), legal_class="none", listed_persons=None),
    under_both(
        "its commune sent no list",
        household(commune_code_then="31135"),
        legal_class=None,
        list_standard_id=None,
    ),
    Row(
        "on a list of 2027, in a commune whose list is of 2022",
        household(listed=POOR | {"standard_id": "S2027"}),
        {"legal_class": None, "list_standard_id": "S2027"},
        {"legal_class": "poor", "list_standard_id": "S2027"},
    ),
    under_both(
        "no head on file, the list knows her sex",
        household(person(relation="spouse"), listed=POOR | {"head_sex": "female"}),
        head_sex="female",
    ),
    on_a_list_of_2022(
        "on the sheet of the escaped alone", household(listed=ESCAPED), legal_class="none", listed_persons=None
    ),
    on_a_list_of_2022(
        "on the list, without a review",
        listed_alone(**KHMER_ON_LIST),
        legal_class="poor",
        computed_class="undetermined",
        is_reviewed=False,
        persons=5,
        listed_persons=5,
        is_minority=True,
        head_sex="female",
        deprivation_count=None,
    ),
    on_a_list_of_2022(
        "escaped, without a review",
        listed_alone(**ESCAPED),
        legal_class="none",
        is_reviewed=False,
        listed_persons=None,
    ),
    under_both("an escape", household(escaped=ESCAPE), escaped_from="poor", escaped_on=date(2026, 1, 1)),
    under_both("none", household(), escaped_from=None),
    under_both("a Kinh head", household(person(ethnicity_code="01")), is_minority=False, head_sex="male"),
    *(
        under_both(f"a head of group {code:02}", household(person(ethnicity_code=f"{code:02}")), is_minority=True)
        for code in range(2, 55)
    ),
    under_both("ethnicity of the head not said", household(person(ethnicity_code=None)), is_minority=None),
    under_both(
        "ethnicity of the head said on the list alone",
        household(person(ethnicity_code=None), listed=KHMER_ON_LIST),
        is_minority=True,
    ),
    under_both(
        "ethnicity of the head on form and list",
        household(person(), listed=KHMER_ON_LIST),
        is_minority=False,
        head_sex="male",
    ),
    under_both(
        "a Khmer wife of a Kinh head, named first",
        household(person(ethnicity_code="05", sex="female", relation="spouse"), person()),
        is_minority=False,
        head_sex="male",
    ),
    under_both(
        "two heads: the first row stands",
        household(person(), person(ethnicity_code="05", sex="female")),
        is_minority=False,
        head_sex="male",
    ),
    under_both("no head on file", household(person(relation="spouse")), is_minority=None, head_sex=None),
    under_both("the rules of the warehouse", household(person("41y")), review_valid_months=24, escape_window_months=36),
    under_both("reviewed on the first of a month of 31 days", household(reviewed_on="2026-10-01"), age_in_days=30),
    under_both("nobody on file", household(on_file=False), insurance_by_register=False, children=None),
    under_both("children of whom nothing is amiss", household(pupil("primary", "8y")), **children(1, 0, 0, 0)),
    under_both("a child of whom nothing is said", household(person("8y", **UNSAID)), **children(1, 0, 0, 0)),
    under_both("an adult", household(), **children(0, 0, 0, 0)),
    under_both("an ill idle adult", household(person(**CHILD)), **children(0, 0, 0, 0)),
    under_both("a child or not: born in 2010", household(person(born="2010", **CHILD)), **children(0, 0, 0, 0)),
    under_both("of two ill idle children one under six", FAMILY, **children(2, 2, 2, 2)),
    under_both("a month before 16", household(pupil("lower_secondary", "15y11m")), **children(1, 0, 0, 0)),
    under_both("16 years", household(pupil("lower_secondary", "16y")), **children(0, 0, 0, 0)),
    under_both("card and form agree", household(person(cards=(POOR_CARD,))), contradicts_form=False, card_group="HN"),
    under_both("card, and a form that says no", household(holder("2026-01-01", None)), contradicts_form=True),
    under_both("no card, and a form that says yes", household(month="2026-06"), contradicts_form=None),
    under_both(
        "a card that is over, and a form that says yes",
        household(person(cards=(EXPIRED,)), month="2026-06"),
        contradicts_form=True,
    ),
    under_both("neither card nor form", household(person(**NO), month="2026-06"), contradicts_form=False),
    under_both(
        "a card that has run out",
        household(person(cards=(LAPSED,)), **BY_THEN),
        contradicts_form=None,
        has_expired="true",
    ),
    under_both("a card that ends with the month", household(person(cards=(ENDS_WITH_THE_MONTH,))), has_expired="false"),
    under_both("two cards", household(person(cards=(SECOND_CARD, POOR_CARD))), card_group="HN"),
    under_both(
        "a card that the register no longer has",
        household(person(cards=(card("2024-03", "2024-01-01", None, "HN"),)), month="2026-06"),
        card_group=None,
        has_expired="false",
    ),
    under_both(
        "one card of two has run out",
        household(person(cards=(LAPSED, POOR_CARD))),
        has_expired="true",
    ),
    under_both(
        "a broken card row",
        household(person(cards=(BROKEN,))),
        has_expired="false",
        card_group=None,
    ),
]
