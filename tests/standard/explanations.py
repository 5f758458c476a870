"""What `explain` says beside an answer: the value that was judged and why nobody knows. Written by hand.

Questions that both standards ask are asked here of one.
"""

from dataclasses import dataclass

from standard.cases import idle, leaver, pupil
from standard.households import Household, Said, broken_card, card, completed, household, person


@dataclass(frozen=True)
class Explained:
    """`value` is what was judged, `because` why the answer is unknown; None where it says nothing."""

    indicator: str
    household: Household
    value: str | None
    because: str | None
    standard: str = "S2022"


_blank_card: Said = {"health_insured": None}
_register = card("2026-06", "2026-01-01", "2026-12-31")

ROWS = (
    Explained("EMP_JOB", household(person(), idle()), "1 lack it, 0 unknown, of 2 members", None),
    Explained("EMP_JOB", household(person(), idle(can_work=None)), "0 lack it, 1 unknown, of 2 members", "blank"),
    Explained("EMP_JOB", household(person(), size=3), "0 lack it, 2 unknown, of 3 members", "members_missing"),
    Explained("EMP_JOB", household(person(), person(), size=1), "0 lack it, 0 unknown, of 1 members", None),
    Explained("EMP_JOB", household(on_file=False), None, "members_missing"),
    Explained("EMP_JOB", household(reviewed_on="2024-10-30"), "0 lack it, 0 unknown, of 1 members", "too_old"),
    Explained("EMP_JOB", household(reviewed_on="2024-10-31"), "0 lack it, 0 unknown, of 1 members", None),
    Explained(
        "EMP_JOB",
        household(person(delivery_id="broken"), size=2),
        "0 lack it, 1 unknown, of 2 members",
        "set_apart",
    ),
    Explained(
        "EMP_JOB",
        household(person(delivery_id="broken"), person(), size=3),
        "0 lack it, 1 unknown, of 3 members",
        "set_apart",
    ),
    Explained("EMP_DEP", household(person("3y"), person()), "1 dependants of 2", None),
    Explained("EMP_DEP", household(person("3y"), size=2), "1 to 2 dependants of 2", "members_missing"),
    Explained(
        "EMP_DEP",
        household(person("75y", monthly_social_allowance=None)),
        "0 to 1 dependants of 1",
        "blank",
    ),
    Explained("HLT_NUT", household(person("3y", stunted=True), person()), "1 lack it, 0 unknown, of 2 members", None),
    Explained(
        "HLT_NUT",
        household(person("3y", stunted=None), person()),
        "0 lack it, 1 unknown, of 2 members",
        "blank",
    ),
    Explained("HLT_INS", household(person(health_insured=False)), "1 lack it, 0 unknown, of 1 members", None),
    Explained("HLT_INS", household(person(**_blank_card)), "0 lack it, 1 unknown, of 1 members", "blank"),
    Explained("HLT_INS", household(person(), size=2), "0 lack it, 1 unknown, of 2 members", "members_missing"),
    Explained(
        "HLT_INS", household(person(born="2020", health_insured=False)), "0 lack it, 1 unknown, of 1 members", "blank"
    ),
    Explained(
        "HLT_INS",
        household(person(), month="2026-06"),
        "0 lack it, 1 unknown, of 1 members",
        "number_on_no_register",
    ),
    Explained(
        "HLT_INS",
        household(person(cards=(broken_card("2026-06"),)), month="2026-06"),
        "0 lack it, 1 unknown, of 1 members",
        "set_apart",
    ),
    Explained(
        "HLT_INS",
        household(person(cards=(card("2024-03", "2024-01-01", "2026-12-31"),)), month="2026-06"),
        "0 lack it, 1 unknown, of 1 members",
        "card_not_on_register",
    ),
    Explained(
        "HLT_INS",
        household(person(), reviewed_on="2026-06-30"),
        "0 lack it, 1 unknown, of 1 members",
        "no_register_of_month",
    ),
    Explained(
        "HLT_INS",
        household(person(cards=(_register,), is_known_by_name=True, health_insured=False), month="2026-06"),
        "0 lack it, 1 unknown, of 1 members",
        "card_of_a_namesake",
    ),
    # The reason that is last in the alphabet stands for all.
    Explained(
        "HLT_INS",
        household(person(cards=(broken_card("2026-06"),)), person(), month="2026-06"),
        "0 lack it, 2 unknown, of 2 members",
        "set_apart",
    ),
    Explained(
        "HLT_INS",
        household(person(cards=(broken_card("2021-05"),), **_blank_card), month="2021-05"),
        "0 lack it, 1 unknown, of 1 members",
        "set_apart",
    ),
    # By the form first, in the month in which it is asked first.
    Explained("HLT_INS", household(person(), month="2021-05"), "0 lack it, 0 unknown, of 1 members", None),
    Explained(
        "HLT_INS", household(person(cards=(_register,)), month="2026-06"), "0 lack it, 0 unknown, of 1 members", None
    ),
    Explained("EDU_ADULT", household(leaver("primary", "20y"), person()), "1 lack it, 0 unknown, of 2 members", None),
    Explained("EDU_ADULT", household(leaver(None, "20y"), person()), "0 lack it, 1 unknown, of 2 members", "blank"),
    Explained("EDU_CHILD", household(leaver("none", "8y"), person()), "1 lack it, 0 unknown, of 2 members", None),
    Explained("EDU_CHILD", household(pupil(None, "8y"), person()), "0 lack it, 1 unknown, of 2 members", "blank"),
    # Where a reading answers, the question of the indicator still says what was judged.
    Explained("EMP_DEP", household(person("3y"), person()), "1 dependants of 2", None, "S2027"),
    Explained("INF_TEL", household(person()), "1 use it, 0 unknown, of 1 members", None, "S2027"),
    Explained("HOU_QUAL", household(wall_durable=False), "1 of 3 parts not durable", None),
    Explained("HOU_QUAL", household(wall_durable=False, roof_durable=None), "1 to 2 of 3 parts not durable", "blank"),
    Explained("HOU_AREA", household(floor_area_m2="7.5"), "7.5 m2 for 1", None),
    Explained("HOU_AREA", household(floor_area_m2=None), None, "blank"),
    Explained("HOU_AREA", household(house=completed("2026-10-10"), size=2, floor_area_m2="9"), "100.0 m2 for 2", None),
    Explained("WAT_SRC", household(water_source="other"), "other", None),
    Explained("WAT_SRC", household(water_source=None), None, "blank"),
    Explained("WAT_TOI", household(toilet_type="none"), "none", None),
    Explained("WAT_TOI", household(toilet_type=None), None, "blank"),
    Explained("WSE_WST", household(waste_disposal="untreated"), "untreated", None, "S2027"),
    Explained("WSE_WST", household(waste_disposal=None), None, "blank", "S2027"),
    Explained("INF_TEL", household(person(uses_internet=False), person()), "1 use it, 0 unknown, of 2 members", None),
    Explained("INF_TEL", household(person(uses_internet=None)), "0 use it, 1 unknown, of 1 members", "blank"),
    Explained("INF_DEV", household(has_personal_device=False), "shared true, personal false", None),
    Explained(
        "INF_DEV",
        household(has_shared_device=False, has_personal_device=None),
        "shared false, personal unknown",
        "blank",
    ),
    Explained(
        "INF_DEV",
        household(has_shared_device=None, has_personal_device=False),
        "shared unknown, personal false",
        "blank",
    ),
)
