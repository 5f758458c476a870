-- grain: one row per touched month and area: residents by the newest totals of each commune
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

commune_totals as (

    select * from {{ ref('stg_labour__commune_totals') }}

),

commune_month as (

    select * from {{ ref('int_commune_month') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

area as (

    select * from {{ ref('int_area') }}

),

carried as (

    select
        touched_period.period_month,
        commune_totals.commune_code,
        case
            when commune_month.is_in_force then commune_totals.commune_code
            else commune_totals.commune_code_then
        end as commune_code_then,
        commune_month.default_area_type as area_type,
        commune_totals.households,
        commune_totals.persons,
        commune_totals.minority_households,
        commune_totals.minority_persons
    from touched_period
    inner join commune_totals
        on touched_period.period_month >= commune_totals.period_month
    inner join commune_month
        on
            touched_period.period_month = commune_month.period_month
            and commune_totals.commune_code = commune_month.commune_code
    -- Units of the day that make up one commune of today send in the same month.
    qualify dense_rank() over (
        partition by touched_period.period_month, commune_totals.commune_code
        order by commune_totals.period_month desc
    ) = 1

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
