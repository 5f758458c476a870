-- grain: one row per number, month of the build and area that a public row knows
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

disclosure_rule as (

    select * from {{ ref('disclosure_rule') }}

),

bound_number as (

    select
        number_id,
        goes_with_id
    from {{ ref('disclosure_number') }}
    where is_bound

),

cell_of_mart as (

    {% for mart in protected_marts() %}
        {{ cells_of(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

cell as (

    select
        cell_of_mart.*,
        disclosure_rule.suppress_below,
        disclosure_rule.round_to
    from cell_of_mart
    inner join period_in_scope
        on cell_of_mart.period_month = period_in_scope.period_month
    inner join disclosure_rule
        on cell_of_mart.period_month between disclosure_rule.valid_from and disclosure_rule.valid_to

),

whole as (

    select
        member.addends_id,
        cell.period_month,
        cell.area_level,
        cell.area_code,
        sum(cell.value) as value
    from {{ ref('disclosure_sum_member') }} as member
    inner join cell
        on member.number_id = cell.number_id
    where member.role = 'whole' or member.kind = 'rows' and member.role in ('part', 'rest')
    group by member.addends_id, cell.period_month, cell.area_level, cell.area_code

),

-- Of these few units are not counted, and the whole beside it would show them.
nearly_all as (

    select
        counted.number_id,
        counted.role,
        cell.period_month,
        cell.area_level,
        cell.area_code
    from {{ ref('disclosure_sum_member') }} as counted
    inner join cell
        on counted.number_id = cell.number_id and cell.value >= cell.suppress_below
    inner join whole
        on
            counted.addends_id = whole.addends_id
            and cell.period_month = whole.period_month
            and cell.area_level = whole.area_level
            and cell.area_code = whole.area_code
    where
        counted.role in ('within', 'inside')
        and whole.value - cell.value between 1 and cell.suppress_below - 1

),

-- Where such a count is the rest of a sum of its own, all shown parts would leave it over.
counts_nearly_all as (

    select
        number_id,
        period_month,
        area_level,
        area_code
    from nearly_all

    union

    select
        part.number_id,
        nearly_all.period_month,
        nearly_all.area_level,
        nearly_all.area_code
    from nearly_all
    inner join {{ ref('disclosure_sum_member') }} as rest
        on nearly_all.number_id = rest.number_id and rest.role = 'rest'
    inner join {{ ref('disclosure_sum_member') }} as part
        on rest.addends_id = part.addends_id and part.role = 'part'
    where nearly_all.role = 'inside'

),

final as (

    select
        cell.number_id,
        coalesce(bound_number.goes_with_id, cell.number_id) as goes_with_id,
        cell.period_month,
        cell.area_level,
        cell.area_code,
        cell.value,
        cell.value between 1 and cell.suppress_below - 1
        or counts_nearly_all.number_id is not null
        or bound_number.number_id is not null
        and coalesce(cell.least_bound < cell.suppress_below, false) as is_small,
        cell.suppress_below,
        cell.round_to
    from cell
    left join bound_number
        on cell.number_id = bound_number.number_id
    left join counts_nearly_all
        on
            cell.number_id = counts_nearly_all.number_id
            and cell.period_month = counts_nearly_all.period_month
            and cell.area_level = counts_nearly_all.area_level
            and cell.area_code = counts_nearly_all.area_code

)

select * from final
