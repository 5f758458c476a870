"""Unsettled rules, read in the other way: who would be deprived by the reading that the figures do not use.

Written by hand from what the reading says, as `cases` is from the law. Nothing in here is computed by what it tests.
"""

from dataclasses import dataclass

from standard.households import Household, Said, card, household, person


@dataclass(frozen=True)
class Read:
    """A household by readings of a rule; `deprived` is None where nobody knows."""

    says: str
    readings: tuple[str, ...]
    household: Household
    deprived: bool | None


PENSION = ("S2022_EMP_DEP_NO_PENSION", "S2027_EMP_DEP_NO_PENSION")
CHILDREN = ("S2022_HLT_INS_CHILDREN", "S2027_HLT_INS_CHILDREN")
DIGITAL = ("S2027_INF_TEL_DIGITAL",)
CAPACITY = ("S2027_WSE_WST_CAPACITY",)

_pensioner = person("75y", monthly_social_allowance=True)
_uninsured: Said = {"health_insured": False}

ROWS = (
    Read("two with a pension are no dependants", PENSION, household(_pensioner, _pensioner), False),
    Read(
        "of the elderly the disabled ones are",
        PENSION,
        household(*2 * [person("75y", monthly_social_allowance=True, is_disabled=True)]),
        True,
    ),
    Read(
        "nobody knows whether they are disabled",
        PENSION,
        household(*2 * [person("75y", monthly_social_allowance=True, is_disabled=None)]),
        None,
    ),
    Read("disabled without an allowance", PENSION, household(person("75y", is_disabled=True)), False),
    Read("half are children", PENSION, household(person("15y11m"), person()), False),
    Read("more than half are children", PENSION, household(person("15y11m"), person("3y"), person()), True),
    Read("at 16 a child is none", PENSION, household(person("16y"), person("3y"), person()), False),
    Read("one of two on file is a child", PENSION, household(person("3y"), size=2, on_file=True), None),
    Read("more children on file than the form counts", PENSION, household(*3 * [person("3y")], size=2), True),
    Read(
        "one too many on file, and who is gone may be the child",
        PENSION,
        household(person("3y"), person("3y"), person(), person(), size=3),
        None,
    ),
    Read("51 of 101", PENSION, household(*51 * [person("3y")], *50 * [person()]), True),
    Read(
        "50 of 101, and of one nobody knows",
        PENSION,
        household(*50 * [person("3y")], *50 * [person()], person(born="2010")),
        None,
    ),
    Read("one child whose year alone is known", PENSION, household(person(born="2010")), None),
    Read("an adult without a card", CHILDREN, household(person(**_uninsured)), False),
    Read("a child of 6 without one", CHILDREN, household(person("6y", **_uninsured)), True),
    Read("a child under 6 without one", CHILDREN, household(person("5y11m", **_uninsured)), False),
    Read("a child under 16 without one", CHILDREN, household(person("15y11m", **_uninsured)), True),
    Read("at 16 without one", CHILDREN, household(person("16y", **_uninsured)), False),
    Read("a child of whom nobody knows", CHILDREN, household(person("10y", health_insured=None)), None),
    Read("born in a year in which some are 6", CHILDREN, household(person(born="2020", **_uninsured)), None),
    Read("born in a year in which some are 16", CHILDREN, household(person(born="2010", **_uninsured)), None),
    Read("a member is not on file", CHILDREN, household(person(), size=2), None),
    Read(
        "a child whose card is over in the register",
        CHILDREN,
        household(person("10y", cards=(card("2026-06", "2025-01-01", "2025-12-31"),), **_uninsured)),
        True,
    ),
    Read("internet without a digital service", DIGITAL, household(person(uses_digital_service=False)), True),
    Read("both", DIGITAL, household(person()), False),
    Read("a digital service without the internet", DIGITAL, household(person(uses_internet=False)), True),
    Read(
        "one of each in two members",
        DIGITAL,
        household(person(uses_internet=False), person(uses_digital_service=False)),
        True,
    ),
    Read("nobody said whether a digital service", DIGITAL, household(person(uses_digital_service=None)), None),
    Read("a member is not on file who may", DIGITAL, household(person(uses_digital_service=False), size=2), None),
    Read("one member is enough", DIGITAL, household(person(uses_internet=False), person()), False),
    Read("waste is collected", CAPACITY, household(), False),
    Read("waste is treated at home", CAPACITY, household(waste_disposal="treated_at_home"), False),
    Read("left untreated, capacity not asked", CAPACITY, household(waste_disposal="untreated"), None),
    Read("waste is blank", CAPACITY, household(waste_disposal=None), None),
    Read("two years old", CAPACITY, household(reviewed_on="2024-10-31"), False),
    Read("older than two years", CAPACITY, household(reviewed_on="2024-10-30"), None),
)
# The social pension began on 1 July 2025: before it nobody read the rule in another way.
WITHOUT = Read("the month before the pension began", PENSION, household(_pensioner, month="2025-06"), None)
SINCE = Read("the month in which it began", PENSION, household(_pensioner, month="2025-07"), False)
