-- grain: one row per month and person of a household with a review in force or on the list
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

household_person as (

    select * from {{ ref('household_person') }}
    where {{ month_in_scope('period_month') }} and {{ commune_in_scope('commune_code') }}

),

member_month as (

    select * from {{ ref('int_member_month') }}

),

listed_person as (

    select * from {{ ref('int_listed_person') }}

),

card_register as (

    select * from {{ ref('int_card_register') }}

),

card_month as (

    select * from {{ ref('int_card_month') }}

),

of_a_review as (

    select
        household_person.*,
        member_month.age_months_if_old,
        member_month.age_months_if_young,
        member_month.sex,
        member_month.insured,
        member_month.beneficiary_group
    from household_person
    inner join member_month
        on
            household_person.period_month = member_month.period_month
            and household_person.household_key = member_month.household_key
            and household_person.person_key = member_month.person_key
    where household_person.is_reviewed

),

-- Of these only the card register can speak. Who is on a form, too, is taken from there.
of_the_list as (

    select
        household_person.*,
        period_in_scope.month_index
        - (listed_person.birth_year * 12 + coalesce(month(listed_person.birth_month), 1))
            as age_months_if_old,
        period_in_scope.month_index
        - (listed_person.birth_year * 12 + coalesce(month(listed_person.birth_month), 12))
            as age_months_if_young,
        listed_person.sex,
        case
            when card_month.has_valid_card then true
            when
                listed_person.person_number_usable
                and card_register.register_month = listed_person.period_month
                and not coalesce(card_month.has_missing_card, false)
                and not coalesce(card_month.is_set_apart, false)
                then false
        end as insured,
        card_month.beneficiary_group
    from household_person
    inner join listed_person
        on
            household_person.period_month = listed_person.period_month
            and household_person.person_key = listed_person.person_key
            and household_person.household_key = listed_person.household_key
            and household_person.commune_code = listed_person.commune_code
            and household_person.list_month = listed_person.list_month
    inner join period_in_scope
        on listed_person.period_month = period_in_scope.period_month
    left join card_register
        on listed_person.period_month = card_register.period_month
    left join card_month
        on
            listed_person.period_month = card_month.period_month
            and case when listed_person.person_number_usable then listed_person.person_key end
            = card_month.person_key
    where not household_person.is_reviewed

),

people as (

    select * from of_a_review
    union all
    select * from of_the_list

),

-- A form or list can name a person twice; the order only makes the choice the same every time.
each as (

    select *
    from people
    qualify row_number() over (
        partition by period_month, person_key
        order by
            age_months_if_old asc nulls last,
            age_months_if_young asc nulls last,
            sex asc nulls last,
            insured asc nulls last
    ) = 1

),

final as (

    select
        period_month,
        person_key,
        household_key,
        commune_code,
        is_reviewed,
        case
            when {{ int_div('age_months_if_old', 12) }} = {{ int_div('age_months_if_young', 12) }}
                then {{ int_div('age_months_if_old', 12) }}
        end as age,
        sex,
        insured,
        beneficiary_group
    from each

)

select * from final
