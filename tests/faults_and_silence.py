"""Run by hand: a year across January 2027 with faults that last and senders that fall silent, beside the truth.

    cd tests; ../.venv/bin/python -m faults_and_silence [--scale 0.01] [--months 2026-05:2027-04] [--seed 50]

An answer is right that is true of the month, stale that was true when its evidence spoke, and wrong otherwise. A wrong
answer breaks a rule, unless the deliveries themselves say it; then the fault behind it must be one of UNSEEN. No bound
of an area may leave out the truth as of the evidence's date. Exits with 1 where one of these fails. `pipeline` keeps a
small version as a test. Not here: forms and the legal basis.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
from pipeline.conftest import Warehouse, built

# Faults that no warehouse can see behind an answer, the one that explains it first.
UNSEEN = [
    "number of another member",
    "number with a digit mistyped",
    "number with two digits exchanged",
    "number missing",
    "number of 9 digits",
    "insurance declared wrongly",
    "birth year off by one",
    "birth day and month exchanged",
    "sex",
    "birth on 1 January in this file",
    "number unusable in this file",
]
# Which department can mislead about what, by which kinds of fault.
BEHIND = [
    ("HLT_INS", "labour", ["number", "insurance", "birth"]),
    ("HLT_INS", "health_insurance", ["number"]),
    ("HOU_QUAL", "labour", ["number"]),
    ("HOU_QUAL", "housing", ["number"]),
    ("HOU_AREA", "labour", ["number"]),
    ("HOU_AREA", "housing", ["number"]),
    ("EMP_JOB", "labour", ["birth", "sex"]),
    ("EMP_DEP", "labour", ["birth"]),
    ("HLT_NUT", "labour", ["birth"]),
    ("EDU_ADULT", "labour", ["birth"]),
    ("EDU_CHILD", "labour", ["birth"]),
]
CELLS = """
    create temp table cells as
    with published as (
        select period_month, commune_code, review_year, household_code, standard_id, indicator_code, deprived,
            evidence_feed, evidence_age_days, household_size, is_minority, head_sex
        from facts.household_indicator
        inner join facts.household_deprivation using (period_month, household_key, standard_id)
        where review_year is not null
    )
    select period_month, commune_code, review_year, household_code, standard_id, indicator_code,
        published.deprived as published, evidence_feed, evidence_age_days, truth.expected,
        coalesce(member_count, household_size) as size, is_minority, head_sex,
        truth.deprived as now, truth.deprived_at_evidence as then,
        case
            when published.commune_code is null then 'household missing'
            when truth.commune_code is null then 'household too many'
            when published.deprived is null then 'unknown'
            when published.deprived = truth.deprived then 'right'
            when published.deprived = truth.deprived_at_evidence then 'stale'
            when published.deprived is not distinct from truth.expected then 'unseen'
            else 'wrong'
        end as verdict,
        -- A cell that is right, though another than the rule's evidence says so, is held to the month.
        case
            when verdict in ('right', 'unseen', 'household too many') then published.deprived
            else truth.deprived_at_evidence
        end as reference,
        cast(null as text) as reason
    from published
    full join truth using (period_month, commune_code, review_year, household_code, standard_id, indicator_code)
"""
PLACE = "concat_ws(' ', strftime(period_month, '%Y-%m'), commune_code, review_year, household_code)"
# Every fault of whoever stands on a form, in rows of any department up to the month.
FAULTS = """
    create temp table faults as
    with member as (
        select distinct year(period_month) as review_year, split_part(row_key, '|', 2) as commune_code,
            split_part(row_key, '|', 1) as household_code, person_id
        from person_truth where feed = 'household_members'
    )
    select distinct member.review_year, member.commune_code, member.household_code, person_truth.period_month,
        person_truth.department, unnest(string_split(person_truth.faults, '; ')) as fault
    from member inner join person_truth using (person_id)
    where person_truth.faults is not null
"""
EXPLAINED = """
    create temp table explained as
    select cells.*, first(fault order by list_position($unseen, fault), department) as fault,
        first(department order by list_position($unseen, fault), department) as department
    from cells
    left join faults
        on cells.commune_code = faults.commune_code and cells.review_year = faults.review_year
            and cells.household_code = faults.household_code and faults.period_month <= cells.period_month
            and list_contains($unseen, faults.fault)
            and list_contains($behind, concat_ws(' ', indicator_code, department, split_part(fault, ' ', 1)))
    where cells.verdict = 'unseen'
    group by all
"""
# Why a family can stand on two forms: nobody has said who stands on one of them, somebody's row of the newer one cannot
# be read, or somebody has another number there, or none, and no name that says so.
DOUBLED = """
    create temp table doubled as
    with stated as (
        select feed, period_month, person_id, coalesce(faults, '') as faults,
            concat_ws(' ', year(period_month), split_part(row_key, '|', 2), split_part(row_key, '|', 1)) as form
        from person_truth where feed in ('household_review', 'household_members')
    ),
    too_many as (
        select distinct period_month, concat_ws(' ', review_year, commune_code, household_code) as form
        from cells where verdict = 'household too many'
    ),
    -- What the newest rows before a month's end say of whoever stands on the form.
    told as (
        select too_many.period_month, too_many.form, older.person_id,
            arg_max(older.faults, older.period_month) as faults_there,
            arg_max(newer.faults, (newer.period_month, newer.form)) as faults_here
        from too_many
        inner join stated as older
            on too_many.form = older.form and older.feed = 'household_members'
                and older.period_month <= too_many.period_month
        left join stated as newer
            on older.person_id = newer.person_id and newer.form <> older.form
                and newer.feed = 'household_members'
                and newer.period_month between older.period_month and too_many.period_month
        group by all
    )
    select too_many.period_month, too_many.form,
        case
            when count(told.person_id) = 0 then 'no member rows of the older form'
            when count(told.faults_here) = 0 then 'no member rows of the newer form yet'
            when bool_or(contains(told.faults_here, 'unreadable')) then 'a row of the newer form cannot be read'
            when bool_or(regexp_matches(concat_ws(' ', told.faults_there, told.faults_here), 'number|name'))
                then 'another number or name on the newer form'
        end as reason
    from too_many
    left join told using (period_month, form)
    group by all
"""
EXPLAIN_DOUBLED = """
    update cells set reason = doubled.reason from doubled
    where cells.period_month = doubled.period_month and verdict = 'household too many'
        and concat_ws(' ', review_year, commune_code, household_code) = doubled.form
"""
# A score is in thirty-sixths, k in twelfths. Whom a group takes in is as published.
SCORED = """
    create temp table scored as
    with household as (
        select period_month, commune_code, review_year, household_code, standard_id, any_value(size) as size,
            case any_value(is_minority) when true then 'minority' when false then 'kinh' else 'unknown' end
                as ethnicity,
            coalesce(any_value(head_sex), 'unknown') as head_sex,
            coalesce(sum(weight_legal) filter (where reference), 0) as legal,
            coalesce(sum(weight_nested) filter (where reference), 0) as nested
        from cells inner join marts.dim_indicator using (standard_id, indicator_code)
        where verdict <> 'household too many' or reason is not null
        group by all
    ),
    weighted as (
        select *, unnest([
            {'weights': 'legal', 'score': legal}, {'weights': 'nested', 'score': nested}
        ], recursive := true) from household
    )
    select *, unnest([{'unit': 'household', 'units': 1}, {'unit': 'person', 'units': size}], recursive := true)
    from weighted
"""
# True shares of an area beside its published bounds.
TRUE_MEASURE = """
    select * exclude (units, score),
        coalesce(sum(units) filter (where score >= 3 * k), 0) / sum(units) as headcount,
        coalesce(sum(units * score) filter (where score >= 3 * k), 0) / (36 * sum(units)) as adjusted
"""
LEFT_OUT = """
    count(*) as bounds,
    count(*) filter (
        where headcount not between headcount_ratio_min - 1e-12 and headcount_ratio_max + 1e-12
            or adjusted not between adjusted_headcount_min - 1e-12 and adjusted_headcount_max + 1e-12
    ) as outside,
    count(*) filter (where headcount_ratio_max is null) as without_bounds
"""
OUTSIDE = f"""
    with area as (
        select period_month, standard_id, unit, weights, units, score, unnest([
            {{'area_level': 'city', 'area_code': '92'}},
            {{'area_level': 'former_province', 'area_code': former_province_code}},
            {{'area_level': 'commune', 'area_code': commune_code}}
        ], recursive := true)
        from scored inner join marts.dim_commune using (commune_code)
    ),
    true_measure as (
        {TRUE_MEASURE}
        from area cross join (select unnest(range(1, 13)) as k)
        group by all
    )
    select 'area_mpi ' || area_level, {LEFT_OUT}
    from true_measure
    left join marts.area_mpi using (period_month, area_level, area_code, standard_id, unit, weights, k)
    group by all order by all
"""
OUTSIDE_OF_GROUP = f"""
    with grouped as (
        select period_month, standard_id, unit, weights, units, score, 3 as k, unnest([
            {{'group_kind': 'ethnicity', 'group_code': ethnicity}}, {{'group_kind': 'head_sex', 'group_code': head_sex}}
        ], recursive := true)
        from scored
    ),
    true_measure as ({TRUE_MEASURE} from grouped group by all)
    select 'area_mpi_group ' || group_kind, {LEFT_OUT}
    from true_measure
    left join (from marts.area_mpi_group where area_level = 'city')
        using (period_month, standard_id, unit, weights, group_kind, group_code)
    group by all order by all
"""
OUTSIDE_OF_INDICATOR = """
    with true_share as (
        select period_month, standard_id, indicator_code,
            sum(coalesce(reference, false)::int * size) / sum(size) as of_persons,
            avg(coalesce(reference, false)::int) as of_households
        from cells where verdict <> 'household too many' or reason is not null group by all
    )
    select 'area_indicator city', count(*) as bounds,
        count(*) filter (
            where case unit when 'person' then of_persons else of_households end
                not between uncensored_headcount - 1e-12 and uncensored_headcount + unknown_share + 1e-12
        ) as outside,
        count(*) filter (where uncensored_headcount is null) as without_bounds
    from true_share
    inner join marts.area_indicator using (period_month, standard_id, indicator_code)
    where area_level = 'city' and k = 1
"""


@dataclass(frozen=True)
class Judgement:
    """Tables of what is published beside the truth; each a list of rows."""

    verdicts: list[tuple]
    outside: list[tuple]
    unseen: list[tuple]
    wrong: list[tuple]
    households: list[tuple]
    stale: list[tuple]
    otherwise: list[tuple]

    @property
    def holds(self) -> bool:
        """No bound leaves out the truth, and no answer is wrong without a fault that nobody can see."""
        outside = sum(outside + without for _, _, outside, without in self.outside)
        return not (self.wrong or outside or self.unexplained)

    @property
    def unexplained(self) -> list[tuple]:
        """Wrong answers of the deliveries and wrong households that no fault or silence explains."""
        return [row for row in self.unseen if row[0] is None] + [row for row in self.households if row[1] is None]

    def printed(self) -> str:
        """All tables, in columns divided by tabs."""
        return "\n".join(
            [
                _table("Answers", "verdict | cells", self.verdicts),
                _table(
                    "Bounds and the truth as of the evidence's date", "of | bounds | outside | without", self.outside
                ),
                _table(
                    "Wrong answers",
                    "indicator | evidence | published | allowed | cells | households | for instance",
                    self.wrong,
                ),
                _table(
                    "Households missing or too many",
                    "kind | reason | by month | households | for instance",
                    self.households,
                ),
                _table(
                    "Wrong, as the deliveries are", "fault | department | indicator | cells | households", self.unseen
                ),
                _table(
                    "Stale: true when the evidence spoke",
                    "indicator | feed | untrue by now | household gone | known cells | median age in days",
                    self.stale,
                ),
                _table(
                    "Other than the rules allow",
                    "indicator | published | allowed | cells | for instance",
                    self.otherwise,
                ),
            ]
        )


def judged(made: Warehouse) -> Judgement:
    """What is published beside the truth its deliveries were simulated from."""
    with duckdb.connect(str(made.version / "restricted.duckdb"), read_only=True) as engine:
        engine.execute(f"create temp view truth as from '{made.truth}/household_truth.parquet'")
        engine.execute(f"create temp view person_truth as from '{made.truth}/person_truth.parquet'")
        engine.execute(CELLS)
        engine.execute(DOUBLED)
        engine.execute(EXPLAIN_DOUBLED)
        engine.execute(SCORED)
        engine.execute(FAULTS)
        behind = [f"{indicator} {department} {kind}" for indicator, department, kinds in BEHIND for kind in kinds]
        engine.execute(EXPLAINED, {"unseen": UNSEEN, "behind": behind})

        def rows(query: str) -> list[tuple]:
            return engine.execute(query).fetchall()

        return Judgement(
            verdicts=rows("select verdict, count(*) from cells group by all order by 2 desc"),
            outside=rows(OUTSIDE) + rows(OUTSIDE_OF_GROUP) + rows(OUTSIDE_OF_INDICATOR),
            unseen=rows(
                """
                select fault, department, indicator_code, count(*),
                    count(distinct (commune_code, review_year, household_code))
                from explained group by all order by 4 desc
                """
            ),
            wrong=rows(
                f"""
                select indicator_code, evidence_feed, published, expected, count(*),
                    count(distinct (commune_code, review_year, household_code)), min({PLACE})
                from cells where verdict = 'wrong' group by all order by 5 desc
                """
            ),
            households=rows(
                f"""
                select verdict, reason, count(distinct (period_month, commune_code, review_year, household_code)),
                    count(distinct (commune_code, review_year, household_code)), min({PLACE})
                from cells where starts_with(verdict, 'household ') group by all order by all
                """
            ),
            stale=rows(
                """
                select indicator_code, evidence_feed, count(*) filter (where verdict = 'stale' and now is not null),
                    count(*) filter (where verdict = 'stale' and now is null), count(*),
                    median(evidence_age_days) filter (where verdict = 'stale')
                from cells where published is not null
                group by all having count(*) filter (where verdict = 'stale') > 0 order by 1, 2
                """
            ),
            otherwise=rows(
                f"""
                select indicator_code, published, expected, count(*), min({PLACE})
                from cells
                where published is distinct from expected and not starts_with(verdict, 'household ')
                group by all order by 4 desc
                """
            ),
        )


def _table(heading: str, columns: str, rows: list[tuple]) -> str:
    lines = ["\t".join("-" if cell is None else str(cell) for cell in row) for row in rows]
    return "\n".join([heading, columns.replace(" | ", "\t"), *lines, ""])


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--scale", default="0.01")
    asked.add_argument("--months", default="2026-05:2027-04")
    asked.add_argument("--seed", default="50")
    words = asked.parse_args()
    simulated = ["--months", words.months, "--scale", words.scale, "--seed", words.seed]
    with tempfile.TemporaryDirectory() as folder:
        home = built(Path(folder), [*simulated, "--dirt", "1", "--faults", "1", "--silence", "1"])
        said = judged(home)
    print(said.printed())  # noqa: T201 - run by hand
    sys.exit(0 if said.holds else 1)


if __name__ == "__main__":
    main()
