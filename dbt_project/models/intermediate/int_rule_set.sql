-- grain: one row per month in scope and rule set: the bounds of the law in force at month end, side by side
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

bound as (

    select * from {{ ref('bound') }}
    where rule_set <> 'warehouse'

),

final as (

    select
        period_in_scope.period_month,
        bound.rule_set,
        max(case when bound.bound = 'working_age_from_months' then bound.value end)
            as working_age_from_months,
        max(case when bound.bound = 'retirement_months_male' then bound.value end) as retirement_months_male,
        max(case when bound.bound = 'retirement_months_female' then bound.value end)
            as retirement_months_female,
        max(case when bound.bound = 'dependent_child_below_months' then bound.value end)
            as dependent_child_below_months,
        max(case when bound.bound = 'elderly_from_months' then bound.value end) as elderly_from_months,
        max(case when bound.bound = 'dependants_over_pct' then bound.value end) as dependants_over_pct,
        max(case when bound.bound = 'nutrition_below_months' then bound.value end) as nutrition_below_months,
        max(case when bound.bound = 'insurance_from_months' then bound.value end) as insurance_from_months,
        max(case when bound.bound = 'insurance_of_children_below_months' then bound.value end)
            as insurance_of_children_below_months,
        max(case when bound.bound = 'adult_education_from_months' then bound.value end)
            as adult_education_from_months,
        max(case when bound.bound = 'adult_education_senior_from_months' then bound.value end)
            as adult_education_senior_from_months,
        max(case when bound.bound = 'adult_education_below_months' then bound.value end)
            as adult_education_below_months,
        max(case when bound.bound = 'adult_education_junior_completed_rank' then bound.value end)
            as adult_education_junior_completed_rank,
        max(case when bound.bound = 'adult_education_senior_completed_rank' then bound.value end)
            as adult_education_senior_completed_rank,
        max(case when bound.bound = 'adult_education_senior_attending_rank' then bound.value end)
            as adult_education_senior_attending_rank,
        max(case when bound.bound = 'child_education_from_months' then bound.value end)
            as child_education_from_months,
        max(case when bound.bound = 'child_education_below_months' then bound.value end)
            as child_education_below_months,
        max(case when bound.bound = 'non_durable_parts_from' then bound.value end) as non_durable_parts_from,
        max(case when bound.bound = 'floor_area_below_m2' then bound.value end) as floor_area_below_m2
    from period_in_scope
    inner join bound
        on period_in_scope.period_end between bound.valid_from and bound.valid_to
    group by period_in_scope.period_month, bound.rule_set

)

select * from final
