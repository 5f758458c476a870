-- grain: one row per month in scope and area: residents by the newest totals of each commune
with

carried as (

    select * from {{ ref('int_commune_residents') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

area as (

    select * from {{ ref('int_area') }}

),

summed as (

    select
        carried.period_month,
        place_area.area_level,
        place_area.area_code,
        cast(sum(carried.households) as bigint) as households,
        cast(sum(carried.persons) as bigint) as persons,
        cast(sum(carried.minority_households) as bigint) as minority_households,
        cast(sum(carried.minority_persons) as bigint) as minority_persons
    from carried
    inner join place_area
        on
            carried.period_month = place_area.period_month
            and carried.commune_code = place_area.commune_code
            and carried.commune_code_then = place_area.commune_code_then
            and carried.area_type = place_area.area_type
    group by carried.period_month, place_area.area_level, place_area.area_code

),

final as (

    select
        area.period_month,
        area.area_level,
        area.area_code,
        summed.households,
        summed.persons,
        summed.minority_households,
        summed.minority_persons
    from area
    left join summed
        on
            area.period_month = summed.period_month
            and area.area_level = summed.area_level
            and area.area_code = summed.area_code

)

select * from final
