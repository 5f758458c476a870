-- grain: one row per touched month and area of which a commune's list is in force
with

list_in_force as (

    select * from {{ ref('int_list_in_force') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

final as (

    select distinct
        place_area.period_month,
        place_area.area_level,
        place_area.area_code
    from list_in_force
    inner join place_area
        on
            list_in_force.period_month = place_area.period_month
            and list_in_force.commune_code = place_area.commune_code
            and list_in_force.commune_code_then = place_area.commune_code_then

)

select * from final
