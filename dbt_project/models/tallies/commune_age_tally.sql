{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month, place (commune of today, unit of that month, area type), standard, age group and
-- pairs of scores: persons of households under review
with

household_age_group as (

    select * from {{ ref('household_age_group') }}
    where {{ month_in_scope('period_month') }}

),

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where
        is_reviewed
        and {{ month_in_scope('period_month') }}
        and {{ commune_in_scope('commune_code') }}

),

final as (

    select
        household_deprivation.period_month,
        household_deprivation.commune_code,
        household_deprivation.commune_code_then,
        household_deprivation.area_type,
        household_deprivation.standard_id,
        household_deprivation.legal_score,
        household_deprivation.legal_score_max,
        household_deprivation.nested_score,
        household_deprivation.nested_score_max,
        household_age_group.group_code,
        cast(sum(household_age_group.persons) as bigint) as persons
    from household_age_group
    inner join household_deprivation
        on
            household_age_group.period_month = household_deprivation.period_month
            and household_age_group.household_key = household_deprivation.household_key
    group by all

)

select * from final
