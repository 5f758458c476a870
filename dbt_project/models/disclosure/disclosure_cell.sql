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

cell as (

    {% for mart in protected_marts() %}
        {{ cells_of(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        cell.number_id,
        coalesce(bound_number.goes_with_id, cell.number_id) as goes_with_id,
        cell.period_month,
        cell.area_level,
        cell.area_code,
        cell.value,
        cell.value between 1 and disclosure_rule.suppress_below - 1
        or bound_number.number_id is not null
        and coalesce(cell.least_bound < disclosure_rule.suppress_below, false) as is_small,
        disclosure_rule.suppress_below,
        disclosure_rule.round_to
    from cell
    inner join period_in_scope
        on cell.period_month = period_in_scope.period_month
    inner join disclosure_rule
        on cell.period_month between disclosure_rule.valid_from and disclosure_rule.valid_to
    left join bound_number
        on cell.number_id = bound_number.number_id

)

select * from final
