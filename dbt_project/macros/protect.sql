{#
    A mart as everybody may see it, as the whole body of a model in models/public.

    `keys` and `open` stand as they are: grain, and figures that are public anyway. `counts` are protected by the rule
    of seed disclosure_rule: small ones withheld (null), the rest rounded. `measures` maps a column to an expression
    over protected counts, so that a measure never says more than the counts beside it; `exact_<column>` is the mart's
    own value, for what cannot be derived from counts. protected_columns names what the mart knows and the row
    withholds. Not for household facts: they have no public form.
#}
{% macro protect(mart, keys, counts, measures={}, open=[], where='true') -%}
with

exact as (

    select * from {{ ref(mart) }}
    where {{ where }}

),

disclosure_rule as (

    select * from {{ ref('disclosure_rule') }}

),

protected as (

    select
        {%- for column in keys + open %}
            exact.{{ column }},
        {%- endfor %}
        {%- for column in counts %}
            case
                when exact.{{ column }} = 0 or exact.{{ column }} >= disclosure_rule.suppress_below
                    then
                        {{ int_div('2 * exact.' ~ column ~ ' + disclosure_rule.round_to', '2 * disclosure_rule.round_to') }}
                        * disclosure_rule.round_to
            end as {{ column }},
        {%- endfor %}
        {%- for column in counts + measures.keys() | list %}
            exact.{{ column }} as exact_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from exact
    inner join disclosure_rule
        on exact.period_month between disclosure_rule.valid_from and disclosure_rule.valid_to

),

measured as (

    select
        {%- for column in keys + open + counts %}
            {{ column }},
        {%- endfor %}
        {%- for column, expression in measures.items() %}
            {{ expression }} as {{ column }},
        {%- endfor %}
        {%- for column in counts + measures.keys() | list %}
            exact_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from protected

),

final as (

    select
        {%- for column in keys + open + counts + measures.keys() | list %}
            {{ column }},
        {%- endfor %}
        nullif(
            concat_ws(
                ', ',
                {%- for column in counts + measures.keys() | list %}
                    case when {{ column }} is null and exact_{{ column }} is not null then '{{ column }}' end
                    {{- ',' if not loop.last }}
                {%- endfor %}
            ),
            ''
        ) as protected_columns
    from measured

)

select * from final
{%- endmacro %}
