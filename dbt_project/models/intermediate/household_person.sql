{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month and person of a household with a review in force or on the list: the household it
-- belongs to
with

review_in_force as (

    select * from {{ ref('review_in_force') }}
    where {{ month_in_scope('period_month') }}

),

form_member as (

    select * from {{ ref('int_form_member') }}

),

listed_person as (

    select * from {{ ref('int_listed_person') }}

),

listed_household as (

    select * from {{ ref('listed_household') }}
    where {{ month_in_scope('period_month') }}

),

people as (

    select
        form_member.period_month,
        form_member.person_key,
        form_member.household_key,
        form_member.commune_code,
        form_member.commune_code as household_commune_code,
        true as is_reviewed,
        review_in_force.reviewed_on,
        year(review_in_force.delivered_for) as review_year,
        cast(null as date) as list_month
    from review_in_force
    inner join form_member
        on
            review_in_force.period_month = form_member.period_month
            and review_in_force.household_key = form_member.household_key

    union all

    select
        listed_person.period_month,
        listed_person.person_key,
        listed_person.household_key,
        listed_person.commune_code,
        listed_household.household_commune_code,
        false as is_reviewed,
        cast(null as date) as reviewed_on,
        cast(null as bigint) as review_year,
        listed_person.list_month
    from listed_person
    inner join listed_household
        on
            listed_person.period_month = listed_household.period_month
            and listed_person.household_key = listed_household.household_key

),

-- A person on two forms belongs to the one reviewed last; on a form and the list, to the form; on two lists,
-- to the newer one. The rest of the order only makes the choice the same every time.
final as (

    select
        period_month,
        person_key,
        household_key,
        commune_code,
        household_commune_code,
        is_reviewed,
        list_month
    from people
    qualify row_number() over (
        partition by period_month, person_key
        order by
            is_reviewed desc,
            reviewed_on desc nulls last,
            review_year desc nulls last,
            list_month desc nulls last,
            household_key asc,
            commune_code asc
    ) = 1

)

select * from final
