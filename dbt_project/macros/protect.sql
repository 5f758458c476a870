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
    - `few`: what is withheld with the whole and for nothing else. `alone`: each row is judged for itself.
    - `all`, without the others: parts of a whole that has no rest. Those that are not zero go with a small one, and the
      zeros too where none of them is large enough to hide it.
    `within` are keys of rows that are judged together: what one says of a zero, the other must not withhold.
    `together` are counts that add up over such rows; `rest_row` is the condition on the row that is left out as soon as
    one of them is withheld, as `rest` is among columns. `spread` maps a count to the keys over whose rows its sum is
    known from other counts: all go where the small ones would show. `same` are counts that are one number `for_every`
    value of a key, of which the communes may have rows for some alone. `alike` are counts that bound each other: they
    go together, zeros too.

    Areas that contain communes are withheld where the communes that are withheld would show by subtraction (is_tight).
    A unit from before a merger is shown where nothing is withheld of what it became and of what it became it with.
#}
{% macro protect(mart, keys, counts, measures={}, open=[], where='true', sums=[], within=[], together=[], rest_row='false', spread={}, same=[], for_every='', alike=[]) -%}
{%- set others = keys | reject('in', ['area_level', 'area_code']) | list -%}
{%- set has_areas = 'area_level' in keys -%}
{%- set known = counts + measures.keys() | list -%}
{%- set carried = keys + open + counts -%}
{%- do carried.extend(['suppress_below', 'round_to', 'round_vnd_to']) -%}
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
            {% for small in (alike if column in alike else [column]) -%}
            {{ 'or ' if not loop.first }}coalesce(mart.{{ small }} between 1 and disclosure_rule.suppress_below - 1, false)
            {%- endfor %} as {{ column }}_is_small,
        {%- endfor %}
        {%- for column in known %}
            mart.{{ column }} as exact_{{ column }},
        {%- endfor %}
        disclosure_rule.suppress_below,
        disclosure_rule.round_to,
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

{{ judged('judged_unit', 'exact', counts, sums, within, together, rest_row, spread, "area_level in ('commune', 'commune_then')", alike=alike) }},

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

-- A unit that was split is bounded by what each commune has of it, so they go with it.
part_of_withheld as (

    select
        given.new_code,
        'commune_then' as area_level,
        given.old_code as area_code
    from communes_before_2025 as given

    union all

    select
        given.new_code,
        'commune' as area_level,
        taken.new_code as area_code
    from communes_before_2025 as given
    inner join communes_before_2025 as taken
        on given.old_code = taken.old_code and given.new_code <> taken.new_code

    union all

    select distinct
        given.new_code,
        'commune' as area_level,
        given.new_code as area_code
    from communes_before_2025 as given
    inner join communes_before_2025 as taken
        on given.old_code = taken.old_code and given.new_code <> taken.new_code

),

withheld_before as (

    select
        {%- for key in others %}
            withheld_on_either_map.{{ key }},
        {%- endfor %}
        part_of_withheld.area_level,
        part_of_withheld.area_code,
        {%- for column in counts %}
            bool_or(withheld_on_either_map.{{ column }}_is_withheld) as {{ column }}_is_withheld{{ ',' if not loop.last }}
        {%- endfor %}
    from withheld_on_either_map
    inner join part_of_withheld
        on withheld_on_either_map.new_code = part_of_withheld.new_code
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

commune_part as (

    select
        judged_part.*,
        communes.province_code as city,
        communes.former_province_code as former_province,
        commune_area_type.area_type
    from judged_part
    inner join communes
        on judged_part.area_code = communes.code
    inner join commune_area_type
        on
            judged_part.area_code = commune_area_type.commune_code
            and judged_part.period_month between commune_area_type.valid_from and commune_area_type.valid_to
    where judged_part.area_level = 'commune'

),

communes_of_area as (

    {% for level in ['city', 'former_province', 'area_type'] -%}
    select
        {%- for key in others %}
            {{ key }},
        {%- endfor %}
        '{{ level }}' as area_level,
        {{ level }} as area_code,
        {%- for column in counts %}
            {{ parts_of(column, column ~ '_is_withheld') }}{{ ',' if not loop.last }}
        {%- endfor %}
    from commune_part
    group by all
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Withheld beside communes that are, an area must be able to be larger than a small count, or they would be ones.
containing_area as (

    select
        {%- for column in keys + open + counts %}
            exact.{{ column }},
        {%- endfor %}
        {%- for column in counts %}
            {{ column }}_is_small
            {%- for like in (alike if column in alike else [column]) %} or coalesce(
                {{ like }} > 0 and (
                    {{ like }}_small_parts > 1 and {{ like }} < suppress_below - 1 + {{ like }}_small_parts
                    or {{ is_tight(rounded(like, 'round_to'), like, '-' ~ int_div('round_to', '2')) }}
                ),
                false
            )
            {%- endfor %} as {{ column }}_is_small,
        {%- endfor %}
        {%- for column in counts %}
            coalesce({{ column }}_parts_least + {{ column }}_small_parts, 0) as {{ column }}_least,
        {%- endfor %}
        {%- for column in known %}
            exact_{{ column }},
        {%- endfor %}
        suppress_below,
        round_to,
        round_vnd_to
    from exact
    left join communes_of_area
        on {{ same_keys('exact', 'communes_of_area', keys) }}
    where exact.area_level not in ('commune', 'commune_then')

),

areas_of_city as (

    select
        {%- for key in others %}
            {{ key }},
        {%- endfor %}
        area_level,
        {%- for column in counts %}
            {{ parts_of(column, column ~ '_is_small') }},
            sum(case when {{ column }}_is_small and {{ column }} >= suppress_below then {{ column }}_least else 0 end)
                as {{ column }}_others_least{{ ',' if not loop.last }}
        {%- endfor %}
    from containing_area
    where area_level in ('former_province', 'area_type')
    group by all

),

-- Where one of a few areas would show, all of them go; where none is left to go, the city does, and with it what it
-- is the sum of.
city_in_parts as (

    select
        {%- for key in others %}
            city.{{ key }},
        {%- endfor %}
        areas_of_city.area_level,
        {%- for column in counts %}
            city.{{ column }}_is_small,
            {{ column }}_parts_most,
            {{ is_tight(rounded('city.' ~ column, 'round_to'), column, '-' ~ int_div('round_to', '2'), column ~ '_others_least') }}
                as {{ column }}_is_tight{{ ',' if not loop.last }}
        {%- endfor %}
    from containing_area as city
    inner join areas_of_city
        on {{ same_keys('city', 'areas_of_city', others) }}
    where city.area_level = 'city'

),

withheld_city as (

    select
        {%- for key in others %}
            {{ key }},
        {%- endfor %}
        {%- for column in counts %}
            bool_or({{ column }}_is_small or ({{ column }}_is_tight and {{ column }}_parts_most = 0)) as {{ column }}_goes
            {{- ',' if not loop.last }}
        {%- endfor %}
    from city_in_parts
    group by all

),

withheld_in_city as (

    select
        {%- for key in others %}
            {{ key }},
        {%- endfor %}
        'city' as area_level,
        {%- for column in counts %}
            {{ column }}_goes{{ ',' if not loop.last }}
        {%- endfor %}
    from withheld_city
    union all
    select
        {%- for key in others %}
            city_in_parts.{{ key }},
        {%- endfor %}
        city_in_parts.area_level,
        {%- for column in counts %}
            {{ column }}_is_tight or {{ column }}_goes as {{ column }}_goes{{ ',' if not loop.last }}
        {%- endfor %}
    from city_in_parts
    inner join withheld_city
        on {{ same_keys('city_in_parts', 'withheld_city', others) }}

),

area_in_city as (

    select
        {%- for column in carried if not column.endswith('_is_small') %}
            containing_area.{{ column }},
        {%- endfor %}
        {%- for column in counts %}
            {{ column }}_is_small
            {%- for like in (alike if column in alike else [column]) %} or coalesce({{ like }}_goes and {{ like }} > 0, false)
            {%- endfor %} as {{ column }}_is_small{{ ',' if not loop.last }}
        {%- endfor %}
    from containing_area
    left join withheld_in_city
        on {{ same_keys('containing_area', 'withheld_in_city', others + ['area_level']) }}

),

{{ judged('judged_area', 'area_in_city', counts, sums, within, together, rest_row, spread, same=same, over_same=' over (partition by ' ~ keys | reject('equalto', for_every) | join(', ') ~ ')', alike=alike) }},

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
{{ judged('judged', 'exact', counts, sums, within, together, rest_row, spread, alike=alike) }},
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
        suppress_below,
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
{% macro judged(name, relation, counts, sums, within, together, rest_row, spread, where='true', same=[], over_same='', alike=[]) -%}
{%- set over = ' over (partition by ' ~ within | join(', ') ~ ')' if within else '' -%}
{{ name }}_sums as (

    select
        {{ relation }}.*
        {%- for sum in sums -%}
        {%- set involved = sum.get('parts', []) + sum.get('rest', []) + sum.get('among', []) -%}
        {%- set any, in_rows = ('bool_or(', ')' ~ over) if within and not sum.alone else ('', '') -%}
        {%- if sum.all %},
        {{ parts_in_row('sum_' ~ loop.index, sum.all) }}
        {%- else -%}
        {%- if involved %},
        {{ any }}{% for column in involved %}{{ column }}_is_small{{ ' or ' if not loop.last }}{% endfor %}
            {{- in_rows }} as sum_{{ loop.index }}_withholds
        {%- endif %},
        {{ any }}{{ sum.whole }}_is_small and not ({{ sum.get('apart', 'false') }}){{ in_rows }} as sum_{{ loop.index }}_is_of_few
        {%- if sum.parts %},
        {{ any }}not coalesce(
            {{ sum.get('apart', 'false') }}
            or {{ rounded(sum.whole, 'round_to') }} - {{ int_div('round_to', '2') }}
            {%- for column in sum.parts %}
            - {{ most_of(column) }}
            {%- endfor %} >= suppress_below,
            true
        ){{ in_rows }} as sum_{{ loop.index }}_is_cramped
        {%- endif %}
        {%- endif %}
        {%- endfor %}
        {%- for column in together %},
        bool_or({{ column }}_is_small){{ over }} and (
            {{ rest_row }}
            or {{ rounded('sum(' ~ column ~ ')' ~ over, 'round_to') }} - {{ int_div('round_to', '2') }}
            - sum(case when {{ rest_row }} then 0 else {{ most_of(column) }} end){{ over }} < suppress_below
        ) as {{ column }}_goes_with_others
        {%- endfor %}
    from {{ relation }}
    where {{ where }}

),

{% set wholes = sums | selectattr('all', 'defined') | list -%}
{% if spread or wholes -%}
{{ name }}_spread as (

    select
        {{ name }}_sums.*
        {%- for column, keys in spread.items() -%}
        {%- set over_spread = ' over (partition by ' ~ keys | join(', ') ~ ')' %},
        {{ parts_of(column, column ~ '_is_small', over_spread) }},
        sum({{ column }}){{ over_spread }} as {{ column }}_spread
        {%- endfor %}
        {%- for sum in sums if sum.all -%}
        {%- set parts = 'sum_' ~ (sums.index(sum) + 1) %},
        {{ 'bool_or(' if within }}{{ parts }}_small_parts > 0 and {{ parts }}_other_parts = 0 and case
            when {{ sum.whole }}_is_small then {{ parts }}_small_parts > 2
            else {{ is_tight(rounded(sum.whole, 'round_to'), parts, '-' ~ int_div('round_to', '2')) }}
        end{{ ')' ~ over if within }} as {{ parts }}_is_tight
        {%- endfor %}
    from {{ name }}_sums

),

{% endif -%}
{{ name }} as (

    select
        {{ name }}_{{ 'spread' if spread or wholes else 'sums' }}.*,
        {%- for column in counts %}
        {% if column in same %}bool_or({% endif %}{{ column }}_is_small
        {%- for like in (alike if column in alike else [column]) if like in together %} or {{ like }}_goes_with_others
        {%- endfor %}
        {%- if column in spread %} or coalesce({{ is_tight(column ~ '_spread', column, '0') }}, false){% endif %}
        {%- for sum in sums %}
            {%- if column in sum.get('all', []) %} or sum_{{ loop.index }}_is_tight
            or ({{ column }} > 0 and sum_{{ loop.index }}_small_parts > 0){% endif %}
            {%- if column in sum.get('rest', []) %} or sum_{{ loop.index }}_withholds{% endif %}
            {%- if column in sum.get('parts', []) %} or (sum_{{ loop.index }}_withholds and sum_{{ loop.index }}_is_cramped)
            {%- endif %}
            {%- if column in sum.get('parts', []) + sum.get('rest', []) + sum.get('few', []) %} or sum_{{ loop.index }}_is_of_few{% endif %}
        {%- endfor %}{% if column in same %}){{ over_same }}{% endif %} as {{ column }}_is_withheld{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_{{ 'spread' if spread or wholes else 'sums' }}

)
{%- endmacro %}


{# `value` to the nearest multiple of `base`, both not negative integers. #}
{% macro rounded(value, base) -%}
    {{ int_div('2 * (' ~ value ~ ') + ' ~ base, '2 * ' ~ base) }} * {{ base }}
{%- endmacro %}


{# The most that is known of a count once it is withheld, or rounded. #}
{% macro most_of(column) -%}
    case
        when {{ column }} between 1 and suppress_below - 1 then suppress_below - 1
        when {{ column }} > 0 then {{ rounded(column, 'round_to') }} + {{ int_div('round_to', '2') }}
        else 0
    end
{%- endmacro %}


{#
    What is known of the parts of a total where some are withheld: the least and the most that the shown ones come to,
    and how many are withheld, small ones and others.
#}
{% macro parts_of(column, is_withheld, over='') -%}
    {%- set shown = 'not ' ~ is_withheld ~ ' and ' ~ column ~ ' > 0' -%}
    {%- set value = rounded(column, 'round_to') -%}
    {%- set half = int_div('round_to', '2') -%}
    {%- set small = column ~ ' between 1 and suppress_below - 1' -%}
    sum(case when {{ shown }} then greatest({{ value }} - {{ half }}, suppress_below) else 0 end){{ over }} as {{ column }}_parts_least,
    sum(case when {{ shown }} then {{ value }} + {{ half }} else 0 end){{ over }} as {{ column }}_parts_most,
    count_if({{ is_withheld }} and {{ small }}){{ over }} as {{ column }}_small_parts,
    count_if({{ is_withheld }} and not ({{ small }})){{ over }} as {{ column }}_other_parts
{%- endmacro %}


{# As parts_of, where the parts are columns of one row of which none is shown but zeros. #}
{% macro parts_in_row(name, columns) -%}
    {%- set small, other = [], [] -%}
    {%- for column in columns -%}
        {%- do small.append('cast(' ~ column ~ '_is_small as bigint)') -%}
        {%- do other.append('cast(' ~ column ~ ' >= suppress_below as bigint)') -%}
    {%- endfor -%}
    0 as {{ name }}_parts_least,
    0 as {{ name }}_parts_most,
    {{ small | join(' + ') }} as {{ name }}_small_parts,
    {{ other | join(' + ') }} as {{ name }}_other_parts
{%- endmacro %}


{#
    Whether withheld parts of a protected `total` show by subtraction, given parts_of(column): whether a small one
    cannot be everything from one to the largest small count, or another one is known as closely. `others_least` is what
    the other ones come to at least.
#}
{% macro is_tight(total, column, slack, others_least='0') -%}
    {%- set most = total ~ ' + ' ~ slack ~ ' - ' ~ column ~ '_parts_least' -%}
    {%- set least = total ~ ' - ' ~ slack ~ ' - ' ~ column ~ '_parts_most' -%}
    {%- set small, other = column ~ '_small_parts', column ~ '_other_parts' -%}
    (
        {{ small }} > 0 and {{ most }} - ({{ small }} - 1) < suppress_below - 1
        or {{ small }} > 0 and {{ other }} = 0 and {{ least }} - (suppress_below - 1) * ({{ small }} - 1) > 1
        or {{ other }} > 0 and {{ most }} - {{ small }} - greatest(
            case when {{ other }} = 1 then {{ least }} - (suppress_below - 1) * {{ small }} else 0 end, {{ others_least }}
        ) < suppress_below - 1
    )
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


