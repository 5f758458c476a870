-- grain: one row per month and person of a household with a review in force or on the list
-- depends_on: {{ ref('touched_household') }}
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

member_month as (

    select * from {{ ref('int_member_month') }}

),

review_month as (

    select * from {{ ref('int_review_month') }}

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
        member_month.period_month,
        member_month.person_key,
        member_month.household_key,
        review_month.commune_code,
        true as is_reviewed,
        member_month.age_months_if_old,
        member_month.age_months_if_young,
        member_month.sex,
        member_month.insured,
        member_month.beneficiary_group,
        review_month.reviewed_on,
        review_month.review_year,
        cast(null as date) as list_month
    from member_month
    inner join review_month
        on
            member_month.period_month = review_month.period_month
            and member_month.household_key = review_month.household_key

),

-- Of these only the card register can speak. Who is on a form, too, is taken from there.
of_the_list as (

    select
        listed_person.period_month,
        listed_person.person_key,
        listed_person.household_key,
        listed_person.commune_code,
        false as is_reviewed,
        touched_period.month_index
        - (listed_person.birth_year * 12 + coalesce(month(listed_person.birth_month), 1))
            as age_months_if_old,
        touched_period.month_index
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
        card_month.beneficiary_group,
        cast(null as date) as reviewed_on,
        cast(null as bigint) as review_year,
        listed_person.list_month
    from listed_person
    inner join touched_period
        on listed_person.period_month = touched_period.period_month
    left join card_register
        on listed_person.period_month = card_register.period_month
    left join card_month
        on
            listed_person.period_month = card_month.period_month
            and listed_person.person_key = card_month.person_key

),

people as (

    select * from of_a_review
    union all
    select * from of_the_list

),

-- A person on two forms belongs to the one reviewed last; on a form and the list, to the form; on two lists,
-- to the newer one. The rest of the order only makes the choice the same every time.
newest as (

    select *
    from people
    qualify row_number() over (
        partition by period_month, person_key
        order by
            is_reviewed desc,
            reviewed_on desc nulls last,
            review_year desc nulls last,
            list_month desc nulls last,
            household_key asc,
            commune_code asc,
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
    from newest

)

select * from final
