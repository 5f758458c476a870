{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month and household with a review in force at month end: its newest form
with

newest_form as (

    select * from {{ ref('int_newest_form') }}

),

form_member as (

    select * from {{ ref('int_form_member') }}

),

-- A form none of whose people is left on it is no household; with one left, or without any on file, it is: of
-- the head alone a mistyped number would tell.
left_behind as (

    select
        period_month,
        household_key
    from form_member
    group by period_month, household_key
    having count(*) filter (where household_key = newest_form_of) = 0

),

final as (

    select newest_form.*
    from newest_form
    left join left_behind
        on
            newest_form.period_month = left_behind.period_month
            and newest_form.household_key = left_behind.household_key
    where left_behind.household_key is null

)

select * from final
