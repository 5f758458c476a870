-- grain: one row per month in scope with a card register sent by then: the newest one
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

standing_delivery as (

    select * from {{ ref('stg_standing_delivery') }}
    where feed = 'health_insurance/cards'

),

newest as (

    select
        period_in_scope.period_month,
        period_in_scope.period_end,
        max(standing_delivery.period_month) as register_month
    from period_in_scope
    inner join standing_delivery
        on period_in_scope.period_month >= standing_delivery.period_month
    group by period_in_scope.period_month, period_in_scope.period_end

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
