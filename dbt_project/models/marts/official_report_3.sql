-- grain: one row per month and commune of today and unit
with

area_movement as (

    select * from {{ ref('area_movement') }}
    where area_level = 'commune' and class = 'near_poor'

),

final as (

    select
        area_movement.period_month,
        area_movement.area_code as commune_code,
        unit,
        opening,
        moved_to_other_class,
        rose_above,
        other_decrease,
        came_from_other_class,
        relapsed,
        newly_arising,
        other_increase,
        closing
    from area_movement
    inner join {{ ref('touched_period') }} as touched_period
        on area_movement.period_month = touched_period.period_month

)

select * from final
