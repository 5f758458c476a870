{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month, household with a review in force and person by whom it is known
with

review_in_force as (

    select * from {{ ref('review_in_force') }}
    where {{ month_in_scope('period_month') }}

),

form_member as (

    select * from {{ ref('int_form_member') }}

),

registration_person as (

    select * from {{ ref('registration_person') }}

),

on_form as (

    select distinct
        review_in_force.period_month,
        review_in_force.household_key,
        review_in_force.commune_code,
        form_member.person_key
    from review_in_force
    inner join form_member
        on
            review_in_force.period_month = form_member.period_month
            and review_in_force.household_key = form_member.household_key

),

-- The head whom the form names, and who was on the registration in another month: one month's broken number
-- takes nobody's house or loan away, until a form has the person.
known_before as (

    select
        review_in_force.period_month,
        review_in_force.household_key,
        review_in_force.commune_code,
        registration_person.person_key
    from review_in_force
    inner join registration_person
        on review_in_force.registration_key = registration_person.registration_key
    left join on_form
        on
            review_in_force.period_month = on_form.period_month
            and registration_person.person_key = on_form.person_key
    where
        registration_person.first_seen <= review_in_force.period_month
        and on_form.person_key is null
    qualify row_number() over (
        partition by review_in_force.period_month, registration_person.person_key
        order by registration_person.first_seen desc, review_in_force.household_key asc
    ) = 1

),

either as (

    select * from on_form
    union all
    select * from known_before

),

final as (

    select
        period_month,
        household_key,
        commune_code,
        person_key,
        household_key = min(household_key) over (partition by period_month, person_key) as stands_for_person
    from either

)

select * from final
