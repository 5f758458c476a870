"""What is published beside the truth its deliveries were simulated from. Not here: what may differ, and how often."""

from pipeline.conftest import Warehouse


def wrong_cells(warehouse: Warehouse) -> tuple[int, int, int]:
    """(cells, cells that only one of the two has, cells of another answer than the deliveries allow to know)."""
    return warehouse.restricted(
        """
        with published as (
            select period_month, commune_code, review_year, household_code, standard_id, indicator_code, deprived
            from facts.household_indicator
            inner join facts.household_deprivation using (period_month, household_key, standard_id)
            where review_year is not null
        )
        select
            count(*) as cells,
            count(*) filter (
                where published.commune_code is null or household_truth.commune_code is null
            ) as only_one_has,
            count(*) filter (where published.deprived is distinct from household_truth.expected) as different
        from published
        full join household_truth
            using (period_month, commune_code, review_year, household_code, standard_id, indicator_code)
        """
    )[0]


def wrong_classes(warehouse: Warehouse) -> tuple[int, int]:
    """(households by month and standard, those of another class than the truth's)."""
    return warehouse.restricted(
        """
        select count(*), count(*) filter (where computed_class is distinct from expected_class)
        from (from facts.household_deprivation where review_year is not null) as published
        full join (
            select distinct period_month, commune_code, review_year, household_code, standard_id, expected_class
            from household_truth
        ) as household_truth using (period_month, commune_code, review_year, household_code, standard_id)
        """
    )[0]
