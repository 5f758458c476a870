-- grain: one row per sum that a number takes part in, and role in it
with

disclosure_number as (

    select * from {{ ref('disclosure_number') }}

),

disclosure_sum as (

    select * from {{ ref('disclosure_sum') }}

),

disclosure_sum_column as (

    select * from {{ ref('disclosure_sum_column') }}

),

member as (

    select
        disclosure_number.number_id,
        disclosure_sum.sum_name,
        disclosure_sum.kind,
        case
            when disclosure_sum_column.role <> 'each_row' then disclosure_sum_column.role
            when disclosure_number.is_rest_row then 'rest'
            else 'part'
        end as role,
        coalesce(disclosure_number.row_of = disclosure_sum.apart_row, false) as is_apart,
        case disclosure_sum.kind
            when 'known' then disclosure_number.known_sum
            when 'rows' then disclosure_number.keys
            else disclosure_number.keys || '/' || disclosure_number.row_of
        end as addends,
        case
            when disclosure_sum.kind = 'known' then disclosure_number.known_sum
            when disclosure_sum.each_row then disclosure_number.keys || '/' || disclosure_number.row_of
            else disclosure_number.keys
        end as judged_together
    from disclosure_number
    inner join disclosure_sum_column
        on
            disclosure_number.mart = disclosure_sum_column.mart
            and disclosure_number.column_name = disclosure_sum_column.column_name
    inner join disclosure_sum
        on disclosure_sum_column.sum_name = disclosure_sum.sum_name

),

final as (

    select
        number_id,
        sum_name,
        kind,
        role,
        is_apart,
        dense_rank() over (order by sum_name, addends) as addends_id,
        dense_rank() over (order by sum_name, judged_together) as judged_id
    from member

)

select * from final
