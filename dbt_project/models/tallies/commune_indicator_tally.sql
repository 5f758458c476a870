{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month, place (commune of today, unit of that month, area type), standard, indicator
-- and combination of legal score, legal class and answer (deprived or unknown; who is known not to be
-- deprived is not counted here)
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where
        is_reviewed
        and {{ month_in_scope('period_month') }}
        and {{ commune_in_scope('commune_code') }}

),

household_indicator as (

    {{ indicator_answers(
        month_in_scope('period_month') ~ ' and household_key in (select one.household_key from household_deprivation as one)'
    ) }}

),

final as (

    select
        household_deprivation.period_month,
        household_deprivation.commune_code,
        household_deprivation.commune_code_then,
        household_deprivation.area_type,
        household_deprivation.standard_id,
        household_indicator.indicator_code,
        household_deprivation.legal_score,
        household_deprivation.legal_class,
        household_indicator.deprived is null as is_unknown,
        count(*) as households,
        cast(sum(household_deprivation.persons) as bigint) as persons
    from period_in_scope
    inner join household_deprivation
        on period_in_scope.period_month = household_deprivation.period_month
    inner join household_indicator
        on
            household_deprivation.period_month = household_indicator.period_month
            and household_deprivation.household_key = household_indicator.household_key
            and household_deprivation.standard_id = household_indicator.standard_id
    where coalesce(household_indicator.deprived, true)
    group by all

)

select * from final
