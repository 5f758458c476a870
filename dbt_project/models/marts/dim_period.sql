-- grain: one row per month from the first to the last with an accepted delivery
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

standard as (

    select * from {{ ref('standard') }}

),

final as (

    select
        period_in_scope.period_month,
        period_in_scope.period_end,
        standard.standard_id as standard_in_force
    from period_in_scope
    left join standard
        on period_in_scope.period_end between standard.valid_from and standard.valid_to

)

select * from final
