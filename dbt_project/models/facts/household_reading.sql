{{ config(materialized='view') }}
-- grain: one row per month, household with a review in force, standard, indicator and reading that is not
-- used
with

household_indicator as (

    select * from {{ ref('household_indicator') }}

),

household_condition as (

    select * from {{ ref('household_condition') }}

),

standard as (

    select * from {{ ref('standard') }}

),

indicator as (

    select * from {{ ref('indicator') }}

),

reading as (

    select * from {{ ref('reading') }}
    where not is_used

),

final as (

    select
        household_indicator.period_month,
        household_indicator.household_key,
        household_indicator.standard_id,
        household_indicator.indicator_code,
        reading.reading_id,
        -- A reading judges the evidence that the figures judge, and lets it count as long.
        case
            when
                household_indicator.evidence_date
                >= {{ month_add('household_condition.period_end', '-indicator.max_age_months') }}
                then {{ answer_named('reading.answer') }}
        end as deprived
    from household_indicator
    inner join reading
        on
            household_indicator.standard_id = reading.standard_id
            and household_indicator.indicator_code = reading.subject
    inner join standard
        on household_indicator.standard_id = standard.standard_id
    inner join indicator
        on
            household_indicator.standard_id = indicator.standard_id
            and household_indicator.indicator_code = indicator.indicator_code
    inner join household_condition
        on
            household_indicator.period_month = household_condition.period_month
            and household_indicator.household_key = household_condition.household_key
            and standard.rule_set = household_condition.rule_set
    where household_condition.period_end between reading.valid_from and reading.valid_to

)

select * from final
