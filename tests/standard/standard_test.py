"""Every indicator of both standards and every class, against the law written by hand."""

import pytest

from standard import mutants, verdict
from standard.cases import CASES
from standard.chain import Chain
from standard.classes import ROWS
from standard.concerned import COMMUNES


@pytest.fixture(scope="module")
def chain() -> Chain:
    return verdict.told_chain()


@pytest.mark.definition("J3", "J9", "H1", "H2", "H3", "H4", "A1", "A2", "A3", "A4", "A5", "A6")
@pytest.mark.parametrize(
    ("standard", "code", "kind"),
    [(standard, code, kind) for standard, code in CASES for kind in ("deprived", "boundary", "not", "missing")],
)
def test_an_indicator_says_what_the_law_says(chain: Chain, standard: str, code: str, kind: str) -> None:
    assert any(case.kind == kind for case in CASES[standard, code])
    assert verdict.wrong_answers(chain, standard, code, kind) == []


@pytest.mark.definition("J4", "I1", "I2", "C2", "C3")
@pytest.mark.parametrize("says", [row.says for row in ROWS])
def test_a_household_is_classed_and_counted_as_the_law_says(chain: Chain, says: str) -> None:
    assert verdict.wrong_classes(chain, f"class: {says}") == {}


@pytest.mark.definition("J8")
def test_a_reading_that_is_not_used_is_answered_as_it_says(chain: Chain) -> None:
    assert verdict.wrong_readings(chain) == []


@pytest.mark.definition("J8")
def test_the_figures_follow_the_reading_that_is_used(chain: Chain) -> None:
    others = "from household_reading select household_key, standard_id, indicator_code, deprived"
    figures = "select household_key, standard_id, indicator_code, deprived from household_indicator"
    read_otherwise = (
        f"{figures} semi join (from reading where answer is not null) as rule "
        "on rule.standard_id = household_indicator.standard_id and subject = indicator_code "
        "and last_day(period_month) between valid_from and valid_to"
    )
    by_the_others = sorted(chain.engine.execute(others).fetchall(), key=str)
    before = sorted(chain.engine.execute(read_otherwise).fetchall(), key=str)

    with chain.changed("reading", "update reading set is_used = not is_used"):
        assert sorted(chain.engine.execute(read_otherwise).fetchall(), key=str) == by_the_others
        assert sorted(chain.engine.execute(others).fetchall(), key=str) == before


@pytest.mark.definition("M5")
@pytest.mark.parametrize("says", [commune.says for commune in COMMUNES])
def test_an_indicator_concerns_whom_the_law_asks_about(chain: Chain, says: str) -> None:
    assert verdict.wrongly_concerned(chain, says) == {}


def test_the_tables_ask_about_every_indicator_of_the_seed(chain: Chain) -> None:
    seed = chain.engine.execute("select standard_id, indicator_code from indicator").fetchall()

    assert sorted(seed) == sorted(CASES)
    assert verdict.holds(chain)


def test_no_change_of_the_sql_or_of_a_seed_goes_unnoticed(chain: Chain) -> None:
    # Every seventh; `python -m standard.mutants` tries them all.
    living = [one for one in mutants.living(chain, mutants.every(chain)[::7]) if not mutants.is_listed(one)]

    assert not living, "no case notices:\n" + "\n".join(
        f"{one.of}: {one.change} in {one.place[:150]}" for one in living
    )


def test_what_is_listed_as_no_change_is_one(chain: Chain) -> None:
    alive = mutants.living(chain, [one for one in mutants.every(chain) if mutants.is_listed(one)])

    assert [entry for entry in mutants.EQUIVALENT if not any(map(entry.matches, alive))] == []
