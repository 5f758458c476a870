{#
    What the models in models/disclosure and models/public share. Which columns of a mart are public, and as what, stands
    as `meta.public` in the mart's YAML, what adds up to what in seeds disclosure_sum and disclosure_sum_column.
    docs/decisions/0011-disclosure-control.md explains each step.
#}


{# `meta.public` of a mart; empty while dbt only parses, when it does not know the models yet. #}
{% macro public_columns(mart) -%}
    {%- set columns = {
        'keys': [], 'rows': [], 'open': [], 'counts': [], 'where': 'true', 'known_sum': 'null', 'rest_row': 'false',
        'bound': [], 'once': {'counts': [], 'without': '', 'where': 'true'}
    } -%}
    {%- if execute %}{% do columns.update(graph.nodes['model.' ~ project_name ~ '.' ~ mart].config.meta.public) %}{% endif -%}
    {{ return(columns) }}
{%- endmacro %}


{# The keys of a mart's rows as two texts: what rows that are judged together share, and what they differ in. #}
{% macro row_keys(public, without='') -%}
    {%- set place = ['period_month', 'area_level', 'area_code', 'commune_code', without] + public.rows -%}
    {{ as_text(public['keys'] | reject('in', place) | list) }} as keys,
    {{ as_text(public.rows) }} as row_of
{%- endmacro %}


{# Columns as one text that is never null. #}
{% macro as_text(columns) -%}
    {% for column in columns -%}
        coalesce(cast({{ column }} as varchar), 'unknown'){{ " || ' ' || " if not loop.last }}
    {%- else %}''{% endfor %}
{%- endmacro %}


{# The protected counts of a mart, each in a row of its own, for the months of a build. #}
{% macro cells_of(mart) -%}
{%- set relation, public = ref(mart), public_columns(mart) -%}
{%- set apart = public.once -%}
{%- set parts = [(public.counts | reject('in', apart.counts) | list, '', 'true'), (apart.counts, apart.without, apart.where)] -%}
{%- for counts, without, condition in parts if counts %}
{{ 'union all' if not loop.first }}
select
    '{{ mart }}' as mart,
    period_month,
    area_level,
    area_code,
    keys,
    row_of,
    known_sum,
    is_rest_row,
    column_name,
    {% if public.bound -%}
    case when column_name in ('{{ public.bound | join("', '") }}') then '{{ public.bound | join(" ") }}' else column_name end
        as column_group,
    case column_name when '{{ public.bound[0] }}' then upper_bound when '{{ public.bound[1] }}' then lower_bound end
        as other_bound,
    {%- else -%}
    column_name as column_group,
    null as other_bound,
    {%- endif %}
    value
from (
    select
        period_month,
        {{ 'area_level, area_code' if 'area_level' in public['keys'] else "'form' as area_level, commune_code as area_code" }},
        {{ row_keys(public, without) }},
        cast({{ public.known_sum }} as varchar) as known_sum,
        {{ public.rest_row }} as is_rest_row,
        {% if public.bound -%}
        cast({{ public.bound[0] }} as bigint) as lower_bound,
        cast({{ public.bound[1] }} as bigint) as upper_bound,
        {%- endif %}
        {% for count in counts -%}
        cast({{ count }} as bigint) as {{ count }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ relation }}
    where {{ is_touched('period_month') }} and ({{ public.where }}) and {{ condition }}
) as public_row
unpivot (value for column_name in ({{ counts | join(', ') }}))
{%- endfor %}
{%- endmacro %}


{# Which cells of a sum are judged together: of one row, of several, or all whose sum is known. #}
{% macro judged_with(cell) -%}
    case
        when sum_column.kind = 'known' then {{ cell }}.known_sum
        when sum_column.each_row then {{ cell }}.keys || '/' || {{ cell }}.row_of
        else {{ cell }}.keys
    end
{%- endmacro %}


{# What tells cells apart that are withheld together. #}
{% macro same_cell(left, right, but=[]) -%}
    {%- for key in ['mart', 'period_month', 'area_level', 'area_code', 'keys', 'row_of', 'column_group'] if key not in but -%}
        {{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#
    The last CTEs of a model: `judged` has the cells of relation `cells` that are withheld since they are small, or would
    give away a small one that stands with them in a sum. Of `levels` alone.
#}
{% macro judged_by_sums(cells, levels) -%}
sum_column as (

    select
        disclosure_sum.sum_name,
        disclosure_sum.kind,
        disclosure_sum.each_row,
        disclosure_sum.apart_row,
        disclosure_sum_column.mart,
        disclosure_sum_column.column_name,
        disclosure_sum_column.role
    from {{ ref('disclosure_sum') }} as disclosure_sum
    inner join {{ ref('disclosure_sum_column') }} as disclosure_sum_column
        on disclosure_sum.sum_name = disclosure_sum_column.sum_name

),

small as (

    select * from {{ cells }}
    where is_small and area_level in ('{{ levels | join("', '") }}')

),

sum_with_small as (

    select distinct
        sum_column.sum_name,
        small.period_month,
        small.area_level,
        small.area_code,
        {{ judged_with('small') }} as judged_with
    from small
    inner join sum_column
        on small.mart = sum_column.mart and small.column_name = sum_column.column_name

),

-- What adds up to or with a small count; nothing else can give it away.
beside_small as (

    select
        cell.mart,
        cell.period_month,
        cell.area_level,
        cell.area_code,
        cell.keys,
        cell.row_of,
        cell.column_group,
        cell.value,
        cell.is_small,
        cell.suppress_below,
        cell.round_to,
        sum_column.sum_name,
        sum_column.kind,
        case
            when sum_column.role <> 'each_row' then sum_column.role
            when cell.is_rest_row then 'rest'
            else 'part'
        end as role,
        coalesce(cell.row_of = sum_column.apart_row, false) as is_apart,
        case sum_column.kind
            when 'known' then cell.known_sum
            when 'rows' then cell.keys
            else cell.keys || '/' || cell.row_of
        end as addends,
        sum_with_small.judged_with
    from {{ cells }} as cell
    inner join sum_column
        on cell.mart = sum_column.mart and cell.column_name = sum_column.column_name
    inner join sum_with_small
        on
            sum_column.sum_name = sum_with_small.sum_name
            and cell.period_month = sum_with_small.period_month
            and cell.area_level = sum_with_small.area_level
            and cell.area_code = sum_with_small.area_code
            and {{ judged_with('cell') }} = sum_with_small.judged_with

),

-- Sums with a rest, or of which parts are shown: is there a small one, and does the whole leave it room.
in_sum as (

    select
        beside_small.*,
        bool_or(is_small and role in ('part', 'rest', 'among')) over of_sum as withholds,
        bool_or(is_small and role = 'whole' and not is_apart) over of_sum as is_of_few,
        not is_apart and {{ rounded("case when kind = 'rows' then sum(value) over of_sum else max(case when role = 'whole' then value end) over of_sum end", 'round_to') }}
        - {{ int_div('round_to', '2') }} - sum(case when role = 'part' then {{ most_of('value') }} else 0 end) over of_sum
        < suppress_below as is_cramped
    from beside_small
    where kind in ('columns', 'rows')
    window of_sum as (partition by sum_name, period_month, area_level, area_code, addends)

),

given_away_in_sum as (

    select
        in_sum.*,
        role = 'rest' and bool_or(withholds) over judged_together
        or role = 'part' and bool_or(withholds) over judged_together and bool_or(is_cramped) over judged_together
        or role in ('part', 'rest', 'few') and bool_or(is_of_few) over judged_together as is_withheld
    from in_sum
    window judged_together as (partition by sum_name, period_month, area_level, area_code, judged_with)

),

-- Sums whose whole is known and that have no rest: of `all` every part but the zeros goes with a small one.
in_whole as (

    select
        beside_small.*,
        coalesce(bool_or(is_small and role = 'whole') over of_sum, false) as is_of_few,
        case
            when kind = 'known' then sum(value) over of_sum
            else {{ rounded("max(case when role = 'whole' then value end) over of_sum", 'round_to') }}
        end as whole,
        case when kind = 'known' then 0 else {{ int_div('round_to', '2') }} end as slack,
        {{ parts_of("role <> 'whole' and (is_small or kind = 'all' and value > 0)", "role <> 'whole'", 'over of_sum') }}
    from beside_small
    where kind in ('all', 'known')
    window of_sum as (partition by sum_name, period_month, area_level, area_code, addends)

),

given_away_in_whole as (

    select
        in_whole.*,
        role <> 'whole' and (
            kind = 'all' and value > 0 and small_parts > 0
            or coalesce(bool_or(
                case
                    when kind = 'known' then {{ is_tight('whole', '(-slack)') }}
                    when small_parts = 0 or other_parts > 0 then false
                    when is_of_few then small_parts > 2
                    else {{ is_tight('whole', '(-slack)') }}
                end
            ) over judged_together, false)
        ) as is_withheld
    from in_whole
    window judged_together as (partition by sum_name, period_month, area_level, area_code, judged_with)

),

reason as (

    {% for relation, reason, condition in [
        ('small', "'a small count'", 'true'),
        ('given_away_in_sum', 'sum_name', 'is_withheld'),
        ('given_away_in_whole', 'sum_name', 'is_withheld')
    ] -%}
    select
        mart,
        period_month,
        area_level,
        area_code,
        keys,
        row_of,
        column_group,
        {{ reason }} as reason
    from {{ relation }}
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

judged as (

    select
        mart,
        period_month,
        area_level,
        area_code,
        keys,
        row_of,
        column_group,
        min(reason) as reason
    from reason
    group by mart, period_month, area_level, area_code, keys, row_of, column_group

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
    and how many are withheld, small ones and others. `is_part` says which cells are parts.
#}
{% macro parts_of(is_withheld, is_part='true', over='') -%}
    {%- set shown = is_part ~ ' and not (' ~ is_withheld ~ ') and value > 0' -%}
    {%- set known = rounded('value', 'round_to') -%}
    {%- set half = int_div('round_to', '2') -%}
    sum(case when {{ shown }} then greatest({{ known }} - {{ half }}, suppress_below) else 0 end) {{ over }} as parts_least,
    sum(case when {{ shown }} then {{ known }} + {{ half }} else 0 end) {{ over }} as parts_most,
    count_if({{ is_withheld }} and value between 1 and suppress_below - 1) {{ over }} as small_parts,
    count_if({{ is_withheld }} and not (value between 1 and suppress_below - 1)) {{ over }} as other_parts
{%- endmacro %}


{#
    Whether withheld parts of a `total` show by subtraction, given parts_of: whether a small one cannot be everything
    from one to the largest small count, or another one is known as closely. `slack` is what rounding leaves open of the
    total, `others_least` what the other ones come to at least.
#}
{% macro is_tight(total, slack, others_least='0') -%}
    {%- set most = total ~ ' + ' ~ slack ~ ' - parts_least' -%}
    {%- set least = total ~ ' - ' ~ slack ~ ' - parts_most' -%}
    (
        small_parts > 0 and {{ most }} - (small_parts - 1) < suppress_below - 1
        or small_parts > 0 and other_parts = 0 and {{ least }} - (suppress_below - 1) * (small_parts - 1) > 1
        or other_parts > 0 and {{ most }} - small_parts - greatest(
            case when other_parts = 1 then {{ least }} - (suppress_below - 1) * small_parts else 0 end, {{ others_least }}
        ) < suppress_below - 1
    )
{%- endmacro %}


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

touched_period as (

    select * from {{ ref('touched_period') }}

),

disclosure_rule as (

    select * from {{ ref('disclosure_rule') }}

),

exact as (

    select
        mart.*,
        {{ "mart.area_level" if 'area_level' in public['keys'] else "'form'" }} as cell_level,
        {{ "mart.area_code" if 'area_level' in public['keys'] else "mart.commune_code" }} as cell_code,
        {{ row_keys(public) }}
        {%- if public.once.counts %},
        {{ row_keys(public, public.once.without) | replace(' as keys', ' as once_keys') | replace(' as row_of', ' as once_row_of') }}
        {%- endif %}
    from {{ ref(mart) }} as mart
    where {{ is_touched('period_month') }} and ({{ public.where }})

),

protected as (

    select
        {%- for column in public['keys'] + public.open %}
        exact.{{ column }},
        {%- endfor %}
        {%- for column in public.counts %}
        {%- set withheld = 'withheld_once' if column in public.once.counts else 'withheld' %}
        {%- set named = public.bound | join(' ') if column in public.bound else column %}
        case
            when not coalesce(array_contains({{ withheld }}.columns, '{{ named }}'), false)
                then {{ rounded('exact.' ~ column, 'disclosure_rule.round_to') }}
        end as {{ column }},
        {%- endfor %}
        {%- for column in known %}
        exact.{{ column }} as exact_{{ column }},
        {%- endfor %}
        disclosure_rule.suppress_below,
        disclosure_rule.round_to,
        disclosure_rule.round_vnd_to
    from exact
    inner join touched_period
        on exact.period_month = touched_period.period_month
    inner join disclosure_rule
        on exact.period_month between disclosure_rule.valid_from and disclosure_rule.valid_to
    {%- for name, prefix in [('withheld', ''), ('withheld_once', 'once_')] if not prefix or public.once.counts %}
    left join withheld{{ ' as ' ~ name if name != 'withheld' }}
        on
            exact.period_month = {{ name }}.period_month
            and exact.cell_level = {{ name }}.area_level
            and exact.cell_code = {{ name }}.area_code
            and exact.{{ prefix }}keys = {{ name }}.keys
            and exact.{{ prefix }}row_of = {{ name }}.row_of
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
        greatest(k * {{ units }} / 12.0, round({{ exact_share }} * {{ units }} / round_to) * round_to)
    ) end
{%- endmacro %}


{# A sum of money, coarser than what a single household can have in it; withheld where the count it belongs to is. #}
{% macro money(column, count) -%}
    case when {{ count }} >= 0 then {{ rounded('exact_' ~ column, 'round_vnd_to') }} end
{%- endmacro %}
