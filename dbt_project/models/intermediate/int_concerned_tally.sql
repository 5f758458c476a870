-- grain: one row per touched month, area with somebody under review, standard and indicator: households under
-- review and their members, as far as the indicator asks about them
with

counted as (

    select * from {{ ref('commune_concerned_tally') }}
    where {{ is_touched('period_month') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

final as (

    select
        counted.period_month,
        place_area.area_level,
        place_area.area_code,
        counted.standard_id,
        counted.indicator_code,
        cast(sum(counted.households_concerned) as bigint) as households_concerned,
        cast(sum(counted.households_concerned_unknown) as bigint) as households_concerned_unknown,
        cast(sum(counted.persons_concerned) as bigint) as persons_concerned,
        cast(sum(counted.persons_concerned_unknown) as bigint) as persons_concerned_unknown
    from counted
    inner join place_area
        on
            counted.period_month = place_area.period_month
            and counted.commune_code = place_area.commune_code
            and counted.commune_code_then = place_area.commune_code_then
            and counted.area_type = place_area.area_type
    group by all

)

select * from final
