-- grain: one row per touched month and standard that legal figures stand for: the one in force, and every
-- other one under which a list in force was made
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

standard as (

    select * from {{ ref('standard') }}

),

list_in_force as (

    select * from {{ ref('list_in_force') }}
    where {{ is_touched('period_month') }}

),

final as (

    select
        touched_period.period_month,
        standard.standard_id
    from touched_period
    inner join standard
        on touched_period.period_end between standard.valid_from and standard.valid_to

    union

    select
        period_month,
        standard_id
    from list_in_force
    where standard_id is not null

)

select * from final
