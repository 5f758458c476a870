-- grain: one row per month from the first to the last with an accepted delivery
with

period as (

    select * from {{ ref('period') }}

),

standard as (

    select * from {{ ref('standard') }}

),

final as (

    select
        period.period_month,
        period.period_end,
        standard.standard_id as standard_in_force
    from period
    left join standard
        on period.period_end between standard.valid_from and standard.valid_to

)

select * from final
