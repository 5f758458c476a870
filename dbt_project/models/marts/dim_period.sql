-- grain: one row per month from the first to the last with an accepted delivery
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

standard as (

    select * from {{ ref('standard') }}

),

final as (

    select
        touched_period.period_month,
        touched_period.period_end,
        standard.standard_id as standard_in_force
    from touched_period
    left join standard
        on touched_period.period_end between standard.valid_from and standard.valid_to

)

select * from final
