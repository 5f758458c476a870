-- grain: one row per number, month of the build and area that a public row knows
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

disclosure_rule as (

    select * from {{ ref('disclosure_rule') }}

),

cell_of_mart as (

    {% for mart in protected_marts() %}
        {{ cells_of(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        cell_of_mart.*,
        disclosure_rule.suppress_below,
        disclosure_rule.round_to
    from cell_of_mart
    inner join period_in_scope
        on cell_of_mart.period_month = period_in_scope.period_month
    inner join disclosure_rule
        on cell_of_mart.period_month between disclosure_rule.valid_from and disclosure_rule.valid_to

)

select * from final
