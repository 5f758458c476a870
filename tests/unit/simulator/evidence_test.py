"""What the registers allow to know of a person's insurance, and the truth as of the evidence's date."""

import datetime
from pathlib import Path

import duckdb
import numpy as np
import pytest

from sources.simulator import simulate
from sources.simulator.delivery import Rows, maybe_day
from sources.simulator.knowledge import Registers
from sources.simulator.months import first_day, last_day

OCTOBER = 2026 * 12 + 9
YES, NO, UNKNOWN = 1, 0, -1
ME, NO_NUMBER = 7, -1
JANUARY, DECEMBER = OCTOBER - 9, OCTOBER + 2
# (card, valid to the end of this month, quarantined)
RUNS, OVER, BROKEN = ("A", DECEMBER, False), ("A", OCTOBER - 1, False), ("A", DECEMBER, True)


def register(registers: Registers, month: int, cards: list[tuple[str, int, bool]], bearer: int = ME) -> None:
    """A register of these cards, and of somebody else's."""
    rows = [(bearer, *card) for card in cards] + [(99, "Z", DECEMBER, False)]
    registers.open(month)
    heard = Rows(
        {
            "card_number": [card for _, card, _, _ in rows],
            "valid_from": maybe_day(np.full(len(rows), first_day(JANUARY)), np.ones(len(rows), bool)),
            "valid_to": maybe_day(last_day([until for _, _, until, _ in rows]), np.ones(len(rows), bool)),
        },
        person=np.array([person for person, _, _, _ in rows]),
        household=np.zeros(len(rows), dtype=np.int64),
        commune=np.zeros(len(rows), dtype=np.int16),
    )
    heard.lost[:] = [broken for _, _, _, broken in rows]
    registers.hear(heard)


def known(registers: Registers, declared: int, reviewed: int, bearer: int = ME) -> int:
    answer, _ = registers.insured(
        np.array([bearer]), np.array([declared], np.int8), last_day([reviewed]).astype(float), OCTOBER
    )
    return int(answer[0])


@pytest.mark.parametrize(
    ("september", "october", "declared", "expected"),
    [
        ([], [RUNS], NO, YES),
        ([], [OVER], YES, NO),
        ([], [], NO, NO),
        ([], [], UNKNOWN, NO),
        ([], [], YES, UNKNOWN),
        ([RUNS], [], NO, UNKNOWN),
        ([OVER], [], YES, NO),
        ([], [BROKEN], NO, UNKNOWN),
        ([], [OVER, BROKEN], NO, UNKNOWN),
        ([BROKEN], [], NO, UNKNOWN),
        ([BROKEN], [OVER], NO, NO),
        ([BROKEN, OVER], [], YES, NO),
        ([RUNS], [OVER], YES, NO),
        ([("B", DECEMBER, False)], [OVER], NO, UNKNOWN),
        ([("B", DECEMBER, False)], [RUNS], NO, YES),
    ],
)
def test_a_register_of_the_month_says_no_only_where_every_card_is_over(
    september: list, october: list, declared: int, expected: int
) -> None:
    registers = Registers()
    register(registers, OCTOBER - 1, september)
    register(registers, OCTOBER, october)

    assert known(registers, declared, JANUARY) == expected


@pytest.mark.parametrize(
    ("september", "declared", "reviewed", "expected"),
    [
        ([RUNS], NO, OCTOBER, YES),
        ([OVER], YES, JANUARY, UNKNOWN),
        ([OVER], NO, OCTOBER, NO),
        ([], YES, JANUARY, UNKNOWN),
        ([], YES, OCTOBER - 1, UNKNOWN),
        ([], YES, OCTOBER, YES),
        ([], UNKNOWN, OCTOBER, UNKNOWN),
    ],
)
def test_a_silent_register_makes_nobody_insured_or_uninsured(
    september: list, declared: int, reviewed: int, expected: int
) -> None:
    registers = Registers()
    register(registers, OCTOBER - 1, september)

    assert known(registers, declared, reviewed) == expected


def test_without_a_register_or_a_number_the_declaration_speaks() -> None:
    registers = Registers()
    assert known(registers, YES, JANUARY) == YES

    register(registers, OCTOBER, [RUNS])
    assert known(registers, NO, JANUARY, bearer=NO_NUMBER) == NO


def test_a_mistyped_number_proves_nothing() -> None:
    registers = Registers()
    register(registers, OCTOBER, [RUNS], bearer=1234)

    assert known(registers, YES, JANUARY) == UNKNOWN


def test_what_silence_leaves_known_was_true_when_the_evidence_spoke(tmp_path: Path) -> None:
    months = [datetime.date(2026, 8 + later, 1) for later in range(5)]
    simulate(months, 0.002, 2, tmp_path / "out", review_share=0.5, silence=3, truth=tmp_path)

    answers = duckdb.sql(f"""
        select count(*) filter (where expected <> deprived_at_evidence and indicator_code <> 'HLT_INS') as wrong,
            count(*) filter (where expected <> deprived) as stale,
            count(*) filter (where expected = deprived_at_evidence) as right
        from '{tmp_path}/household_truth.parquet'
    """).fetchone()
    assert answers is not None
    wrong, stale, right = answers
    assert wrong == 0
    assert stale > 0
    assert right > 10_000


def test_every_row_names_what_is_wrong_with_it(tmp_path: Path) -> None:
    simulate([datetime.date(2026, 9, 1)], 0.002, 2, tmp_path / "out", dirt=1, faults=3, truth=tmp_path)

    named = duckdb.sql(f"""
        select distinct feed, unnest(string_split(faults, '; ')) from '{tmp_path}/person_truth.parquet'
    """).fetchall()
    assert {
        ("cards", "number with a digit mistyped"), ("cards", "commune of another place"),
        ("household_members", "birth year alone"), ("loans", "number of 9 digits"), ("poverty_list", "name joined"),
        ("household_members", "number unusable in this file"),
    } <= set(named)  # fmt: skip
