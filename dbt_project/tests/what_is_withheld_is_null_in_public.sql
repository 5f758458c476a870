{{ config(meta={'dagster': {'ref': {'name': 'public_area_poverty'}}}) }}
-- Every row that withholds counts is a row of its mart: none is shown since its keys are written otherwise.
with

withheld as (

    select * from {{ ref('disclosure_withheld') }}

),

public_row as (

    {% for mart in protected_marts() -%}
        {%- set outer = loop -%}
        {%- for counts in counts_by_key(mart) %}
            select
                '{{ mart }}' as mart,
                period_month,
                cell_level as area_level,
                cell_code as area_code,
                keys,
                row_of
            from (
                {{ public_rows_of(mart, counts[1]) }}
            ) as rows_of_mart
            {{ 'union all' if not (loop.last and outer.last) }}
        {%- endfor %}
    {% endfor %}

),

final as (

    select
        withheld.mart,
        withheld.period_month
    from withheld
    left join public_row
        on
            withheld.mart = public_row.mart
            and withheld.period_month = public_row.period_month
            and withheld.area_level = public_row.area_level
            and withheld.area_code = public_row.area_code
            and withheld.keys = public_row.keys
            and withheld.row_of = public_row.row_of
    where public_row.mart is null

)

select * from final
