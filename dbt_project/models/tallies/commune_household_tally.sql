{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month, place (commune of today, unit of that month, area type), standard and combination
-- of everything the marts distinguish households by
with

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where {{ month_in_scope('period_month') }} and {{ commune_in_scope('commune_code') }}

),

final as (

    select
        household_deprivation.period_month,
        household_deprivation.commune_code,
        household_deprivation.commune_code_then,
        household_deprivation.area_type,
        household_deprivation.standard_id,
        household_deprivation.is_reviewed,
        household_deprivation.is_minority,
        household_deprivation.head_sex,
        household_deprivation.below_income_line,
        household_deprivation.computed_class,
        household_deprivation.legal_class,
        household_deprivation.deprivation_count,
        household_deprivation.deprivation_count_max,
        household_deprivation.legal_score,
        household_deprivation.legal_score_max,
        household_deprivation.nested_score,
        household_deprivation.nested_score_max,
        count(*) as households,
        cast(sum(household_deprivation.persons) as bigint) as persons,
        cast(sum(household_deprivation.listed_persons) as bigint) as listed_persons
    from household_deprivation
    group by all

)

select * from final
