"""Every small change of the chain's SQL and seeds, and whether a case notices it. Run in tests/:

    ../.venv/bin/python -m standard.mutants [MODEL OR SEED ...]

A mutant dies when a household is answered otherwise or the SQL fails. One that no case can tell from the original is
listed in EQUIVALENT with its proof; an entry that matches no living mutant is an error, as is any other survivor. No
case is in here.
"""

import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from standard import verdict
from standard.chain import MODELS, Chain

ORDER = ("<", "<=", ">", ">=")
COMPARISONS = {
    **{operator: tuple(other for other in ORDER if other != operator) for operator in ORDER},
    "=": ("<>",),
    "<>": ("=",),
}
# Words that stand for each other, token by token.
SWAPPED = {
    "and": "or",
    "or": "and",
    "true": "false",
    "false": "true",
    "min": "max",
    "max": "min",
    "min_by": "max_by",
    "max_by": "min_by",
    "bool_or": "bool_and",
    "greatest": "least",
    "asc": "desc",
    "desc": "asc",
    # The other way round, rows without a partner would join nothing further down.
    "left": "inner",
    "+": "-",
    "-": "+",
    "*": "+",
    "//": "*",
}
TOKEN = re.compile(r"--[^\n]*|'[^']*'|\w+|<=|>=|<>|//|[^\s\w]")
DECIMAL = re.compile(r"decimal\(\d+, \d+\)")
BETWEEN = re.compile(r"([\w.]+) between ([\w.]+) and ([\w.]+)")
READINGS = ("_if_old", "_if_young")


@dataclass(frozen=True)
class Mutant:
    """One change; `of` is a model or seed, `change` says what became of what, `place` is its line or row."""

    of: str
    change: str
    place: str
    sql: str


@dataclass(frozen=True)
class Equivalent:
    """Mutants that no input can tell from the original. `place` is a pattern of the line or row."""

    of: str
    change: str
    place: str
    proof: str

    def matches(self, mutant: Mutant) -> bool:
        """Whether it speaks of this mutant."""
        return (
            re.fullmatch(self.of, mutant.of) is not None
            and re.fullmatch(self.change, mutant.change) is not None
            and re.search(self.place, mutant.place) is not None
        )


EQUIVALENT = (
    Equivalent(
        "int_rule_set|int_period_in_scope",
        "max -> min",
        r"bound\.bound = ",
        "One row of each bound is in force on a day, and of one value the greatest is the least.",
    ),
    Equivalent(
        "int_rule_set|int_period_in_scope",
        r"(period_)?in_scope\.period_end between bound.*> bound\.valid_from.*",
        "",
        "A bound holds from the first of a month and is asked for on the last of one: never the same day.",
    ),
    Equivalent(
        "commune_concerned_tally|form_person|household_deprivation|int_completed_house|int_household_count|"
        "int_period_in_scope",
        "and -> or",
        r"list_contains\(getvariable\('months'\)|commune_code in \(select scope\.commune_code",
        "All months and communes of the tables are in scope: builds of some are compared with builds of all.",
    ),
    Equivalent(
        "int_card_month",
        "and -> or|or -> and",
        r"and person_key in \(select on_file|or household_key in \(select household_in_scope",
        "Who is on a list alone is no member, and nobody asks about others: the unit test of the model does.",
    ),
    Equivalent(
        "int_card_month",
        "< -> <=",
        "is_valid and stated_in < register_month",
        "A valid card that is on the register makes insured before the other cards are asked about.",
    ),
    Equivalent(
        "int_member_month",
        "and -> or",
        r"and registration_key in \($",
        "Members of other months and registrations find no form to be joined with.",
    ),
    Equivalent(
        "household_indicator",
        "coalesce -> nullif|'unknown' -> 'no such word'",
        r"\|\| coalesce\(cast\((household_size|non_durable_parts_m..) as string",
        "The size of a household is always known, and so are the least and the greatest number of parts.",
    ),
    Equivalent(
        "int_completed_house",
        "desc -> asc|asc -> desc|is -> is not",
        r"^\d+: support_cases\.(head_person_key is null|period_month desc|funding_source asc)",
        "All files of a case of the tables name one head: the unit test of the model has another, and none.",
    ),
    Equivalent(
        "form_person",
        "= -> <>|desc -> asc|asc -> desc",
        r"period_month = on_form\.period_month|order by registration_person\.first_seen desc",
        "A person of a case is of one month and on one registration.",
    ),
    Equivalent(
        "form_person",
        "= -> <>|min -> max",
        "as stands_for_person",
        "Whose a house or a loan is, no model of the chain asks: the unit test of the model does.",
    ),
    Equivalent(
        "int_household_people",
        "0 -> -1",
        r"greatest\(count\(\*\) filter \(where is_dependant",
        "One less than none is no more than half of a household either.",
    ),
    Equivalent(
        "int_household_people",
        r"(\w+)_if_old -> \1_if_young",
        r"case when (\w+)_if_old = \1_if_young then \1_if_old end",
        "The value is taken only where the two are equal.",
    ),
    Equivalent(
        "household_indicator",
        "'.*' -> 'no such word'",
        "when '(dependants_without_pension|insurance_of_children|digital_services|waste_capacity)' then household_cond",
        "No reading that is used names it: `test_the_figures_follow_the_reading_that_is_used` has the others used.",
    ),
    Equivalent(
        "household_reading",
        "'.*' -> 'no such word'",
        r"when '(?!dependants_without|insurance_of_children|digital_services|waste_capacity)\w+' then household_",
        "No reading that is not used names it: the same test has them so.",
    ),
    Equivalent(
        "household_(indicator|reading)",
        r".* between reading\.valid_from and reading\.valid_to -> .*",
        "between reading",
        "No month ends on a first day, and no case is of the last day of a reading.",
    ),
    Equivalent(
        "household_indicator",
        "= -> <>",
        r"indicator\.standard_id = reading\.standard_id",
        "The readings in use answer the questions of both standards alike.",
    ),
    Equivalent(
        "household_(indicator|reading)|commune_concerned_tally",
        "= -> <>",
        r"(standard\.standard_id = indicator|household_\w+\.standard_id = standard)\.standard_id",
        "Both standards have one rule set, so either pairs an indicator with the same answers.",
    ),
    Equivalent(
        "education_level",
        r"rank -> rank \+ -?1",
        "none|upper_secondary|vocational|tertiary",
        "No bound and no level expected lies between the old rank and the new one.",
    ),
)


def of_sql(chain: Chain) -> Iterator[Mutant]:
    """Every change of one token of a model."""
    for model in MODELS:
        sql = chain.sql[model]
        for start, end, text in _changes(sql):
            line = sql[sql.rfind("\n", 0, start) + 1 : sql.find("\n", end)].strip()
            number = sql.count("\n", 0, start) + 1
            yield Mutant(model, f"{sql[start:end]} -> {text}", f"{number}: {line}", sql[:start] + text + sql[end:])


def _changes(sql: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, instead) of each."""
    kept = {match.start(3) - len("and ") for match in BETWEEN.finditer(sql)}
    kept |= {position for match in DECIMAL.finditer(sql) for position in range(*match.span())}
    tokens = [match for match in TOKEN.finditer(sql) if not match.group().startswith("--")]
    words = ["", *(match.group() for match in tokens), ""]
    for token, before, after in zip(tokens, words, words[2:], strict=False):
        if token.start() not in kept:
            for text in _instead(before, token.group(), after):
                yield *token.span(), text
    for match in BETWEEN.finditer(sql):
        value, low, high = match.groups()
        for text in (f"({value} > {low} and {value} <= {high})", f"({value} >= {low} and {value} < {high})"):
            yield *match.span(), text


def _instead(before: str, word: str, after: str) -> Iterator[str]:
    """What may stand in a word's place."""
    if word.isdigit():
        yield from (str(int(word) + 1), str(int(word) - 1))
    elif word.startswith("'") and before != "date":
        yield "'no such word'"
    elif word == "not":
        yield ""
    elif word == "is" and after == "null":
        yield "is not"
    elif word == "coalesce":
        yield "nullif"
    elif word in COMPARISONS:
        yield from COMPARISONS[word]
    elif word in SWAPPED and not (word == "*" and before in ("select", ".", "(")):
        yield SWAPPED[word]
    elif word.endswith(READINGS):
        old, young = READINGS
        yield word.removesuffix(old) + young if word.endswith(old) else word.removesuffix(young) + old


def of_seeds(chain: Chain) -> Iterator[Mutant]:
    """Every number, level and answer of the law moved by one."""
    for seed, keys, column, places in (
        ("bound", "rule_set bound valid_from", "value", "true"),
        ("income_line", "standard_id area_type", "line_vnd", "true"),
        ("income_line", "standard_id area_type", "score_cutoff", "score_cutoff is not null"),
        ("standard", "standard_id", "poor_from_count", "true"),
        ("standard", "standard_id", "average_income_pct", "average_income_pct is not null"),
        ("indicator", "standard_id indicator_code", "max_age_months", "true"),
        ("indicator", "standard_id indicator_code", "weight_legal", "true"),
        ("indicator", "standard_id indicator_code", "weight_nested", "true"),
        ("education_level", "level", "rank", "true"),
    ):
        for step in (1, -1):
            yield from _each_row(chain, seed, keys, places, column, f"{column} + {step}")
    for column, months in (("valid_from", 1), ("valid_to", -1)):
        moved = f"cast({column} + to_months({months}) as date)"
        yield from _each_row(chain, "bound", "rule_set bound valid_from", "bound like 'retirement%'", column, moved)
    for step in (1, -1):
        level = (
            f"(select level from education_level where rank = {step} + (select rank from education_level as expected "
        )
        level += "where expected.level = school_level_by_age.level))"
        yield from _each_row(chain, "school_level_by_age", "schooling_age", "true", "level", level)
    yield from _each_row(chain, "ethnic_groups", "code", "true", "is_minority", "not is_minority")
    yield from _each_row(chain, "form_answer", "question answer", "true", "is_deprived", "not is_deprived")
    yield from _each_row(chain, "house_status", "status", "true", "is_completed", "not is_completed")
    yield from _each_row(chain, "indicator", "standard_id indicator_code", "true", "predicate", "'no such question'")
    yield from _each_row(chain, "indicator", "standard_id indicator_code", "true", "form_feed", "'no such feed'")
    # Past the other feed: a tie leaves the order as it is. Questions that one feed answers have no order.
    asked = "predicate in ('insurance', 'house_quality', 'house_area') and priority > 0"
    past = "case priority when 1 then 3 else 0 end"
    yield from _each_row(chain, "reading", "reading_id", "answer is not null", "answer", "'no such question'")
    yield from _each_row(chain, "reading", "reading_id", "subject <> 'income'", "is_used", "not is_used")
    for column, months in (("valid_from", 1), ("valid_to", -150)):
        moved = f"cast({column} + to_months({months}) as date)"
        yield from _each_row(chain, "reading", "reading_id", "subject = 'EMP_DEP' and not is_used", column, moved)
    yield from _each_row(chain, "evidence_order", "predicate feed", asked, "priority", past)


def _each_row(chain: Chain, seed: str, keys: str, where: str, column: str, value: str) -> Iterator[Mutant]:
    names = keys.split()
    for row in chain.engine.execute(f"select {', '.join(names)} from {seed} where {where}").fetchall():
        this = " and ".join(f"{name} = '{key}'" for name, key in zip(names, row, strict=True))
        statement = f"update {seed} set {column} = {value} where {this} and {where}"
        yield Mutant(seed, f"{column} -> {value}", " ".join(map(str, row)), statement)


def survives(chain: Chain, mutant: Mutant) -> bool:
    """Whether every household is still answered as the tables expect."""
    try:
        with chain.changed(mutant.of, mutant.sql):
            return verdict.holds(chain)
    except duckdb.Error:
        return False


def living(chain: Chain, mutants: list[Mutant]) -> list[Mutant]:
    """Those that no case notices."""
    assert verdict.holds(chain), "the original itself is not as the tables expect"
    return [mutant for mutant in mutants if survives(chain, mutant)]


def is_listed(mutant: Mutant) -> bool:
    """Whether somebody proved that it is no change."""
    return any(entry.matches(mutant) for entry in EQUIVALENT)


def every(chain: Chain) -> list[Mutant]:
    """All mutants, in the order of the chain."""
    return list(itertools.chain(of_sql(chain), of_seeds(chain)))


def main() -> None:
    """Print what died and what lives, by model and seed; fail on a survivor that is not listed."""
    chain = verdict.told_chain()
    only = set(sys.argv[1:])
    mutants = [mutant for mutant in every(chain) if not only or mutant.of in only]
    alive = living(chain, mutants)
    made, equal = Counter(mutant.of for mutant in mutants), Counter(mutant.of for mutant in alive if is_listed(mutant))
    survivors = [mutant for mutant in alive if not is_listed(mutant)]
    lived = Counter(mutant.of for mutant in survivors)
    for name, count in (dict(made) | {"all": made.total()}).items():
        of_these = (equal.total(), lived.total()) if name == "all" else (equal[name], lived[name])
        print(f"{name}: {count - sum(of_these)} killed, {of_these[0]} equivalent, {of_these[1]} survived")  # noqa: T201
    for mutant in survivors:
        print(f"SURVIVED {mutant.of} {mutant.change} | {mutant.place}")  # noqa: T201
    idle = [entry for entry in EQUIVALENT if not only and not any(map(entry.matches, alive))]
    for entry in idle:
        print(f"MATCHES NO SURVIVOR {entry.of} {entry.change} | {entry.place}")  # noqa: T201
    sys.exit(bool(survivors or idle))


if __name__ == "__main__":
    main()
