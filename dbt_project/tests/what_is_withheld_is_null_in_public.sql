{{ config(meta={'dagster': {'ref': {'name': 'public_area_poverty'}}}) }}
-- What withholds counts has the keys of rows of its mart: none is shown since its keys are written otherwise.
-- The area need not have such a row: a commune may withhold what a unit that it was made of alone counts.
with

withheld as (

    select * from {{ ref('disclosure_withheld') }}

),

public_keys as (

    {% for mart in protected_marts() -%}
        {%- set outer = loop -%}
        {%- for counts in counts_by_key(mart) %}
            select distinct
                '{{ mart }}' as mart,
                period_month,
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
    left join public_keys
        on
            withheld.mart = public_keys.mart
            and withheld.period_month = public_keys.period_month
            and withheld.keys = public_keys.keys
            and withheld.row_of = public_keys.row_of
    where public_keys.mart is null

)

select * from final
