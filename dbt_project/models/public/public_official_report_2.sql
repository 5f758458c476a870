-- grain: one row per month and commune of today and unit
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

movement as (

    select * from {{ ref('public_area_movement') }}
    where area_level = 'commune' and class = 'poor'

),

final as (

    select
        movement.period_month,
        movement.area_code as commune_code,
        movement.unit,
        movement.opening,
        movement.moved_to_other_class,
        movement.rose_above,
        movement.other_decrease,
        movement.came_from_other_class,
        movement.relapsed,
        movement.newly_arising,
        movement.other_increase,
        movement.closing,
        movement.protected_columns
    from movement
    inner join touched_period
        on movement.period_month = touched_period.period_month

)

select * from final
