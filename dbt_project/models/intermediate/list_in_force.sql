{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month and unit whose list is in force, with the month of that list
with

commune_month as (

    select * from {{ ref('int_commune_month') }}

),

standing_delivery as (

    select * from {{ ref('stg_standing_delivery') }}
    where feed = 'labour/poverty_list'

),

-- A unit that sent nothing this month stands by its last list. A supplement alone is no list.
newest as (

    select
        commune_month.period_month,
        standing_delivery.commune_code,
        standing_delivery.commune_code_then as listed_by,
        case
            when commune_month.is_in_force then standing_delivery.commune_code
            else standing_delivery.commune_code_then
        end as commune_code_then,
        -- All codes of today stood for another unit before.
        standing_delivery.period_month >= commune_month.effective_from as is_of_today,
        max(standing_delivery.period_month) as list_month
    from commune_month
    inner join standing_delivery
        on
            commune_month.commune_code = standing_delivery.commune_code
            and commune_month.period_month >= standing_delivery.period_month
    where not standing_delivery.is_supplement
    group by all

),

standard as (

    select * from {{ ref('standard') }}

),

-- The first list of a commune of today takes the place of those its predecessors left.
final as (

    select
        newest.*,
        -- A list keeps the standard that was in force in its own month, however long it is carried.
        standard.standard_id
    from newest
    left join standard
        on last_day(newest.list_month) between standard.valid_from and standard.valid_to
    qualify
        newest.is_of_today
        = bool_or(newest.is_of_today) over (partition by newest.period_month, newest.commune_code)

)

select * from final
