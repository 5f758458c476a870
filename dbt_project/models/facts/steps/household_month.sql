{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month and household of household_deprivation, without its standards
with

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where {{ month_in_scope('period_month') }} and {{ commune_in_scope('commune_code') }}

),

-- What stands here is the same under every standard, but for the class, which stands on that of its list.
final as (

    select
        household_deprivation.period_month,
        household_deprivation.household_key,
        household_deprivation.commune_code,
        household_deprivation.commune_code_then,
        household_deprivation.area_type,
        household_deprivation.persons,
        household_deprivation.listed_persons,
        household_deprivation.is_reviewed,
        household_deprivation.is_minority,
        household_deprivation.head_sex,
        household_deprivation.head_ethnicity_code,
        max(household_deprivation.legal_class) over one_household as legal_class,
        household_deprivation.list_standard_id,
        household_deprivation.escaped_from,
        household_deprivation.escaped_on,
        household_deprivation.escape_is_estimated,
        household_deprivation.escape_listed_in,
        household_deprivation.escaped_until
    from household_deprivation
    window
        one_household as (
            partition by household_deprivation.period_month, household_deprivation.household_key
        )
    qualify household_deprivation.standard_id = min(household_deprivation.standard_id) over one_household

)

select * from final
