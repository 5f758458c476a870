-- grain: one row per month in scope, area level and area
with

place_area as (

    select * from {{ ref('int_place_area') }}

),

final as (

    select distinct
        period_month,
        area_level,
        area_code
    from place_area

)

select * from final
