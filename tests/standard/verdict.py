"""Whether the chain says of every household of the tables what the tables expect. No case and no mutant in here."""

from typing import Any

import pyarrow as pa

from standard.cases import CASES
from standard.chain import Chain
from standard.classes import ROWS
from standard.concerned import COMMUNES, Counts
from standard.households import Household
from standard.readings import ROWS as READ
from standard.readings import SINCE, WITHOUT

# One household per case, though both standards ask about it.
_OF_CASE = {id(case): f"{code} {case.kind}: {case.says}" for (_, code), cases in CASES.items() for case in cases}
HOUSEHOLDS: dict[str, Household] = {_OF_CASE[id(case)]: case.household for cases in CASES.values() for case in cases}
HOUSEHOLDS |= {f"class: {row.says}": row.household for row in ROWS}
HOUSEHOLDS |= {f"read: {row.says}": row.household for row in (*READ, SINCE, WITHOUT)}
HOUSEHOLDS |= {
    f"concerned: {commune.says} {number}": one
    for commune in COMMUNES
    for number, one in enumerate(commune.households, start=1)
}
CLASSES = {
    (f"class: {row.says}", standard): expected
    for row in ROWS
    for standard, expected in (("S2022", row.s2022), ("S2027", row.s2027))
}
# Of commune, standard and indicator.
CONCERNED = {
    (f"concerned: {commune.says}", standard, code): commune.of_members.get(code, commune.of_all)
    for commune in COMMUNES
    for standard, code in CASES
}
# Not counted in the seed: which of its readings are used is what is asked.
NOT_USED = {reading for row in (*READ, SINCE) for reading in row.readings}
STANDARDS = 2
INDICATORS = len(CASES)
ANSWER = """
    select expected_answer.*, household_indicator.deprived as said,
        concat_ws(' ', evidence_feed, coalesce(evidence_delivery, '-'), evidence_date) as rested_on,
        judged_value, unknown_because
    from expected_answer left join household_indicator using (household_key, standard_id, indicator_code)
    where said is distinct from expected_answer.deprived or rested_on <> coalesce("by", rested_on)
        or coalesce(judged, because) is not null
        and (judged_value is distinct from judged or unknown_because is distinct from because)
"""
# What else the models say of a household on the way to its class.
CLASSED = """
    select household_deprivation.*, review_valid_months, escape_window_months, children, malnourished_children,
        uninsured_children, unschooled_children, insurance_by_register, contradicts_form, card_group, has_expired,
        age_in_days
    from household_deprivation
    inner join int_period_in_scope using (period_month)
    left join (
        select household_key, children, malnourished_children, uninsured_children, unschooled_children
        from int_household_people
    ) using (household_key)
    left join (select household_key, insurance_by_register from household_condition) using (household_key)
    left join (
        select household_key, bool_or(register_contradicts_form) as contradicts_form,
            min(int_member_month.beneficiary_group) as card_group, min(has_expired_card::text) as has_expired
        from int_member_month left join int_card_month using (period_month, person_key)
        group by household_key
    ) using (household_key)
    left join (
        select household_key, standard_id, max(evidence_age_days) as age_in_days
        from household_indicator group by household_key, standard_id
    ) using (household_key, standard_id)
    where starts_with(household_key, 'class: ')
"""
# By each reading that is not used, where it holds, and by no other.
READINGS = (
    "select household_key, reading_id, deprived from household_reading where starts_with(household_key, 'read: ')"
)
SAID_CONCERNED = """
    select commune_code_then, standard_id, indicator_code, households_concerned, households_concerned_unknown,
        persons_concerned, persons_concerned_unknown
    from commune_concerned_tally
    where starts_with(commune_code_then, 'concerned: ')
"""
ROWS_OF_BOTH = """
    select
        (select count(*) from household_condition) = (select count(*) from int_review_month)
        and (select count(*) from household_indicator) = $indicators * (select count(*) from int_review_month)
        and (select count(*) from household_reading)
        = (
            select sum(case when period_month >= date '2025-07-01' then $readings else $readings_before end)
            from int_review_month
        )
        and (select count(*) from household_deprivation) = $standards * (
            select count(distinct household_key) from (
                select household_key from int_review_month union all select household_key from listed_household
            )
        )
"""


def told_chain() -> Chain:
    """A chain of all households that knows what is expected of them."""
    assert len(set(_OF_CASE.values())) == len(_OF_CASE), "two cases of one question say the same"
    assert len(CLASSES) == STANDARDS * len(ROWS), "two rows of the classes say the same"
    assert len(CONCERNED) == INDICATORS * len(COMMUNES), "two communes say the same"
    chain = Chain(HOUSEHOLDS)
    rows = [
        {"household_key": _OF_CASE[id(case)], "standard_id": standard, "indicator_code": code, "kind": case.kind}
        | {"deprived": case.deprived, "by": case.by, "judged": case.judged, "because": case.because}
        for (standard, code), cases in CASES.items()
        for case in cases
    ]
    names = ("household_key", "standard_id", "indicator_code", "kind", "by", "judged", "because")
    schema = pa.schema([*((name, pa.string()) for name in names), ("deprived", pa.bool_())])
    chain.engine.register("expected", pa.Table.from_pylist(rows, schema=schema))
    chain.engine.execute("create table expected_answer as from expected")
    return chain


def wrong_answers(chain: Chain, standard: str, code: str, kind: str) -> list[tuple[Any, ...]]:
    """The cases of an indicator and kind that are answered otherwise: what was expected, what is said."""
    found = chain.engine.execute(
        f"from ({ANSWER}) where standard_id = ? and indicator_code = ? and kind = ?", [standard, code, kind]
    )
    return found.fetchall()


def wrong_readings(chain: Chain) -> list[tuple[Any, ...]]:
    """The households that a reading answers otherwise: household, reading, expected, said."""
    said = {(key, reading): deprived for key, reading, deprived in chain.engine.execute(READINGS).fetchall()}
    return [
        (row.says, reading, row.deprived, said.get((f"read: {row.says}", reading), "nothing"))
        for row in (*READ, SINCE)
        for reading in row.readings
        if said.get((f"read: {row.says}", reading), "nothing") is not row.deprived
    ] + [(WITHOUT.says, reading) for reading in WITHOUT.readings if (f"read: {WITHOUT.says}", reading) in said]


def wrong_classes(chain: Chain, household_key: str) -> dict[str, Any]:
    """What household_deprivation says of a household beside what was expected, where the two differ."""
    rows = _classes(chain)
    return {
        f"{standard} {column}": (rows[household_key, standard][column], value)
        for (key, standard), expected in CLASSES.items()
        if key == household_key
        for column, value in expected.items()
        if rows[household_key, standard][column] != value
    }


def wrongly_concerned(chain: Chain, says: str) -> dict[tuple[str, str], tuple[Counts | None, Counts]]:
    """What the tally says of the indicators of a commune beside what was expected, where the two differ."""
    said = _concerned(chain)
    return {
        (standard, code): (said.get((commune, standard, code)), expected)
        for (commune, standard, code), expected in CONCERNED.items()
        if commune == f"concerned: {says}" and said.get((commune, standard, code)) != expected
    }


def holds(chain: Chain) -> bool:
    """Whether everything is as expected, and every household stands there once."""
    if chain.engine.execute(f"select 1 from ({ANSWER}) limit 1").fetchone():
        return False
    numbers = {
        "indicators": INDICATORS,
        "standards": STANDARDS,
        "readings": len(NOT_USED),
        "readings_before": len(NOT_USED - set(WITHOUT.readings)),
    }
    if chain.engine.execute(ROWS_OF_BOTH, numbers).fetchone() != (True,):
        return False
    if wrong_readings(chain):
        return False
    rows = _classes(chain)
    return _concerned(chain) == CONCERNED and all(
        key in rows and all(rows[key][column] == value for column, value in expected.items())
        for key, expected in CLASSES.items()
    )


def _concerned(chain: Chain) -> dict[tuple[str, str, str], Counts]:
    found = chain.engine.execute(SAID_CONCERNED).fetchall()
    return {(commune, standard, code): tuple(counts) for commune, standard, code, *counts in found}


def _classes(chain: Chain) -> dict[tuple[str, str], dict[str, Any]]:
    found = chain.engine.execute(CLASSED)
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {(row["household_key"], row["standard_id"]): row for row in rows}
