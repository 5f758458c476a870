-- grain: one row per number that is counted in an area and month: a count of a mart, under its other keys
with

column_of as (

    select * from (
        values
        {%- for mart in protected_marts() -%}
            {%- set outer = loop -%}
            {%- set bound = public_columns(mart).bound -%}
            {%- for counts, without, _ in counts_by_key(mart) -%}
                {%- set list = loop -%}
                {%- for count in counts -%}
                    ('{{ mart }}', '{{ without }}', '{{ count }}', {{ loop.index }}, {{ counts.index(bound[0]) + 1 if count in bound else loop.index }})
                    {{- '' if outer.last and list.last and loop.last else ',' }}
                {% endfor -%}
            {%- endfor -%}
        {%- endfor -%}
    ) as listed (mart, without_key, column_name, position, goes_with_position)

),

row_kind as (

    {% for mart in protected_marts() -%}
        {%- set relation, public = ref(mart), public_columns(mart) -%}
        {%- set outer = loop -%}
        {%- for _, without, only in counts_by_key(mart) -%}
            select distinct
                '{{ mart }}' as mart,
                '{{ without }}' as without_key,
                keys,
                row_of,
                cast({{ public.known_sum }} as varchar) as known_sum,
                {{ public.rest_row }} as is_rest_row
            from ({{ public_rows_of(mart, without, only) }}) as public_row
            {{ '' if outer.last and loop.last else 'union all' }}
        {% endfor -%}
    {%- endfor %}

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
