{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per review form and month: when and where it was reviewed. Kept, so that
-- answers sent again do not make anybody ask which form is in force
with

reviews as (

    select * from {{ ref('stg_labour__household_review') }}
    where {{ month_in_scope('period_month') }}

),

final as (

    select
        period_month,
        registration_key,
        reviewed_on,
        commune_code
    from reviews

)

select * from final
