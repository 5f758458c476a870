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


{# Marts with public counts. #}
{% macro protected_marts() -%}
    {{ return([
        'area_cards', 'area_conflict', 'area_cross', 'area_indicator', 'area_movement', 'area_mpi', 'area_mpi_group',
        'area_poverty', 'area_programme', 'official_report_1', 'official_report_8', 'official_report_9',
        'official_report_10', 'official_report_11', 'official_report_12', 'official_report_13'
    ]) }}
{%- endmacro %}


{# The public rows of a mart for the months of a build, with their place and their other keys as two texts. #}
{% macro public_rows_of(mart, without='', only='true') -%}
    {%- set relation, public = ref(mart), public_columns(mart) -%}
    select
        *,
        {{ 'area_level' if 'area_level' in public['keys'] else "'form'" }} as cell_level,
        {{ 'area_code' if 'area_level' in public['keys'] else 'commune_code' }} as cell_code,
        {{ shared_keys(mart, without) }} as keys,
        {{ as_text(public.rows) }} as row_of
    from {{ relation }}
    where {{ is_touched('period_month') }} and ({{ public.where }}) and {{ only }}
{%- endmacro %}


{# The keys, besides month and area, that rows share that are judged together; `without` one that does not matter. #}
{% macro shared_keys(mart, without='') -%}
    {%- set public = public_columns(mart) -%}
    {%- set others = ['period_month', 'area_level', 'area_code', 'commune_code', without] + public.rows -%}
    {{ as_text(public['keys'] | reject('in', others) | list) }}
{%- endmacro %}


{# Columns as one text that is never null. #}
{% macro as_text(columns) -%}
    {% for column in columns -%}
        coalesce(cast({{ column }} as varchar), 'unknown'){{ " || ' ' || " if not loop.last }}
    {%- else %}''{% endfor %}
{%- endmacro %}


{# The protected counts of a mart as lists that share their keys: (columns, key they do not depend on, condition). #}
{% macro counts_by_key(mart) -%}
    {%- set public = public_columns(mart) -%}
    {%- set once = public.once -%}
    {%- set lists = [(public.counts | reject('in', once.counts) | list, '', 'true')] -%}
    {%- if once.counts %}{% do lists.append((once.counts, once.without, once.where)) %}{% endif -%}
    {{ return(lists) }}
{%- endmacro %}


{#
    The last CTEs of a model: `judged` has the cells of relation `cells` that are withheld since they are small, or would
    give away a small one that stands with them in a sum. Of `levels` alone.
#}
{% macro judged_by_sums(cells, levels) -%}
sum_with_small as (

    select distinct
        member.judged_id,
        small.period_month,
        small.area_level,
        small.area_code
    from {{ cells }} as small
    inner join {{ ref('disclosure_sum_member') }} as member
        on small.number_id = member.number_id
    where small.is_small and small.area_level in ('{{ levels | join("', '") }}')

),

-- What adds up to or with a small count; nothing else can give it away.
beside_small as (

    select
        cell.*,
        member.sum_name,
        member.kind,
        member.role,
        member.is_apart,
        member.addends_id,
        member.judged_id
    from {{ cells }} as cell
    inner join {{ ref('disclosure_sum_member') }} as member
        on cell.number_id = member.number_id
    inner join sum_with_small
        on
            member.judged_id = sum_with_small.judged_id
            and cell.period_month = sum_with_small.period_month
            and cell.area_level = sum_with_small.area_level
            and cell.area_code = sum_with_small.area_code

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
    window of_sum as (partition by addends_id, period_month, area_level, area_code)

),

given_away_in_sum as (

    select
        in_sum.*,
        role = 'rest' and bool_or(withholds) over judged_together
        or role = 'part' and bool_or(withholds) over judged_together and bool_or(is_cramped) over judged_together
        or role in ('part', 'rest', 'few') and bool_or(is_of_few) over judged_together as is_withheld
    from in_sum
    window judged_together as (partition by judged_id, period_month, area_level, area_code)

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
    window of_sum as (partition by addends_id, period_month, area_level, area_code)

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
    window judged_together as (partition by judged_id, period_month, area_level, area_code)

),

reason as (

    select
        goes_with_id,
        period_month,
        area_level,
        area_code,
        'a small count' as reason
    from {{ cells }}
    where is_small and area_level in ('{{ levels | join("', '") }}')
    {% for relation in ['given_away_in_sum', 'given_away_in_whole'] %}
    union all

    select
        goes_with_id,
        period_month,
        area_level,
        area_code,
        sum_name as reason
    from {{ relation }}
    where is_withheld
    {% endfor %}
),

judged as (

    select
        goes_with_id,
        period_month,
        area_level,
        area_code,
        min(reason) as reason
    from reason
    group by goes_with_id, period_month, area_level, area_code

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
    inner join touched_period
        on exact.period_month = touched_period.period_month
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
        greatest(k * {{ units }} / 12.0, round({{ exact_share }} * {{ units }} / round_to) * round_to)
    ) end
{%- endmacro %}


{# A sum of money, coarser than what a single household can have in it; withheld where the count it belongs to is. #}
{% macro money(column, count) -%}
    case when {{ count }} >= 0 then {{ rounded('exact_' ~ column, 'round_vnd_to') }} end
{%- endmacro %}
