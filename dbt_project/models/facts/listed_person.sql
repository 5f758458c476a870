-- grain: one row per month and row of the lists in force
with

listed_person as (

    select * from {{ ref('int_listed_person') }}

),

listed_household as (

    select * from {{ ref('listed_household') }}
    where {{ month_in_scope('period_month') }}

),

-- Class and groups are those of the household as the figures count it: a list prints them on the head's row
-- alone.
final as (

    select
        listed_person.period_month,
        listed_person.commune_code,
        listed_person.listed_by,
        listed_person.list_month,
        listed_person.list_section,
        listed_person.household_no,
        listed_person.member_no,
        listed_person.person_key,
        listed_person.person_number_usable,
        listed_person.is_head,
        listed_person.household_key,
        listed_household.legal_class,
        listed_household.no_working_capacity,
        listed_household.has_merit_member,
        listed_person.movement,
        listed_person.decision_date,
        listed_person.delivery_id,
        listed_person.place,
        listed_person.row_number
    from listed_person
    inner join listed_household
        on
            listed_person.period_month = listed_household.period_month
            and listed_person.household_key = listed_household.household_key

)

select * from final
