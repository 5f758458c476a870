{{ config(meta={'dagster': {'ref': {'name': 'public_area_poverty'}}}) }}
-- No public count lets a small one through, and every other one is the exact one rounded.
with

disclosure_rule as (

    select * from {{ ref('disclosure_rule') }}

),

final as (

    {% for mart in protected_marts() -%}
        {%- set public, relation, protected = public_columns(mart), ref(mart), ref('public_' ~ mart) -%}
        {%- set same_row = ['shown.period_month = exact.period_month'] -%}
        {%- for key in public['keys'] %}
            {%- do same_row.append('shown.%s is not distinct from exact.%s' % (key, key)) -%}
        {%- endfor %}
        select
            '{{ mart }}' as mart,
            shown.period_month
        from {{ protected }} as shown
        inner join {{ relation }} as exact
            on {{ same_row | join(' and ') }}
        inner join disclosure_rule
            on shown.period_month between disclosure_rule.valid_from and disclosure_rule.valid_to
        where
            {{ month_in_scope('shown.period_month') }}
            and (
                false
                {% for count in public.counts -%}
                    or shown.{{ count }} <> {{ rounded('exact.' ~ count, 'round_to') }}
                    or shown.{{ count }} is not null and exact.{{ count }} between 1 and suppress_below - 1
                {% endfor %}
            )
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
