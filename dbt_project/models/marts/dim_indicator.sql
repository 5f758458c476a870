{{ config(materialized='view') }}
-- grain: one row per standard and indicator
with

indicator as (

    select * from {{ ref('indicator') }}

),

final as (

    select
        standard_id,
        indicator_code,
        display_order,
        dimension,
        name_vi,
        name_en,
        rule,
        weight_legal,
        weight_nested,
        max_age_months,
        known_by,
        legal_reference,
        legal_reference_vi
    from indicator

)

select * from final
