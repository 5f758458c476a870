{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month and household on the list in force
with

listed_person as (

    select * from {{ ref('int_listed_person') }}

),

review_in_force as (

    select * from {{ ref('review_in_force') }}
    where {{ month_in_scope('period_month') }}

),

-- The newest list that names a household says where it lives and how it is recognised; of two of one month
-- the one that recognises it.
speaking as (

    select
        period_month,
        household_key,
        list_month,
        commune_code,
        commune_code_then,
        bool_or(list_section = 'recognised') as recognises
    from listed_person
    group by period_month, household_key, list_month, commune_code, commune_code_then
    qualify row_number() over (
        partition by period_month, household_key
        order by
            list_month desc,
            recognises desc,
            commune_code asc,
            commune_code_then asc
    ) = 1

),

final as (

    select
        listed_person.period_month,
        listed_person.household_key,
        listed_person.has_review,
        listed_person.commune_code,
        listed_person.commune_code_then,
        coalesce(review_in_force.commune_code, listed_person.commune_code) as household_commune_code,
        listed_person.area_type,
        listed_person.list_month,
        listed_person.standard_id,
        -- Printed on the head's row alone. Of two classes the poorer: 'near_poor' sorts before 'poor'.
        max(case when listed_person.list_section = 'recognised' then listed_person.legal_class end)
            as legal_class,
        bool_or(listed_person.list_section = 'recognised') as is_recognised,
        max(listed_person.score_a) as score_a,
        -- Rows, not keys: one number can stand on two of them.
        case
            when bool_or(listed_person.list_section = 'recognised')
                then count(*) filter (where listed_person.list_section = 'recognised')
            else count(*)
        end as listed_persons,
        max(case when listed_person.is_head then listed_person.sex end) as head_sex,
        max(case when listed_person.is_head then listed_person.ethnicity_code end) as head_ethnicity_code,
        bool_or(listed_person.is_ethnic_minority) as is_ethnic_minority,
        bool_or(listed_person.no_working_capacity) as no_working_capacity,
        bool_or(listed_person.has_merit_member) as has_merit_member,
        max(case when listed_person.list_section = 'recognised' then listed_person.causes end) as causes
    from listed_person
    inner join speaking
        on
            listed_person.period_month = speaking.period_month
            and listed_person.household_key = speaking.household_key
            and listed_person.list_month = speaking.list_month
            and listed_person.commune_code = speaking.commune_code
            and listed_person.commune_code_then = speaking.commune_code_then
    left join review_in_force
        on
            listed_person.period_month = review_in_force.period_month
            and listed_person.household_key = review_in_force.household_key
    group by
        listed_person.period_month,
        listed_person.household_key,
        listed_person.has_review,
        listed_person.commune_code,
        listed_person.commune_code_then,
        review_in_force.commune_code,
        listed_person.area_type,
        listed_person.list_month,
        listed_person.standard_id

)

select * from final
