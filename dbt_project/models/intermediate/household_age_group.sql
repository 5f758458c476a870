{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month, household with a review in force and age group of its members
with

member_month as (

    select * from {{ ref('int_member_month') }}

),

population_group as (

    select * from {{ ref('population_group') }}
    where group_kind = 'age_group'

),

-- A person whose birth year straddles two groups is in neither.
final as (

    select
        member_month.period_month,
        member_month.household_key,
        population_group.group_code,
        count(*) as persons
    from member_month
    inner join population_group
        on
            member_month.age_months_if_young >= population_group.age_from_months
            and member_month.age_months_if_old < population_group.age_below_months
    group by member_month.period_month, member_month.household_key, population_group.group_code

)

select * from final
