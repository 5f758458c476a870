-- grain: one row per number that is counted in an area and month: a count of a mart, under its other keys
with

column_of as (

    {% for mart in protected_marts() %}
        {{ columns_of(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

row_kind as (

    {% for mart in protected_marts() %}
        {{ row_kinds_of(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

numbered as (

    select
        row_kind.*,
        1000 * row_number() over (order by mart, without_key, keys, row_of) as row_id
    from row_kind

),

final as (

    select
        numbered.row_id + column_of.position as number_id,
        numbered.row_id + column_of.goes_with_position as goes_with_id,
        column_of.is_bound,
        numbered.row_id,
        numbered.mart,
        numbered.without_key,
        numbered.keys,
        numbered.row_of,
        column_of.column_name,
        numbered.known_sum,
        numbered.is_rest_row
    from numbered
    inner join column_of
        on numbered.mart = column_of.mart and numbered.without_key = column_of.without_key

)

select * from final
