{{ config(meta={'dagster': {'ref': {'name': 'area_poverty'}}}) }}
-- Whatever the boundaries, the same households stand within them: old units, communes of today, former
-- provinces and area types add up to the city, in every column that adds.
{% set measures = ['units', 'poor_units', 'poor_units_max', 'poor_score', 'poor_score_max'] -%}
{#- The scores behind the adjusted headcounts, in thirty-sixths. -#}
{%- set scores = {
    'poor_score': 'cast(round(36 * units * adjusted_headcount) as bigint)',
    'poor_score_max': 'cast(round(36 * units * adjusted_headcount_max) as bigint)'
} -%}
{%- set by_mpi = ['standard_id', 'unit', 'weights', 'k'] -%}
{%- set marts = {
    'area_poverty': (['standard_id', 'basis'], [
        'households', 'persons', 'reviewed_households', 'reviewed_persons', 'poor_households', 'near_poor_households',
        'average_households', 'other_households', 'undetermined_households', 'poor_persons', 'near_poor_persons',
        'minority_households', 'minority_poor_households'
    ]),
    'area_mpi': (by_mpi, measures),
    'area_mpi_group': (by_mpi + ['group_kind', 'group_code'], measures),
    'area_indicator': (['standard_id', 'unit', 'k', 'indicator_code'], [
        'units', 'poor_units', 'deprived_units', 'poor_deprived_units', 'unknown_units', 'poor_deprived_households',
        'near_poor_deprived_households', 'households_concerned', 'households_concerned_unknown', 'persons_concerned',
        'persons_concerned_unknown'
    ]),
    'area_cross': (
        ['standard_id', 'below_income_line', 'three_or_more'], ['reviewed_households', 'reviewed_persons']
    ),
    'area_movement': (['standard_id', 'class', 'unit'], [
        'opening', 'moved_to_other_class', 'rose_above', 'other_decrease', 'came_from_other_class', 'relapsed',
        'newly_arising', 'other_increase', 'closing'
    ]),
    'area_conflict': (['subject'], ['compared', 'contradicted']),
    'area_programme': ([], [
        'poor_persons_on_file', 'poor_persons_insured', 'poor_persons_insurance_unknown', 'near_poor_persons_on_file',
        'near_poor_persons_insured', 'near_poor_persons_insurance_unknown', 'poor_households',
        'poor_households_with_loan', 'houses_supported', 'houses_supported_in_month', 'houses_completed',
        'houses_completed_in_month', 'house_support_vnd', 'loans_open', 'loan_balance_vnd', 'overdue_vnd',
        'frozen_vnd', 'trained_persons', 'trained_persons_in_month', 'trained_persons_with_job'
    ]),
    'area_cards': (['beneficiary_group'], ['cards_valid']),
} -%}
{#- What names no place stands in the city alone, and every other level lacks the same. -#}
{%- set may_lack_a_place = [
    'houses_supported', 'houses_supported_in_month', 'houses_completed', 'houses_completed_in_month',
    'house_support_vnd', 'loans_open', 'loan_balance_vnd', 'overdue_vnd', 'frozen_vnd', 'trained_persons',
    'trained_persons_in_month', 'trained_persons_with_job', 'cards_valid'
] -%}

with

level_of_month as (

    select distinct
        period_month,
        area_level
    from {{ ref('area_poverty') }}
    where {{ is_touched('period_month') }}

),

{% for mart, (by, columns) in marts.items() -%}
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
                    coalesce(cast({{ key }} as varchar), 'unknown'),
                {% endfor -%}
                ''
            ) as row_of
        from {{ ref(mart) }}
        where {{ is_touched('period_month') }}
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
