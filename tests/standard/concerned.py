"""Whom the questions concern, as a table: households of a commune, and of whom each question asks there.

The ages stand in the text of the decree above the cases of each indicator. Each number was written by hand; nothing in
here is computed by what it tests.
"""

from dataclasses import dataclass, replace

from standard.cases import EARLIER
from standard.households import Household, household, listed_alone, person

# Households concerned and perhaps concerned, persons concerned and perhaps concerned.
Counts = tuple[int, int, int, int]
NOBODY: Counts = (0, 0, 0, 0)
ONE: Counts = (1, 0, 1, 0)
PERHAPS: Counts = (0, 1, 0, 1)


@dataclass(frozen=True)
class Commune:
    """Households, and whom each question about members concerns; `of_all` are the other questions."""

    says: str
    households: tuple[Household, ...]
    of_all: Counts
    of_members: dict[str, Counts]


def commune(
    says: str,
    *households: Household,
    of_all: Counts,
    job: Counts = NOBODY,
    nutrition: Counts = NOBODY,
    insurance: Counts = NOBODY,
    adults: Counts = NOBODY,
    children: Counts = NOBODY,
) -> Commune:
    """A commune in which a question that is not named concerns nobody."""
    of_members = {
        "EMP_JOB": job,
        "HLT_NUT": nutrition,
        "HLT_INS": insurance,
        "EDU_ADULT": adults,
        "EDU_CHILD": children,
    }
    return Commune(says, tuple(_placed(one, f"concerned: {says}") for one in households), of_all, of_members)


def _placed(of: Household, commune_code_then: str) -> Household:
    if of.form is None:
        return replace(of, listed=(of.listed or {}) | {"commune_code_then": commune_code_then})
    return replace(of, form=of.form | {"commune_code_then": commune_code_then})


COUPLE = (person(), person(sex="female", relation="spouse"))
COMMUNES = [
    commune(
        "a childless couple of 40",
        household(*COUPLE),
        of_all=(1, 0, 2, 0),
        job=(1, 0, 2, 0),
        insurance=(1, 0, 2, 0),
    ),
    commune(
        "a couple and a child a month before 3",
        household(*COUPLE, person("2y11m")),
        of_all=(1, 0, 3, 0),
        job=(1, 0, 2, 0),
        nutrition=ONE,
        insurance=(1, 0, 2, 0),
    ),
    commune(
        "a couple and a child of 3",
        household(*COUPLE, person("3y")),
        of_all=(1, 0, 3, 0),
        job=(1, 0, 2, 0),
        nutrition=ONE,
        insurance=(1, 0, 2, 0),
        children=ONE,
    ),
    commune("a month before 6", household(person("5y11m")), of_all=ONE, nutrition=ONE, children=ONE),
    commune("6 years", household(person("6y")), of_all=ONE, nutrition=ONE, insurance=ONE, children=ONE),
    commune("a month before 15", household(person("14y11m")), of_all=ONE, nutrition=ONE, insurance=ONE, children=ONE),
    commune("15 years", household(person("15y")), of_all=ONE, job=ONE, nutrition=ONE, insurance=ONE, children=ONE),
    commune(
        "a month before 16",
        household(person("15y11m")),
        of_all=ONE,
        job=ONE,
        nutrition=ONE,
        insurance=ONE,
        children=ONE,
    ),
    commune("16 years", household(person("16y")), of_all=ONE, job=ONE, insurance=ONE, adults=ONE),
    commune("a month before 31", household(person("30y11m")), of_all=ONE, job=ONE, insurance=ONE, adults=ONE),
    commune("31 years", household(person("31y")), of_all=ONE, job=ONE, insurance=ONE),
    commune("a man a month before he retires", household(person("61y5m")), of_all=ONE, job=ONE, insurance=ONE),
    commune("a man who retires", household(person("61y6m")), of_all=ONE, insurance=ONE),
    commune("a woman who retires", household(person("57y", sex="female")), of_all=ONE, insurance=ONE),
    commune(
        "60 years, sex not said: a woman retires",
        household(person("60y", sex=None)),
        of_all=ONE,
        job=PERHAPS,
        insurance=ONE,
    ),
    commune("cannot work", household(person(can_work=False)), of_all=ONE, insurance=ONE),
    commune("can work and does not want to", household(person(wants_work=False)), of_all=ONE, job=ONE, insurance=ONE),
    commune("whether able is not said", household(person(can_work=None)), of_all=ONE, job=PERHAPS, insurance=ONE),
    commune(
        "whether able is not said, but retired", household(person("70y", can_work=None)), of_all=ONE, insurance=ONE
    ),
    commune(
        "born in 2023: 2 or 3",
        household(person(born="2023")),
        of_all=ONE,
        nutrition=ONE,
        children=PERHAPS,
    ),
    commune(
        "born in 2020: 5 or 6",
        household(person(born="2020")),
        of_all=ONE,
        nutrition=ONE,
        insurance=PERHAPS,
        children=ONE,
    ),
    commune(
        "born in 2011: 14 or 15",
        household(person(born="2011")),
        of_all=ONE,
        job=PERHAPS,
        nutrition=ONE,
        insurance=ONE,
        children=ONE,
    ),
    commune(
        "born in 2010: 15 or 16",
        household(person(born="2010")),
        of_all=ONE,
        job=ONE,
        nutrition=PERHAPS,
        insurance=ONE,
        adults=PERHAPS,
        children=PERHAPS,
    ),
    commune(
        "born in 1995: 30 or 31",
        household(person(born="1995")),
        of_all=ONE,
        job=ONE,
        insurance=ONE,
        adults=PERHAPS,
    ),
    commune(
        "one who is 15 or 16 beside a child of 8 and an adult of 20: they are concerned whoever else is",
        household(person("20y"), person("8y"), person(born="2010")),
        of_all=(1, 0, 3, 0),
        job=(1, 0, 2, 0),
        nutrition=(1, 0, 1, 1),
        insurance=(1, 0, 3, 0),
        adults=(1, 0, 1, 1),
        children=(1, 0, 1, 1),
    ),
    commune(
        "a man of 40, and two members of whom no row was sent",
        household(person(), size=3),
        of_all=(1, 0, 3, 0),
        job=(1, 0, 1, 2),
        nutrition=(0, 1, 0, 2),
        insurance=(1, 0, 1, 2),
        adults=(0, 1, 0, 2),
        children=(0, 1, 0, 2),
    ),
    commune(
        "no member is on file",
        household(size=2, on_file=False),
        of_all=(1, 0, 2, 0),
        job=(0, 1, 0, 2),
        nutrition=(0, 1, 0, 2),
        insurance=(0, 1, 0, 2),
        adults=(0, 1, 0, 2),
        children=(0, 1, 0, 2),
    ),
    commune(
        "a man of 40 and a child of 8, of whom the form counts one",
        household(person(), person("8y"), size=1),
        of_all=ONE,
        job=ONE,
        nutrition=ONE,
        insurance=(1, 0, 2, 0),
        children=ONE,
    ),
    commune(
        "three born in 2010, of whom the form counts one",
        household(person(born="2010"), person(born="2010"), person(born="2010"), size=1),
        of_all=ONE,
        job=(1, 0, 3, 0),
        nutrition=(0, 1, 0, 3),
        insurance=(1, 0, 3, 0),
        adults=(0, 1, 0, 3),
        children=(0, 1, 0, 3),
    ),
    commune(
        "said too long ago to be evidence",
        household(person("8y"), **EARLIER),
        of_all=ONE,
        nutrition=ONE,
        insurance=ONE,
        children=ONE,
    ),
    commune(
        "a couple, a mother of two, one who is perhaps a child, and a family that is on the list alone",
        household(*COUPLE),
        household(person("40y", sex="female"), person("8y"), person("9y")),
        household(person(born="2010")),
        listed_alone(is_recognised=True, legal_class="poor", listed_persons=5),
        of_all=(3, 0, 6, 0),
        job=(3, 0, 4, 0),
        nutrition=(1, 1, 2, 1),
        insurance=(3, 0, 6, 0),
        adults=(0, 1, 0, 1),
        children=(1, 1, 2, 1),
    ),
]
