-- grain: one row per month, without gaps, from the first to the last with an accepted delivery
with

deliveries as (

    select * from {{ ref('stg_deliveries') }}

),

calendar_month as (

    select * from {{ ref('calendar_month') }}

),

span as (

    select
        min(period_month) as first_month,
        max(period_month) as last_month
    from deliveries

),

final as (

    select
        calendar_month.period_month,
        last_day(calendar_month.period_month) as period_end,
        year(calendar_month.period_month) * 12 + month(calendar_month.period_month) as month_index
    from calendar_month
    inner join span
        on calendar_month.period_month between span.first_month and span.last_month

)

select * from final
