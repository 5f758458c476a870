-- grain: one row per touched month with a card register sent by then: the newest one
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

standing_delivery as (

    select * from {{ ref('stg_standing_delivery') }}
    where feed = 'health_insurance/cards'

),

newest as (

    select
        touched_period.period_month,
        touched_period.period_end,
        max(standing_delivery.period_month) as register_month
    from touched_period
    inner join standing_delivery
        on touched_period.period_month >= standing_delivery.period_month
    group by touched_period.period_month, touched_period.period_end

),

final as (

    select
        newest.period_month,
        newest.period_end,
        newest.register_month,
        last_day(newest.register_month) as register_end,
        max_by(standing_delivery.delivery_id, standing_delivery.seq) as delivery_id
    from newest
    inner join standing_delivery
        on newest.register_month = standing_delivery.period_month
    group by newest.period_month, newest.period_end, newest.register_month

)

select * from final
