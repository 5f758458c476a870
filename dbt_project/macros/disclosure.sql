{#
    The judgement of cells that the models in models/disclosure make twice, of what contains no communes and of what does,
    and its arithmetic. docs/decisions/0011-disclosure-control.md explains each step.
#}


{#
    The last CTEs of a model: `judged` has the cells of relation `cells` that are withheld since they are small, or would
    give away a small one that stands with them in a sum, and why. Of `levels` alone.
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
        on small.number_id = member.number_id and member.role <> 'inside'
    where small.is_small and small.area_level in ('{{ levels | join("', '") }}')

),

-- What adds up to or with a small count; nothing else can give it away, but for counts inside parts (`disclosure_inside`).
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
    where member.role <> 'inside'

),

{{ given_away_by_rest() }},

{{ given_away_by_whole() }},

reason as (

    select
        goes_with_id,
        period_month,
        area_level,
        area_code,
        case when value between 1 and suppress_below - 1 then 'a small count' else 'a small one beside it' end as reason
    from {{ cells }}
    where is_small and area_level in ('{{ levels | join("', '") }}')
    {% for relation in ['given_away_by_rest', 'given_away_by_whole'] %}
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


{#
    Sums of kinds `columns` and `rows`. Beside a small count the rest goes; the parts go too where the whole leaves so
    little over that the rest would not hide it; and with a small whole all go. An empty rest is shown where one count is
    the whole: nobody is left, and it says so already.
#}
{% macro given_away_by_rest() -%}
sum_with_rest as (

    select
        addends_id,
        judged_id,
        period_month,
        area_level,
        area_code,
        suppress_below,
        round_to,
        bool_or(is_small and role in ('part', 'rest', 'among', 'within')) as withholds,
        bool_or(is_small and role = 'whole' and not is_apart) as is_of_few,
        bool_or(is_apart) as is_apart,
        coalesce(
            max(case when role = 'within' then value end) = max(case when role = 'whole' then value end), false
        ) as leaves_nobody,
        case when kind = 'rows' then sum(value) else max(case when role = 'whole' then value end) end as whole,
        sum(case when role = 'part' then {{ most_of('value') }} else 0 end) as parts_most
    from beside_small
    where kind in ('columns', 'rows')
    group by addends_id, judged_id, period_month, area_level, area_code, suppress_below, round_to, kind

),

verdict_with_rest as (

    select
        judged_id,
        period_month,
        area_level,
        area_code,
        bool_or(withholds) as withholds,
        bool_or(is_of_few) as is_of_few,
        bool_or(leaves_nobody) as leaves_nobody,
        bool_or(
            not is_apart
            and {{ rounded('whole', 'round_to') }} - {{ int_div('round_to', '2') }} - parts_most < suppress_below
        ) as is_cramped
    from sum_with_rest
    group by judged_id, period_month, area_level, area_code

),

given_away_by_rest as (

    select
        beside_small.*,
        role = 'rest' and (withholds or is_of_few) and not (leaves_nobody and value = 0)
        or role = 'part' and (withholds and is_cramped or is_of_few)
        or role = 'few' and is_of_few as is_withheld
    from beside_small
    inner join verdict_with_rest
        on {{ same_judged('beside_small', 'verdict_with_rest') }}

)
{%- endmacro %}


{#
    Sums of kinds `all` and `known`, whose parts leave no rest. Of `all` every part but the zeros goes with a small one
    and with the whole.
    All parts go where the withheld ones would show.
#}
{% macro given_away_by_whole() -%}
sum_without_rest as (

    select
        addends_id,
        judged_id,
        period_month,
        area_level,
        area_code,
        kind,
        suppress_below,
        coalesce(bool_or(is_small and role = 'whole'), false) as is_of_few,
        case
            when kind = 'known' then sum(value)
            else {{ rounded("max(case when role = 'whole' then value end)", 'round_to') }}
        end as whole,
        case when kind = 'known' then 0 else -{{ int_div('round_to', '2') }} end as slack,
        {{ parts_of("role <> 'whole' and (is_small or kind = 'all' and value > 0)", "role <> 'whole'") }}
    from beside_small
    where kind in ('all', 'known')
    group by addends_id, judged_id, period_month, area_level, area_code, kind, suppress_below, round_to

),

verdict_without_rest as (

    select
        judged_id,
        period_month,
        area_level,
        area_code,
        bool_or(
            case
                when kind = 'known' then {{ is_tight('whole', 'slack') }}
                when small_parts = 0 or other_parts > 0 then false
                when is_of_few then small_parts > 2
                else {{ is_tight('whole', 'slack') }}
            end
        ) as is_tight
    from sum_without_rest
    group by judged_id, period_month, area_level, area_code

),

given_away_by_whole as (

    select
        beside_small.*,
        verdict_without_rest.is_tight
        or beside_small.kind = 'all' and beside_small.value > 0
        and (sum_without_rest.small_parts > 0 or sum_without_rest.is_of_few) as is_withheld
    from beside_small
    inner join sum_without_rest
        on {{ same_judged('beside_small', 'sum_without_rest') }} and beside_small.addends_id = sum_without_rest.addends_id
    inner join verdict_without_rest
        on {{ same_judged('beside_small', 'verdict_without_rest') }}
    where beside_small.role <> 'whole'

)
{%- endmacro %}


{# Whether two relations speak of the same sums, that are judged together, of an area and month. #}
{% macro same_judged(left, right) -%}
    {%- for key in ['judged_id', 'period_month', 'area_level', 'area_code'] -%}
        {{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
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
{% macro parts_of(is_withheld, is_part='true') -%}
    {%- set shown = is_part ~ ' and not (' ~ is_withheld ~ ') and value > 0' -%}
    {%- set known = rounded('value', 'round_to') -%}
    {%- set half = int_div('round_to', '2') -%}
    sum(case when {{ shown }} then greatest({{ known }} - {{ half }}, suppress_below) else 0 end) as parts_least,
    sum(case when {{ shown }} then {{ known }} + {{ half }} else 0 end) as parts_most,
    count(*) filter (where {{ is_withheld }} and value between 1 and suppress_below - 1) as small_parts,
    count(*) filter (where {{ is_withheld }} and not (value between 1 and suppress_below - 1)) as other_parts
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
