"""Rules of docs/definitions.md, each tested on what is published; the mark says which."""

import csv
import itertools
import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from pipeline.conftest import Warehouse

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
DATED = {
    "bound": ["rule_set", "bound"], "commune_area_type": ["commune_code"], "disclosure_rule": [],
    "evidence_order": ["predicate", "feed"], "standard": [],
}  # fmt: skip


@pytest.mark.definition("U1", "C1")
def test_reviewed_households_are_those_with_a_review_in_force_and_have_one_class_each(warehouse: Warehouse) -> None:
    wrong = warehouse.restricted(
        """
        with judged as (
            select period_month, standard_id, computed_class, count(*) as households
            from facts.household_deprivation where is_reviewed group by all
        ),
        counted as (
            unpivot (
                select period_month, standard_id, poor_households as poor, near_poor_households as near_poor,
                    average_households as average, other_households as other,
                    undetermined_households as undetermined
                from marts.area_poverty where area_level = 'city' and basis = 'computed'
            ) on poor, near_poor, average, other, undetermined into name computed_class value households
        )
        select * from counted full join judged using (period_month, standard_id, computed_class)
        where coalesce(counted.households, 0) <> coalesce(judged.households, 0)
        union all
        select period_month, standard_id, 'all', reviewed_households, total from marts.area_poverty
        inner join (select period_month, standard_id, sum(households) as total from judged group by all)
            using (period_month, standard_id)
        where area_level = 'city' and reviewed_households <> total
        """
    )

    assert wrong == []


@pytest.mark.definition("U3", "U4")
def test_every_commune_has_its_rows_in_every_month(warehouse: Warehouse) -> None:
    """Months without a gap, and 103 communes in each."""
    found = warehouse.restricted(
        "select strftime(period_month, '%Y-%m'), standard_id, basis, count(*) from marts.area_poverty "
        "where area_level = 'commune' group by all order by all"
    )

    assert found == [
        (month, standard, basis, 103)
        for month in ("2026-09", "2026-10")
        for standard, basis in (("S2022", "computed"), ("S2022", "legal"), ("S2027", "computed"))
    ]


@pytest.mark.definition("J1")
def test_members_belong_to_the_review_of_their_commune_and_code(warehouse: Warehouse) -> None:
    """Household codes recur from commune to commune; who lives in a household was delivered for its commune."""
    recurring = warehouse.restricted(
        "select count(*) from (select household_code from facts.household_deprivation where is_reviewed "
        "group by household_code having count(distinct commune_code) > 1)"
    )
    with duckdb.connect(str(warehouse.home / "live/warehouse.duckdb"), read_only=True) as live:
        strangers = live.execute(
            """
            with said as (
                select distinct
                    period_month, person_key, commune_code, household_code, year(period_month) as review_year
                from staging.stg_labour__household_members
            )
            select person.person_key from facts.person_month as person
            inner join facts.household_deprivation as judged using (period_month, household_key)
            anti join said
                on person.person_key = said.person_key and judged.commune_code = said.commune_code
                and judged.household_code = said.household_code and judged.review_year = said.review_year
            where judged.is_reviewed and person.is_reviewed
            """
        ).fetchall()

    assert recurring[0][0] > 0
    assert strangers == []


@pytest.mark.definition("J4")
def test_a_listed_household_without_a_review_counts_in_the_legal_basis_alone(warehouse: Warehouse) -> None:
    listed = warehouse.restricted(
        "select computed_class, legal_class in ('poor', 'near_poor'), count(*) > 0 from facts.household_deprivation "
        "where not is_reviewed and legal_class <> 'none' group by all"
    )
    legal = warehouse.restricted(
        """
        select period_month from marts.area_poverty as area
        where area_level = 'city' and basis = 'legal' and poor_households <> (
            select count(*) from facts.household_deprivation as judged
            where judged.period_month = area.period_month and judged.standard_id = area.standard_id
                and legal_class = 'poor')
        """
    )

    assert listed == [("undetermined", True, True)]
    assert legal == []


@pytest.mark.definition("I1", "I2")
def test_income_is_measured_else_the_score_and_a_score_needs_a_cutoff(warehouse: Warehouse) -> None:
    wrong = warehouse.restricted(
        """
        select * from facts.household_deprivation
        left join reference.income_line using (standard_id, area_type)
        where is_reviewed and (
            coalesce(income_source = 'income', false) <> (income_per_capita_vnd is not null)
            or (income_source is null) <> (income_per_capita_vnd is null and score_a is null)
            or below_income_line is distinct from case
                when income_source = 'income' then income_per_capita_vnd <= line_vnd else score_a <= score_cutoff end
            or (standard_id = 'S2027' and income_source <> 'income' and below_income_line is not null))
        """
    )
    sources = warehouse.restricted(
        "select standard_id, income_source, count(below_income_line) > 0 from facts.household_deprivation "
        "where income_source is not null group by all order by all"
    )

    assert wrong == []
    assert sources == [
        (standard, source, standard == "S2022" or source == "income")
        for standard in ("S2022", "S2027")
        for source in ("income", "list_score", "review_score")
    ]


@pytest.mark.definition("I3")
def test_a_form_without_an_area_type_takes_that_of_its_commune(warehouse: Warehouse) -> None:
    found = warehouse.restricted(
        f"""
        with silent as (
            select period_month, commune_code, household_code
            from '{warehouse.home}/lake/raw/labour__household_review/month=*/*.parquet'
            group by all having count(area_type) = 0
        )
        select count(*), count_if(judged.area_type is distinct from commune_area_type.area_type)
        from facts.household_deprivation as judged
        inner join silent using (period_month, commune_code, household_code)
        inner join reference.commune_area_type
            on judged.commune_code = commune_area_type.commune_code
            and judged.period_month between valid_from and valid_to
        where judged.is_reviewed and year(judged.period_month) = judged.review_year
        """
    )

    assert found[0][0] > 0
    assert found[0][1] == 0


@pytest.mark.definition("A7")
@pytest.mark.parametrize("seed", DATED)
def test_a_dated_rule_holds_without_gap_or_overlap(seed: str) -> None:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        rows = sorted(
            (
                [row[key] for key in DATED[seed]],
                date.fromisoformat(row["valid_from"]),
                date.fromisoformat(row["valid_to"]),
            )
            for row in csv.DictReader(lines)
        )

    broken = [
        (key, ended, begins)
        for (key, _, ended), (other, begins, _) in itertools.pairwise(rows)
        if key == other and begins != ended + timedelta(days=1)
    ]
    assert rows
    assert broken == []


@pytest.mark.definition("M3")
def test_the_alkire_foster_marts_know_no_income_line(warehouse: Warehouse) -> None:
    """Who is above the line with three deprivations is poor to area_mpi and not to area_poverty."""
    figures = warehouse.restricted(
        """
        with deprived as (
            select period_month, standard_id, sum(reviewed_households) as three_or_more,
                sum(reviewed_households) filter (where below_income_line) as below_the_line_too,
            from marts.area_cross where area_level = 'city' and three_or_more group by all
        )
        select three_or_more - mpi.poor_units, below_the_line_too - poverty.poor_households,
            three_or_more - below_the_line_too
        from deprived
        inner join marts.area_mpi as mpi using (period_month, standard_id)
        inner join marts.area_poverty as poverty using (period_month, standard_id, area_level)
        where mpi.area_level = 'city' and unit = 'household' and weights = 'legal' and k = 3 and basis = 'computed'
        """
    )

    assert len(figures) == 4
    assert all(row[:2] == (0, 0) for row in figures)
    assert all(row[2] > 0 for row in figures)


@pytest.mark.definition("F4")
def test_an_escape_without_a_decision_is_marked_as_estimated(warehouse: Warehouse) -> None:
    wrong = warehouse.restricted(
        "select * from facts.household_deprivation where (escaped_on is null) <> (escape_is_estimated is null) "
        "or (escape_is_estimated and day(escaped_on) <> 1)"
    )

    assert wrong == []


@pytest.mark.definition("C2")
def test_the_class_follows_from_the_printed_evidence_alone(warehouse: Warehouse) -> None:
    """What `explain` prints of income and indicators gives the class it prints, for every household."""
    wrong = warehouse.restricted(
        """
        with printed as (
            select period_month, household_key, standard_id, count(*) as cells, count_if(deprived) as known,
                count_if(coalesce(deprived, true)) as possible
            from facts.household_indicator group by all
        )
        select * from printed
        inner join facts.household_deprivation as said using (period_month, household_key, standard_id)
        where cells <> 12 or known <> said.deprivation_count or possible <> said.deprivation_count_max
            or said.computed_class in ('poor', 'near_poor', 'undetermined') <> coalesce(said.below_income_line, true)
            or (said.below_income_line and said.computed_class <> case
                when known >= 3 then 'poor' when possible < 3 then 'near_poor' else 'undetermined' end)
        """
    )

    assert wrong == []


def test_explain_prints_what_is_published(warehouse: Warehouse) -> None:
    keys = warehouse.restricted(
        "select distinct household_key from facts.household_deprivation where is_reviewed order by md5(household_key) "
        "limit 3"
    )
    for (key,) in keys:
        said = json.loads(warehouse.cantho("explain", "--household", key, "--month", "2026-10", "--json").stdout)
        for judged in said["classes"]:
            own = [cell for cell in said["indicators"] if cell["standard_id"] == judged["standard_id"]]
            assert sum(cell["deprived"] is True for cell in own) == judged["deprivation_count"]
            assert sum(cell["deprived"] is not False for cell in own) == judged["deprivation_count_max"]


@pytest.mark.definition("E1")
def test_a_minority_household_is_the_ethnicity_of_the_head(warehouse: Warehouse) -> None:
    """Minority household: its head's ethnicity is not Kinh (01)."""
    wrong = warehouse.restricted(
        "select * from facts.household_deprivation where is_minority is distinct from (head_ethnicity_code <> '01')"
    )

    assert wrong == []


def test_who_has_escaped_is_followed_for_thirty_six_months(warehouse: Warehouse) -> None:
    wrong = warehouse.restricted(
        """
        select * from facts.household_deprivation
        where escaped_until <> (escaped_on + interval 36 months)::date or escaped_until <= last_day(period_month)
            or escaped_on > last_day(period_month) or (escaped_on is null) <> (escaped_from is null)
        """
    )
    followed = warehouse.restricted("select count(*) from facts.fallback_risk")[0][0]

    assert wrong == []
    assert followed > 0


def test_support_gap_names_only_what_is_lacking_and_not_reached(warehouse: Warehouse) -> None:
    wrong = warehouse.restricted(
        """
        select gap.* from facts.support_gap as gap
        inner join facts.household_indicator as cell using (period_month, household_key, indicator_code)
        inner join reference.standard using (standard_id)
        where gap.period_month between valid_from and valid_to and (
            cell.deprived is distinct from true
            or (gap.programme = 'house_support' and exists (
                select 1 from facts.house_case as house where house.period_month = gap.period_month
                and house.household_key = gap.household_key and house.is_completed))
            or (gap.programme = 'water_and_sanitation_loan' and exists (
                select 1 from facts.loan_month as loan where loan.period_month = gap.period_month
                and loan.household_key = gap.household_key and loan.is_open and loan.programme_code = '06')))
        """
    )

    assert wrong == []
    assert warehouse.restricted("select count(distinct programme) from facts.support_gap")[0][0] == 4


@pytest.mark.definition("M2")
def test_an_indicator_of_an_empty_group_has_no_share(warehouse: Warehouse) -> None:
    """A share of an empty group is null."""
    wrong = warehouse.restricted(
        "select 1 from marts.area_mpi where units = 0 and headcount_ratio is not null union all "
        "select 1 from marts.area_indicator where units = 0 and uncensored_headcount is not null"
    )

    assert wrong == []


@pytest.mark.definition("M5")
@pytest.mark.parametrize(
    ("code", "households", "perhaps", "persons", "persons_perhaps"),
    [
        (
            "EDU_CHILD",
            "count_if(child_education_concerned > 0)",
            "count_if(child_education_concerned = 0 and child_education_concerned_unknown > 0)",
            "sum(child_education_concerned)",
            "sum(child_education_concerned_unknown)",
        ),
        ("EMP_DEP", "count(*)", "0", "sum(judged.household_size)", "0"),
    ],
)
def test_whom_an_indicator_concerns_stands_beside_its_shares(
    warehouse: Warehouse, code: str, households: str, perhaps: str, persons: str, persons_perhaps: str
) -> None:
    """A share by indicator is of all under review; the same four counts of whom it concerns stand in each row."""
    rows = warehouse.restricted(
        f"""
        with counted as (
            select period_month, standard_id, judged.commune_code as area_code, {households} as households_concerned,
                {perhaps} as households_concerned_unknown, {persons} as persons_concerned,
                {persons_perhaps} as persons_concerned_unknown
            from facts.household_condition
            inner join facts.household_deprivation as judged using (period_month, household_key)
            group by all
        )
        select unit, k, sum(said.households_concerned), sum(said.units) filter (unit = 'household'),
            count_if((said.households_concerned, said.households_concerned_unknown, said.persons_concerned,
                said.persons_concerned_unknown) is distinct from (counted.households_concerned,
                counted.households_concerned_unknown, counted.persons_concerned, counted.persons_concerned_unknown))
        from marts.area_indicator as said
        left join counted using (period_month, standard_id, area_code)
        where area_level = 'commune' and indicator_code = '{code}'
        group by all
        """
    )

    assert {(unit, k) for unit, k, *_ in rows} == set(itertools.product(("household", "person"), range(1, 13)))
    assert [row for row in rows if row[-1]] == []
    # Fewer than all have a child of that age, and somebody has one.
    assert {0 < concerned < units for _, _, concerned, units, _ in rows if units} == {code == "EDU_CHILD"}


def test_whom_an_indicator_concerns_is_not_published(warehouse: Warehouse) -> None:
    """Those whom it does not concern may be few: their number would be what is left of all."""
    public = warehouse.public("select column_name from duckdb_columns() where column_name like '%concerned%'")

    assert public == []


@pytest.mark.definition("A8")
def test_evidence_older_than_its_indicator_allows_is_unknown(warehouse: Warehouse) -> None:
    """Evidence older than its indicator's maximum age is unknown."""
    wrong = warehouse.restricted(
        """
        select 1 from facts.household_indicator inner join reference.indicator using (standard_id, indicator_code)
        where deprived is not null
            and evidence_date < (last_day(period_month) - to_months(max_age_months::int))::date
        """
    )

    assert wrong == []


@pytest.mark.definition("F2")
def test_who_joins_or_leaves_a_listed_household_is_other_increase_or_decrease(warehouse: Warehouse) -> None:
    """So are births, deaths and moves: neither an escape nor a new household."""
    wrong = warehouse.restricted(
        """
        with persons as (
            select period_month, class,
                sum(case when from_class = class and flow in ('other_decrease', 'moved') then persons_before
                    when to_class = class and stays then greatest(persons_before - persons_after, 0) else 0
                end) as decrease,
                sum(case when to_class = class and flow in ('other_increase', 'moved') then persons_after
                    when to_class = class and stays then greatest(persons_after - persons_before, 0) else 0
                end) as increase
            from (
                select *, flow <> 'moved' and from_class in ('poor', 'near_poor')
                    and to_class in ('poor', 'near_poor') as stays
                from facts.movement_event
            )
            cross join (values ('poor'), ('near_poor')) as listed (class)
            group by all
        )
        select * from marts.area_movement left join persons using (period_month, class)
        where area_level = 'city' and unit = 'person' and (
            other_decrease <> coalesce(decrease, 0) or other_increase <> coalesce(increase, 0))
        """
    )
    resized = warehouse.restricted("select count(*) from facts.movement_event where flow = 'size_changed'")

    assert wrong == []
    assert resized[0][0] > 0
