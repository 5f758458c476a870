{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month, commune of today, standard of its list, recognised class and unit: what the
-- official forms count
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

household_month as (

    select * from {{ ref('household_month') }}
    where
        legal_class in ('poor', 'near_poor')
        and {{ month_in_scope('period_month') }}
        and {{ commune_in_scope('commune_code') }}

),

listed_household as (

    select * from {{ ref('listed_household') }}
    where {{ month_in_scope('period_month') }}

),

standard as (

    select * from {{ ref('standard') }}

),

household_condition as (

    select * from {{ ref('household_condition') }}
    where {{ month_in_scope('period_month') }}

),

recognised as (

    select
        household_month.period_month,
        household_month.commune_code,
        household_month.list_standard_id as standard_id,
        household_month.legal_class as class,
        household_month.listed_persons as persons,
        household_month.is_reviewed,
        coalesce(household_month.is_minority, false) as is_minority,
        household_month.head_ethnicity_code,
        coalesce(household_month.head_sex = 'female', false) as is_female_headed,
        coalesce(listed_household.no_working_capacity, false) as no_working_capacity,
        coalesce(listed_household.has_merit_member, false) as with_merit,
        ';' || listed_household.causes || ';' as causes,
        coalesce(household_condition.children, 0) as children,
        coalesce(household_condition.malnourished_children, 0) as malnourished_children,
        coalesce(household_condition.uninsured_children, 0) as uninsured_children,
        coalesce(household_condition.unschooled_children, 0) as unschooled_children
    from household_month
    inner join period_in_scope
        on household_month.period_month = period_in_scope.period_month
    inner join standard
        on household_month.list_standard_id = standard.standard_id
    left join listed_household
        on
            household_month.period_month = listed_household.period_month
            and household_month.household_key = listed_household.household_key
    left join household_condition
        on
            household_month.period_month = household_condition.period_month
            and household_month.household_key = household_condition.household_key
            and standard.rule_set = household_condition.rule_set

),

by_unit as (

    select
        recognised.*,
        'household' as unit,
        1 as weight
    from recognised

    union all

    select
        recognised.*,
        'person' as unit,
        recognised.persons as weight
    from recognised

),

final as (

    select
        period_month,
        commune_code,
        standard_id,
        class,
        unit,
        sum(weight) as total,
        sum(case when not is_reviewed then weight else 0 end) as without_review,
        sum(case when is_minority then weight else 0 end) as minority,
        sum(case when no_working_capacity then weight else 0 end) as no_working_capacity,
        sum(case when with_merit then weight else 0 end) as with_merit,
        sum(case when not (is_minority or no_working_capacity or with_merit) then weight else 0 end)
            as in_no_group,
        -- Groups overlap: by how much the sum of the groups goes beyond the households in them.
        sum(
            case
                when is_minority or no_working_capacity or with_merit
                    then weight * (
                        cast(is_minority as integer) + cast(no_working_capacity as integer)
                        + cast(with_merit as integer) - 1
                    )
                else 0
            end
        ) as counted_again,
        sum(case when is_female_headed then weight else 0 end) as female_headed,
        sum(case when is_female_headed and is_minority then weight else 0 end) as minority_female_headed,
        {% for code in range(1, 9) -%}
            sum(case when causes like '%;{{ code }};%' then weight else 0 end) as cause_{{ code }},
        {% endfor -%}
        sum(case when causes is null then weight else 0 end) as cause_unknown,
        {% for number in range(1, 55) -%}
            {%- set code = '%02d' % number -%}
            sum(case when head_ethnicity_code = '{{ code }}' then weight else 0 end) as ethnic_{{ code }},
        {% endfor -%}
        sum(case when head_ethnicity_code is null then weight else 0 end) as ethnic_unknown,
        sum(children) as children,
        sum(malnourished_children) as malnourished_children,
        sum(uninsured_children) as uninsured_children,
        sum(unschooled_children) as unschooled_children
    from by_unit
    group by period_month, commune_code, standard_id, class, unit

)

select * from final
