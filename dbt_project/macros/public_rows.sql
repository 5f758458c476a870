{# The body of a public table from what the models in models/disclosure withhold. #}


{#
    A public table: the mart's row with its small counts, and what would give them away, as null. `measures` maps a
    column to an expression over protected counts, so that a measure never says more than the counts beside it;
    `exact_<column>` is the mart's own value. protected_columns names what the mart knows and the row withholds.
#}
{% macro public_rows(mart, measures={}) -%}
{%- set public = public_columns(mart) -%}
{%- set known = public.counts + measures.keys() | list -%}
with

withheld as (

    select * from {{ ref('disclosure_withheld') }}
    where mart = '{{ mart }}'

),

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

disclosure_rule as (

    select * from {{ ref('disclosure_rule') }}

),

exact as (

{{ public_rows_of(mart) }}

),

protected as (

    select
        {%- for column in public['keys'] + public.open %}
        exact.{{ column }},
        {%- endfor %}
        {%- for counts, _, _ in counts_by_key(mart) %}
        {%- set withheld = 'withheld_%d' % loop.index0 %}
        {%- for column in counts %}
        case
            when not coalesce(array_contains({{ withheld }}.columns, '{{ column }}'), false)
                then {{ rounded('exact.' ~ column, 'disclosure_rule.round_to') }}
        end as {{ column }},
        {%- endfor %}
        {%- endfor %}
        {%- for column in known %}
        exact.{{ column }} as exact_{{ column }},
        {%- endfor %}
        disclosure_rule.suppress_below,
        disclosure_rule.round_to,
        disclosure_rule.round_vnd_to
    from exact
    inner join period_in_scope
        on exact.period_month = period_in_scope.period_month
    inner join disclosure_rule
        on exact.period_month between disclosure_rule.valid_from and disclosure_rule.valid_to
    {%- for _, without, _ in counts_by_key(mart) %}
    left join withheld as withheld_{{ loop.index0 }}
        on
            exact.period_month = withheld_{{ loop.index0 }}.period_month
            and exact.cell_level = withheld_{{ loop.index0 }}.area_level
            and exact.cell_code = withheld_{{ loop.index0 }}.area_code
            and {{ 'exact.keys' if not without else shared_keys(mart, without) }} = withheld_{{ loop.index0 }}.keys
            and exact.row_of = withheld_{{ loop.index0 }}.row_of
    {%- endfor %}

),

measured as (

    select
        protected.*
        {%- for column, expression in measures.items() %},
        {{ expression }} as {{ column }}
        {%- endfor %}
    from protected

),

final as (

    select
        {%- for column in public['keys'] + public.open + known %}
        {{ column }},
        {%- endfor %}
        nullif(
            concat_ws(
                ', '
                {%- for column in known -%},
                case when {{ column }} is null and exact_{{ column }} is not null then '{{ column }}' end
                {%- endfor %}
            ),
            ''
        ) as protected_columns
    from measured

)

select * from final
{%- endmacro %}


{#
    Intensity and adjusted headcount weigh each poor unit by the share it lacks. Protected, the weights sum to a
    rounded number of whole units, at least k of twelve and at most one for each of the protected count `units`.
#}
{% macro weighted(exact_share, units) -%}
    case when {{ units }} >= 0 then least(
        {{ units }},
        greatest(cast(k * {{ units }} as double) / 12, round({{ exact_share }} * {{ units }} / round_to) * round_to)
    ) end
{%- endmacro %}


{# A sum of money, coarser than what a single household can have in it; withheld where the count it belongs to is. #}
{% macro money(column, count) -%}
    case when {{ count }} >= 0 then {{ rounded('exact_' ~ column, 'round_vnd_to') }} end
{%- endmacro %}
