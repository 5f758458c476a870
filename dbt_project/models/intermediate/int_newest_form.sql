-- grain: one row per month in scope and household with a review in force at month end: which form is its
-- newest, and which month its members come from
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

review_date as (

    select * from {{ ref('review_date') }}

),

members as (

    select
        registration_key,
        period_month
    from {{ ref('stg_labour__household_members') }}

),

household_registration as (

    select * from {{ ref('household_registration') }}

),

review_of_household as (

    select
        household_registration.household_key,
        review_date.registration_key,
        review_date.period_month,
        review_date.reviewed_on,
        review_date.commune_code
    from household_registration
    inner join review_date
        on household_registration.registration_key = review_date.registration_key

),

in_force as (

    select
        period_in_scope.period_month,
        period_in_scope.period_end,
        review_of_household.household_key,
        review_of_household.registration_key,
        review_of_household.period_month as delivered_for,
        review_of_household.reviewed_on,
        review_of_household.commune_code
    from period_in_scope
    inner join review_of_household
        on
            period_in_scope.period_month >= review_of_household.period_month
            and period_in_scope.period_end >= review_of_household.reviewed_on
            and review_of_household.reviewed_on
            >= {{ month_add('period_in_scope.period_end', '-period_in_scope.review_valid_months') }}
    qualify row_number() over (
        partition by period_in_scope.period_month, review_of_household.household_key
        order by
            review_of_household.reviewed_on desc,
            review_of_household.period_month desc,
            review_of_household.registration_key asc
    ) = 1

),

sent_members as (

    select
        in_force.period_month,
        in_force.registration_key,
        max(members.period_month) as members_delivered_for
    from in_force
    inner join members
        on
            in_force.registration_key = members.registration_key
            and in_force.period_month >= members.period_month
    group by in_force.period_month, in_force.registration_key

),

final as (

    select
        in_force.period_month,
        in_force.period_end,
        in_force.household_key,
        in_force.registration_key,
        in_force.delivered_for,
        in_force.reviewed_on,
        in_force.commune_code,
        sent_members.members_delivered_for
    from in_force
    left join sent_members
        on
            in_force.period_month = sent_members.period_month
            and in_force.registration_key = sent_members.registration_key

)

select * from final
