-- grain: one row per month in scope, household with a review in force and standard
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

household_in_scope as (

    select * from {{ ref('int_household_in_scope') }}

),

household_indicator as (

    {{ indicator_answers(
        month_in_scope('period_month') ~ ' and household_key in (select one.household_key from household_in_scope as one)'
    ) }}

),

indicator as (

    select * from {{ ref('indicator') }}

),

final as (

    select
        household_indicator.period_month,
        household_indicator.household_key,
        household_indicator.standard_id,
        -- DuckDB counts in 128 bits, which Parquet turns into floats, and counts nothing but nulls as null.
        count(*) filter (where household_indicator.deprived) as deprivation_count,
        count(*) filter (where coalesce(household_indicator.deprived, true)) as deprivation_count_max,
        -- Weights are thirty-sixths, so that those of every standard add up in integers.
    {% for weights in ['legal', 'nested'] -%}
        cast(
            sum(
                case when household_indicator.deprived then indicator.weight_{{ weights }} else 0 end
            ) as bigint
        )
            as {{ weights }}_score,
        cast(
            sum(
                case
                    when coalesce(household_indicator.deprived, true) then indicator.weight_{{ weights }} else
                        0
                end
            )
            as bigint
        ) as {{ weights }}_score_max{{ ',' if not loop.last }}
    {% endfor %}
    from household_indicator
    inner join period_in_scope
        on household_indicator.period_month = period_in_scope.period_month
    inner join indicator
        on
            household_indicator.standard_id = indicator.standard_id
            and household_indicator.indicator_code = indicator.indicator_code
    group by
        household_indicator.period_month, household_indicator.household_key, household_indicator.standard_id

)

select * from final
