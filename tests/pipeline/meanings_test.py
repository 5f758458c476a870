"""Sentences of the published definitions, each tested on what is published, by its own words."""

import json

from pipeline.conftest import Warehouse


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


def test_an_indicator_of_an_empty_group_has_no_share(warehouse: Warehouse) -> None:
    """A share of an empty group is null."""
    wrong = warehouse.restricted(
        "select 1 from marts.area_mpi where units = 0 and headcount_ratio is not null union all "
        "select 1 from marts.area_indicator where units = 0 and uncensored_headcount is not null"
    )

    assert wrong == []


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
