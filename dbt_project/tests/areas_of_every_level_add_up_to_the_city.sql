{{ config(meta={'dagster': {'ref': {'name': 'area_poverty'}}}) }}
-- Whatever the boundaries, the same households stand within them: old units, communes of today, former
-- provinces and area types add up to the city, in every column that adds.
{# The scores behind the adjusted headcounts, in thirty-sixths. -#}
{%- set scores = {
    'poor_score': 'cast(round(36 * units * adjusted_headcount) as bigint)',
    'poor_score_max': 'cast(round(36 * units * adjusted_headcount_max) as bigint)'
} -%}
{%- set marts = {} -%}
{%- for mart in protected_marts() if not mart.startswith('official_report') -%}
    {%- set relation, public = ref(mart), public_columns(mart) -%}
    {%- set by = public['keys'] | reject('in', ['period_month', 'area_level', 'area_code']) | list -%}
    {%- set columns = public.counts | list + public.adds_up | list -%}
    {%- if 'poor_units_max' in columns %}{% do columns.extend(scores.keys()) %}{% endif -%}
    {%- do marts.update({mart: (by, columns, public.may_lack_a_place)}) -%}
{%- endfor -%}

with

level_of_month as (

    select distinct
        period_month,
        area_level
    from {{ ref('area_poverty') }}
    where {{ month_in_scope('period_month') }}

),

{% for mart, (by, columns, may_lack_a_place) in marts.items() -%}
    {{ mart }}_added as (

        select
            period_month,
            area_level,
            {% for column in columns -%}
                sum({{ scores.get(column, column) }}) as {{ column }},
            {% endfor -%}
            concat_ws(
                ' ',
                {% for key in by -%}
                    coalesce(cast({{ key }} as string), 'unknown'),
                {% endfor -%}
                ''
            ) as row_of
        from {{ ref(mart) }}
        where {{ month_in_scope('period_month') }}
        group by period_month, area_level, row_of

    ),

    {{ mart }}_differing as (

        select
            '{{ mart }}' as mart,
            level_of_month.period_month,
            level_of_month.area_level,
            city.row_of,
            concat_ws(
                ', ',
                {% for column in columns -%}
                    {#- What names no place stands in the city alone, and every other level lacks the same. -#}
                    {%- set whole = 'commune' if column in may_lack_a_place else 'city' -%}
                    case
                        when
                            level_of_month.area_level <> 'city'
                            and coalesce(added.{{ column }}, 0) <> coalesce({{ whole }}.{{ column }}, 0)
                            or coalesce(added.{{ column }}, 0) > coalesce(city.{{ column }}, 0)
                            then '{{ column }}'
                    end,
                {% endfor -%}
                null
            ) as differing
        from level_of_month
        inner join {{ mart }}_added as city
            on level_of_month.period_month = city.period_month and city.area_level = 'city'
        left join {{ mart }}_added as commune
            on
                city.period_month = commune.period_month
                and city.row_of = commune.row_of
                and commune.area_level = 'commune'
        left join {{ mart }}_added as added
            on
                city.period_month = added.period_month
                and city.row_of = added.row_of
                and level_of_month.area_level = added.area_level

    ),

{% endfor -%}

final as (

    {% for mart in marts -%}
        select * from {{ mart }}_differing
        where differing <> ''
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
