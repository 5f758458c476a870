-- grain: one row per month in scope and standard that legal figures stand for: the one in force, and every
-- other one under which a list in force was made
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

standard as (

    select * from {{ ref('standard') }}

),

list_in_force as (

    select * from {{ ref('list_in_force') }}
    where {{ month_in_scope('period_month') }}

),

final as (

    select
        period_in_scope.period_month,
        standard.standard_id
    from period_in_scope
    inner join standard
        on period_in_scope.period_end between standard.valid_from and standard.valid_to

    union

    select
        period_month,
        standard_id
    from list_in_force
    where standard_id is not null

)

select * from final
