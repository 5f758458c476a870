{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month and household with a review in force at month end: its newest form
with

newest_form as (

    select * from {{ ref('int_newest_form') }}

),

form_member as (

    select
        form_member.*,
        form_member.member_commune_code || ' ' || form_member.linkage_key as likeness
    from {{ ref('int_form_member') }} as form_member

),

went_to as (

    select distinct
        period_month,
        household_key,
        newest_form_of
    from form_member
    where household_key <> newest_form_of

),

-- Who lacks a number on either form went along with companions, where somebody alike stands beside them.
went_along as (

    select distinct
        form_member.period_month,
        form_member.household_key,
        form_member.person_number_usable,
        form_member.likeness
    from went_to
    inner join form_member
        on
            went_to.period_month = form_member.period_month
            and went_to.household_key = form_member.household_key
    inner join form_member as beside
        on
            went_to.period_month = beside.period_month
            and went_to.newest_form_of = beside.household_key
            and form_member.likeness = beside.likeness
    where not (form_member.person_number_usable and beside.person_number_usable)

),

-- A form none of whose people is left on it is no household; with one left, or without any on file, it is: of
-- the head alone a mistyped number would tell.
left_behind as (

    select
        form_member.period_month,
        form_member.household_key
    from form_member
    left join went_along
        on
            form_member.period_month = went_along.period_month
            and form_member.household_key = went_along.household_key
            and form_member.person_number_usable = went_along.person_number_usable
            and form_member.likeness = went_along.likeness
    group by form_member.period_month, form_member.household_key
    having
        count(*) filter (
            where form_member.household_key = form_member.newest_form_of and went_along.household_key is null
        )
        = 0

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
