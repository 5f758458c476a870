-- grain: one row per month in scope, area and standard under which a list of one of its communes is in force
with

list_in_force as (

    select * from {{ ref('list_in_force') }}
    where {{ month_in_scope('period_month') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

final as (

    select
        place_area.period_month,
        place_area.area_level,
        place_area.area_code,
        list_in_force.standard_id,
        min(list_in_force.list_month) as oldest_list_month,
        max(list_in_force.list_month) as newest_list_month
    from list_in_force
    inner join place_area
        on
            list_in_force.period_month = place_area.period_month
            and list_in_force.commune_code = place_area.commune_code
            and list_in_force.commune_code_then = place_area.commune_code_then
    group by
        place_area.period_month,
        place_area.area_level,
        place_area.area_code,
        list_in_force.standard_id

)

select * from final
