{#
    A mart as everybody may see it, as the whole body of a model in models/public. Not for household facts: they have
    no public form. docs/decisions/0011-disclosure-control.md says why each step is there.

    `keys` and `open` stand as they are: grain, and figures that are public anyway. `counts` are protected by the rule
    of seed disclosure_rule: small ones are withheld (null), the rest rounded. `measures` maps a column to an
    expression over protected counts, so that a measure never says more than the counts beside it; `exact_<column>` is
    the mart's own value. protected_columns names what the mart knows and the row withholds.

    Counts that add up give a withheld one away. `sums` lists them, each with
    - `whole`: the total. Parts and rest of a withheld whole are withheld with it.
    - `rest`: what is left out as soon as a count of the sum is withheld, so that nothing can be subtracted.
    - `parts`: the others. They go too where the whole leaves so little over that the rest would not hide them.
    - `among`: further counts whose smallness leaves the rest out. `apart`: when the parts are not of the whole.
    `within` are keys of rows that are judged together: what one says of a zero, the other must not withhold. `together` are counts that add up over such rows; `rest_row` is
    the condition on the row that is left out as soon as one of them is withheld, as `rest` is among columns.

    Areas that contain communes take what communes withhold as a pool, rounded so coarsely that no one of them shows.
    A unit from before a merger is shown where nothing is withheld of what it became and of what it became it with.
#}
{% macro protect(mart, keys, counts, measures={}, open=[], where='true', sums=[], within=[], together=[], rest_row='false') -%}
{%- set others = keys | reject('in', ['area_level', 'area_code']) | list -%}
{%- set has_areas = 'area_level' in keys -%}
{%- set known = counts + measures.keys() | list -%}
{%- set carried = keys + open + counts -%}
{%- do carried.extend(['suppress_below', 'round_to', 'pool_round_to', 'round_vnd_to']) -%}
{%- for column in counts %}{% do carried.append(column ~ '_is_small') %}{% endfor -%}
{%- for column in known %}{% do carried.append('exact_' ~ column) %}{% endfor -%}
with

disclosure_rule as (

    select * from {{ ref('disclosure_rule') }}

),

touched_period as (

    select * from {{ ref('touched_period') }}

),

exact as (

    select
        {%- for column in keys + open %}
            mart.{{ column }},
        {%- endfor %}
        {%- for column in counts %}
            mart.{{ column }},
            coalesce(mart.{{ column }} between 1 and disclosure_rule.suppress_below - 1, false) as {{ column }}_is_small,
        {%- endfor %}
        {%- for column in known %}
            mart.{{ column }} as exact_{{ column }},
        {%- endfor %}
        disclosure_rule.suppress_below,
        disclosure_rule.round_to,
        disclosure_rule.pool_round_to,
        disclosure_rule.round_vnd_to
    from {{ ref(mart) }} as mart
    inner join touched_period
        on mart.period_month = touched_period.period_month
    inner join disclosure_rule
        on mart.period_month between disclosure_rule.valid_from and disclosure_rule.valid_to
    where {{ where }}

),

{% if has_areas %}
communes as (

    select * from {{ ref('communes') }}

),

communes_before_2025 as (

    select * from {{ ref('communes_before_2025') }}

),

commune_area_type as (

    select * from {{ ref('commune_area_type') }}

),

{{ judged('judged_unit', 'exact', counts, sums, within, together, rest_row, "area_level in ('commune', 'commune_then')") }},

-- What each commune of today withholds, itself or by a unit that it was made of.
withheld_on_either_map as (

    select
        {%- for key in others %}
            judged_unit.{{ key }},
        {%- endfor %}
        communes_before_2025.new_code,
        {%- for column in counts %}
            bool_or(judged_unit.{{ column }}_is_withheld) as {{ column }}_is_withheld{{ ',' if not loop.last }}
        {%- endfor %}
    from judged_unit
    inner join communes_before_2025
        on
            judged_unit.area_code
            = case
                when judged_unit.area_level = 'commune' then communes_before_2025.new_code
                else communes_before_2025.old_code
            end
    inner join communes
        on
            communes_before_2025.new_code = communes.code
            and judged_unit.period_month < communes.effective_from
    group by all

),

withheld_before as (

    select
        {%- for key in others %}
            withheld_on_either_map.{{ key }},
        {%- endfor %}
        'commune_then' as area_level,
        communes_before_2025.old_code as area_code,
        {%- for column in counts %}
            bool_or(withheld_on_either_map.{{ column }}_is_withheld) as {{ column }}_is_withheld{{ ',' if not loop.last }}
        {%- endfor %}
    from withheld_on_either_map
    inner join communes_before_2025
        on withheld_on_either_map.new_code = communes_before_2025.new_code
    group by all

),

judged_part as (

    select
        {%- for column in carried %}
            judged_unit.{{ column }},
        {%- endfor %}
        {%- for column in counts %}
            judged_unit.{{ column }}_is_withheld or coalesce(withheld_before.{{ column }}_is_withheld, false)
                as {{ column }}_is_withheld{{ ',' if not loop.last }}
        {%- endfor %}
    from judged_unit
    left join withheld_before
        on {{ same_keys('judged_unit', 'withheld_before', keys) }}

),

-- What the communes of one kind in one former province withhold.
withheld_together as (

    select
        {%- for key in others %}
            judged_part.{{ key }},
        {%- endfor %}
        communes.province_code as city,
        communes.former_province_code as former_province,
        commune_area_type.area_type,
        max(judged_part.suppress_below) as suppress_below,
        max(judged_part.round_to) as round_to,
        max(judged_part.pool_round_to) as pool_round_to,
        {%- for column in counts %}
            sum(case when {{ column }}_is_withheld then {{ column }} end) as {{ column }},
            count_if({{ column }}_is_withheld and {{ column }}_is_small) as {{ column }}_parts{{ ',' if not loop.last }}
        {%- endfor %}
    from judged_part
    inner join communes
        on judged_part.area_code = communes.code
    inner join commune_area_type
        on
            judged_part.area_code = commune_area_type.commune_code
            and judged_part.period_month between commune_area_type.valid_from and commune_area_type.valid_to
    where judged_part.area_level = 'commune'
    group by all

),

pool as (

    select
        {%- for key in others %}
            {{ key }},
        {%- endfor %}
        city,
        former_province,
        area_type,
        {%- for column in counts %}
            {{ column }}_parts,
            {{ pooled(column) }} - {{ column }} as {{ column }}_shift{{ ',' if not loop.last }}
        {%- endfor %}
    from withheld_together

),

pool_of_area as (

    {% for level in ['city', 'former_province', 'area_type'] -%}
    select
        {%- for key in others %}
            {{ key }},
        {%- endfor %}
        '{{ level }}' as area_level,
        {{ level }} as area_code,
        {%- for column in counts %}
            sum({{ column }}_parts) as {{ column }}_parts,
            cast(sum({{ column }}_shift) as bigint) as {{ column }}_shift{{ ',' if not loop.last }}
        {%- endfor %}
    from pool
    group by all
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Each of its withheld parts is at least one: a withheld area with a few of them must be able to be larger than a part,
-- or they would be ones. With many it is large enough to be shown.
containing_area as (

    select
        {%- for column in keys + open %}
            exact.{{ column }},
        {%- endfor %}
        {%- for column in counts %}
            exact.{{ column }} + coalesce(pool_of_area.{{ column }}_shift, 0) as {{ column }},
            coalesce(
                (exact.{{ column }} > 0 or pool_of_area.{{ column }}_shift is not null) and (
                    exact.{{ column }} < suppress_below - 1 + case
                        when pool_of_area.{{ column }}_parts between 2 and suppress_below - 1
                            then pool_of_area.{{ column }}_parts
                        else 1
                    end
                    or exact.{{ column }} + coalesce(pool_of_area.{{ column }}_shift, 0) < suppress_below
                ),
                false
            ) as {{ column }}_is_small,
        {%- endfor %}
        {%- for column in known %}
            exact.exact_{{ column }},
        {%- endfor %}
        exact.suppress_below,
        exact.round_to,
        exact.pool_round_to,
        exact.round_vnd_to
    from exact
    left join pool_of_area
        on {{ same_keys('exact', 'pool_of_area', keys) }}
    where exact.area_level not in ('commune', 'commune_then')

),

{{ judged('judged_area', 'containing_area', counts, sums, within, together, rest_row) }},

judged as (

    {% for relation in ['judged_part', 'judged_area'] -%}
    select
        {%- for column in carried %}
            {{ column }},
        {%- endfor %}
        {%- for column in counts %}
            {{ column }}_is_withheld{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),
{% else %}
{{ judged('judged', 'exact', counts, sums, within, together, rest_row) }},
{% endif %}

protected as (

    select
        {%- for column in keys + open %}
            {{ column }},
        {%- endfor %}
        {%- for column in counts %}
            case when not {{ column }}_is_withheld then {{ rounded(column, 'round_to') }} end as {{ column }},
        {%- endfor %}
        {%- for column in known %}
            exact_{{ column }},
        {%- endfor %}
        round_to,
        round_vnd_to
    from judged

),

measured as (

    select
        {%- for column in keys + open + counts %}
            {{ column }},
        {%- endfor %}
        {%- for column, expression in measures.items() %}
            {{ expression }} as {{ column }},
        {%- endfor %}
        {%- for column in known %}
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
                {%- for column in known %}
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


{# The rows of `relation` as CTE `name`, with <count>_is_withheld for each count; arguments as in protect. #}
{% macro judged(name, relation, counts, sums, within, together, rest_row, where='true') -%}
{%- set over = ' over (partition by ' ~ within | join(', ') ~ ')' if within else '' -%}
{{ name }}_sums as (

    select
        {{ relation }}.*
        {%- for sum in sums -%}
        {%- set involved = sum.get('parts', []) + sum.get('rest', []) + sum.get('among', []) %},
        {{ 'bool_or(' if within }}{% for column in involved %}{{ column }}_is_small{{ ' or ' if not loop.last }}{% endfor %}
            {{- ')' ~ over if within }} as sum_{{ loop.index }}_withholds,
        {{ 'bool_or(' if within }}{{ sum.whole }}_is_small and not ({{ sum.get('apart', 'false') }})
            {{- ')' ~ over if within }} as sum_{{ loop.index }}_is_of_few,
        {{ 'bool_or(' if within }}{% if sum.get('parts') %}not coalesce(
            {{ sum.get('apart', 'false') }}
            or {{ rounded(sum.whole, 'round_to') }} - {{ int_div('round_to', '2') }}
            {%- for column in sum.parts %}
            - case
                when {{ column }}_is_small then suppress_below - 1
                when {{ column }} > 0 then {{ rounded(column, 'round_to') }} + {{ int_div('round_to', '2') }}
                else 0
            end
            {%- endfor %} >= suppress_below,
            true
        ){% else %}false{% endif %}{{ ')' ~ over if within }} as sum_{{ loop.index }}_is_cramped
        {%- endfor %}
        {%- for column in together %},
        bool_or({{ column }}_is_small){{ over }} and (
            {{ rest_row }}
            or {{ rounded('sum(' ~ column ~ ')' ~ over, 'round_to') }} - {{ int_div('round_to', '2') }}
            - sum(
                case
                    when {{ rest_row }} then 0
                    when {{ column }}_is_small then suppress_below - 1
                    when {{ column }} > 0 then {{ rounded(column, 'round_to') }} + {{ int_div('round_to', '2') }}
                    else 0
                end
            ){{ over }} < suppress_below
        ) as {{ column }}_goes_with_others
        {%- endfor %}
    from {{ relation }}
    where {{ where }}

),

{{ name }} as (

    select
        {{ name }}_sums.*,
        {%- for column in counts %}
        {{ column }}_is_small
        {%- if column in together %} or {{ column }}_goes_with_others{% endif %}
        {%- for sum in sums %}
            {%- if column in sum.get('rest', []) %} or sum_{{ loop.index }}_withholds{% endif %}
            {%- if column in sum.get('parts', []) %} or (sum_{{ loop.index }}_withholds and sum_{{ loop.index }}_is_cramped)
            {%- endif %}
            {%- if column in sum.get('parts', []) + sum.get('rest', []) %} or sum_{{ loop.index }}_is_of_few{% endif %}
        {%- endfor %} as {{ column }}_is_withheld{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_sums

)
{%- endmacro %}


{# `value` to the nearest multiple of `base`, both not negative integers. #}
{% macro rounded(value, base) -%}
    {{ int_div('2 * (' ~ value ~ ') + ' ~ base, '2 * ' ~ base) }} * {{ base }}
{%- endmacro %}


{#
    What an area counts for the withheld `column` of its communes, null where they withhold nothing: so coarse that, of
    n small counts in it, each can still be anything from one to the largest that is withheld. Where there is at most
    one, few count the same whether they are one household or none.
#}
{% macro pooled(column) -%}
    {%- set half = int_div('pool_round_to', '2') -%}
    {%- set least = int_div(column ~ '_parts + suppress_below - 2 - ' ~ half ~ ' + pool_round_to', 'pool_round_to') ~ ' * pool_round_to' -%}
    {%- set most = int_div('(suppress_below - 1) * (' ~ column ~ '_parts - 1) + 1 + ' ~ half, 'pool_round_to') ~ ' * pool_round_to' -%}
    case
        when {{ column }} is null then null
        when {{ column }}_parts <= 1 and {{ column }} < pool_round_to + {{ half }} then round_to
        when {{ column }} > (suppress_below - 1) * {{ column }}_parts
            then greatest({{ rounded(column, 'pool_round_to') }}, {{ least }})
        else greatest(least({{ rounded(column, 'pool_round_to') }}, {{ most }}), {{ least }})
    end
{%- endmacro %}


{# Whether two rows have the same keys, also where one is null. #}
{% macro same_keys(left, right, keys) -%}
    {%- for key in keys -%}
        {{ left }}.{{ key }} is not distinct from {{ right }}.{{ key }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#
    Intensity and adjusted headcount weigh each poor unit by the share it lacks. Protected, the weights sum to a
    rounded number of whole units, at least k of twelve and at most one for each of the protected count `units`.
#}
{% macro weighted(exact_share, units) -%}
    case when {{ units }} >= 0 then least(
        {{ units }},
        greatest(k * {{ units }} / 12.0, round({{ exact_share }} * {{ units }} / round_to) * round_to)
    ) end
{%- endmacro %}


{# A sum of money, coarser than what a single household can have in it; withheld where the count it belongs to is. #}
{% macro money(column, count) -%}
    case when {{ count }} >= 0 then {{ rounded('exact_' ~ column, 'round_vnd_to') }} end
{%- endmacro %}
