{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month, household with a review in force and age group of its members
with

review_month as (

    select * from {{ ref('int_review_month') }}

),

member_month as (

    select * from {{ ref('int_member_month') }}

),

population_group as (

    select * from {{ ref('population_group') }}
    where group_kind = 'age_group'

),

-- A person whose birth year straddles two groups is in neither.
known as (

    select
        member_month.period_month,
        member_month.household_key,
        review_month.commune_code,
        population_group.group_code,
        count(*) as persons
    from review_month
    inner join member_month
        on
            review_month.period_month = member_month.period_month
            and review_month.household_key = member_month.household_key
    inner join population_group
        on
            member_month.age_months_if_young >= population_group.age_from_months
            and member_month.age_months_if_old < population_group.age_below_months
    group by
        member_month.period_month,
        member_month.household_key,
        review_month.commune_code,
        population_group.group_code

),

-- Persons whose age is not known, or who have no row, make up the household's size. A form can count fewer
-- than it names: then nobody is left, and those of other households stay as they are.
unknown as (

    select
        review_month.period_month,
        review_month.household_key,
        review_month.commune_code,
        'unknown' as group_code,
        cast(review_month.household_size - sum(coalesce(known.persons, 0)) as bigint) as persons
    from review_month
    left join known
        on
            review_month.period_month = known.period_month
            and review_month.household_key = known.household_key
    group by
        review_month.period_month,
        review_month.household_key,
        review_month.commune_code,
        review_month.household_size
    having review_month.household_size > sum(coalesce(known.persons, 0))

),

final as (

    select * from known
    union all
    select * from unknown

)

select * from final
