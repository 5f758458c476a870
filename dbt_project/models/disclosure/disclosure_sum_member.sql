-- grain: one row per sum that a number takes part in, and role in it
with

disclosure_number as (

    select * from {{ ref('disclosure_number') }}

),

sum_column as (

    {{ declared_sums() }}

),

member as (

    select
        disclosure_number.number_id,
        sum_column.sum_name,
        sum_column.kind,
        case
            when sum_column.role <> 'each_row' then sum_column.role
            when disclosure_number.is_rest_row then 'rest'
            else 'part'
        end as role,
        coalesce(disclosure_number.row_of = sum_column.apart_row, false) as is_apart,
        case sum_column.kind
            when 'known' then disclosure_number.known_sum
            when 'rows' then disclosure_number.keys
            else disclosure_number.keys || '/' || disclosure_number.row_of
        end as addends,
        case
            when sum_column.kind = 'known' then disclosure_number.known_sum
            when sum_column.judged_by_row then disclosure_number.keys || '/' || disclosure_number.row_of
            else disclosure_number.keys
        end as judged_together
    from disclosure_number
    inner join sum_column
        on
            disclosure_number.mart = sum_column.mart
            and disclosure_number.column_name = sum_column.column_name

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
