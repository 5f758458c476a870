{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month, household known in it, and entry of a list that its persons bring along then
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

review_in_force as (

    select * from {{ ref('review_in_force') }}
    where {{ month_in_scope('period_month') }}

),

listed_household as (

    select * from {{ ref('listed_household') }}
    where {{ month_in_scope('period_month') }}

),

person_month as (

    select * from {{ ref('person_month') }}
    where
        {{ month_near_scope('period_month', months_before=1) }}

),

person_of_any_month as (

    select
        period_month,
        household_key
    from {{ ref('person_month') }}

),

listed_person as (

    select * from {{ ref('listed_person') }}
    where list_month = period_month and {{ month_near_scope('period_month') }}

),

listed_before as (

    select * from {{ ref('listed_person') }}
    where list_month = period_month and not {{ month_near_scope('period_month') }}

),

person_listed_before as (

    select
        person_key,
        list_month,
        commune_code,
        listed_by,
        list_section,
        household_no
    from {{ ref('listed_person') }}
    where list_month = period_month and not {{ month_near_scope('period_month') }}

),

-- A household is known by a key in the months in which it has persons. In the first of them, and after a gap,
-- its persons bring the lists of the months without it along: reviewed anew, a household changes its key.
known as (

    select
        household_key,
        period_month,
        lag(period_month) over (partition by household_key order by period_month) as known_before
    from person_month
    group by household_key, period_month

),

-- Few are not known in the month before. For them alone all months are asked, and all lists.
newcomer as (

    select
        known.household_key,
        known.period_month,
        max(person_of_any_month.period_month) as known_before
    from known
    inner join period_in_scope
        on known.period_month = period_in_scope.period_month
    left join person_of_any_month
        on
            known.household_key = person_of_any_month.household_key
            and known.period_month > person_of_any_month.period_month
    where known.known_before is null
    group by known.household_key, known.period_month

),

known_household as (

    select
        known.household_key,
        known.period_month,
        known.known_before
    from known
    inner join period_in_scope
        on known.period_month = period_in_scope.period_month
    where known.known_before is not null

    union all

    select
        household_key,
        period_month,
        known_before
    from newcomer

),

newcomer_person as (

    select distinct person_month.person_key
    from newcomer
    inner join person_month
        on
            newcomer.household_key = person_month.household_key
            and newcomer.period_month = person_month.period_month

),

entry_before as (

    select distinct
        person_listed_before.list_month,
        person_listed_before.commune_code,
        person_listed_before.listed_by,
        person_listed_before.list_section,
        person_listed_before.household_no
    from newcomer_person
    inner join person_listed_before
        on newcomer_person.person_key = person_listed_before.person_key

),

listed as (

    select
        list_month,
        commune_code,
        listed_by,
        list_section,
        household_no,
        person_key,
        person_number_usable,
        is_head,
        decision_date
    from listed_person

    union all

    select
        listed_before.list_month,
        listed_before.commune_code,
        listed_before.listed_by,
        listed_before.list_section,
        listed_before.household_no,
        listed_before.person_key,
        listed_before.person_number_usable,
        listed_before.is_head,
        listed_before.decision_date
    from listed_before
    inner join entry_before
        on
            listed_before.list_month = entry_before.list_month
            and listed_before.commune_code = entry_before.commune_code
            and listed_before.listed_by = entry_before.listed_by
            and listed_before.list_section = entry_before.list_section
            and listed_before.household_no = entry_before.household_no

),

-- The decision stands on one row of the household; it holds for every member.
list_row as (

    select
        list_month,
        commune_code,
        listed_by,
        list_section,
        household_no,
        person_key,
        is_head,
        max(decision_date)
            over (partition by list_month, commune_code, listed_by, list_section, household_no)
            as decision_date,
        -- Without a usable number a row is nobody in any other month: it speaks only where no other row does.
        person_number_usable
        or not bool_or(person_number_usable)
            over (partition by list_month, commune_code, listed_by, list_section, household_no)
            as speaks
    from listed

),

-- The household of a list row is the one its person was in at that time: who joins later brings no escape.
brought_along as (

    select
        known_household.period_month,
        known_household.household_key,
        list_row.list_month,
        list_row.commune_code,
        list_row.listed_by,
        list_row.list_section,
        list_row.household_no,
        list_row.decision_date,
        count(*) as shared_persons,
        count(*) filter (where list_row.is_head) as shared_heads
    from list_row
    inner join person_month
        on
            list_row.person_key = person_month.person_key
            and list_row.list_month <= person_month.period_month
    inner join known_household
        on
            person_month.household_key = known_household.household_key
            and person_month.period_month = known_household.period_month
            and (
                list_row.list_month > known_household.known_before
                or known_household.known_before is null
            )
    where list_row.speaks
    group by
        list_row.list_month,
        list_row.commune_code,
        list_row.listed_by,
        list_row.list_section,
        list_row.household_no,
        list_row.decision_date,
        known_household.household_key,
        known_household.period_month
    -- Of the households of that very month, the one with most members in common, as in int_listed_person.
    qualify
        known_household.period_month > list_row.list_month
        or row_number() over (
            partition by
                list_row.list_month,
                list_row.commune_code,
                list_row.listed_by,
                list_row.list_section,
                list_row.household_no,
                known_household.period_month
            order by shared_persons desc, shared_heads desc, known_household.household_key asc
        ) = 1

),

final as (

    select
        brought_along.period_month,
        brought_along.household_key,
        brought_along.list_month,
        brought_along.commune_code,
        brought_along.listed_by,
        brought_along.list_section,
        brought_along.household_no,
        brought_along.decision_date,
        coalesce(review_in_force.commune_code, listed_household.commune_code) as household_commune_code
    from brought_along
    left join review_in_force
        on
            brought_along.period_month = review_in_force.period_month
            and brought_along.household_key = review_in_force.household_key
    left join listed_household
        on
            brought_along.period_month = listed_household.period_month
            and brought_along.household_key = listed_household.household_key

)

select * from final
