-- grain: one row per touched month, household with a review in force and person by whose number it is known
with

review_month as (

    select * from {{ ref('int_review_month') }}

),

member_month as (

    select * from {{ ref('int_member_month') }}

),

registration_person as (

    select * from {{ ref('registration_person') }}
    where person_number_usable

),

on_form as (

    select distinct
        period_month,
        household_key,
        person_key
    from member_month
    where person_number_usable

),

-- The head whom the form names, and who was on the registration in another month: one month's broken number
-- takes nobody's house or loan away, until a form has the person.
known_before as (

    select
        review_month.period_month,
        review_month.household_key,
        registration_person.person_key
    from review_month
    inner join registration_person
        on review_month.registration_key = registration_person.registration_key
    left join on_form
        on
            review_month.period_month = on_form.period_month
            and registration_person.person_key = on_form.person_key
    where
        registration_person.first_seen <= review_month.period_month
        and on_form.person_key is null
    qualify row_number() over (
        partition by review_month.period_month, registration_person.person_key
        order by registration_person.first_seen desc, review_month.household_key asc
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
        person_key,
        household_key = min(household_key) over (partition by period_month, person_key) as stands_for_person
    from either

)

select * from final
