{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month, household with a review in force and subject on which two sources speak of it or
-- its members
with

member_month as (

    select * from {{ ref('int_member_month') }}

),

review_month as (

    select * from {{ ref('int_review_month') }}

),

listed_household as (

    select * from {{ ref('listed_household') }}
    where {{ month_in_scope('period_month') }}

),

trained_person as (

    select * from {{ ref('trained_person') }}
    where {{ month_in_scope('period_month') }}

),

final as (

    select
        member_month.period_month,
        member_month.household_key,
        review_month.commune_code,
        'insurance' as subject,
        count(*) as compared,
        count(*) filter (where member_month.register_contradicts_form) as contradicted
    from member_month
    inner join review_month
        on
            member_month.period_month = review_month.period_month
            and member_month.household_key = review_month.household_key
    where member_month.register_contradicts_form is not null
    group by member_month.period_month, member_month.household_key, review_month.commune_code

    union all

    select
        review_month.period_month,
        review_month.household_key,
        review_month.commune_code,
        'score' as subject,
        1 as compared,
        case when review_month.score_a <> listed_household.score_a then 1 else 0 end as contradicted
    from review_month
    inner join listed_household
        on
            review_month.period_month = listed_household.period_month
            and review_month.household_key = listed_household.household_key
    where review_month.score_a is not null and listed_household.score_a is not null

    union all

    select
        review_month.period_month,
        review_month.household_key,
        review_month.commune_code,
        'size' as subject,
        1 as compared,
        case when review_month.household_size <> listed_household.listed_persons then 1 else 0 end
            as contradicted
    from review_month
    inner join listed_household
        on
            review_month.period_month = listed_household.period_month
            and review_month.household_key = listed_household.household_key
    where listed_household.is_recognised

    union all

    select
        member_month.period_month,
        member_month.household_key,
        review_month.commune_code,
        'work' as subject,
        count(*) as compared,
        count(*) filter (where trained_person.has_job <> member_month.employed) as contradicted
    from member_month
    inner join review_month
        on
            member_month.period_month = review_month.period_month
            and member_month.household_key = review_month.household_key
    inner join trained_person
        on
            member_month.period_month = trained_person.period_month
            and member_month.person_key = trained_person.person_key
    where trained_person.has_job is not null and member_month.employed is not null
    group by member_month.period_month, member_month.household_key, review_month.commune_code

)

select * from final
