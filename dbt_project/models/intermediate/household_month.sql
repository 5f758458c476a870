{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month and household of household_deprivation, without its standards
-- depends_on: {{ ref('touched_household') }}
with

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where {{ is_touched('period_month') }} and {{ is_touched_household('household_key') }}

),

standard as (

    select min(standard_id) as standard_id from {{ ref('standard') }}

),

-- What stands here is the same under every standard; any one will do.
final as (

    select
        household_deprivation.period_month,
        household_deprivation.household_key,
        household_deprivation.commune_code,
        household_deprivation.commune_code_then,
        household_deprivation.area_type,
        household_deprivation.persons,
        household_deprivation.is_reviewed,
        household_deprivation.is_minority,
        household_deprivation.head_sex,
        household_deprivation.head_ethnicity_code,
        household_deprivation.legal_class,
        household_deprivation.escaped_from,
        household_deprivation.escaped_on,
        household_deprivation.escaped_until
    from household_deprivation
    inner join standard
        on household_deprivation.standard_id = standard.standard_id

)

select * from final
