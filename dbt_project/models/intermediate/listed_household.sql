{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month and household on the list in force
-- depends_on: {{ ref('touched_household') }}
with

listed_person as (

    select * from {{ ref('int_listed_person') }}

),

final as (

    select
        period_month,
        household_key,
        has_review,
        min(commune_code) as commune_code,
        min_by(commune_code_then, commune_code || commune_code_then) as commune_code_then,
        min_by(area_type, commune_code) as area_type,
        -- Printed on the head's row alone. Of two classes the poorer: 'near_poor' sorts before 'poor'.
        max(case when list_section = 'recognised' then legal_class end) as legal_class,
        bool_or(list_section = 'recognised') as is_recognised,
        max(score_a) as score_a,
        count(distinct person_key) as listed_persons,
        max(case when is_head then sex end) as head_sex,
        max(case when is_head then ethnicity_code end) as head_ethnicity_code,
        bool_or(is_ethnic_minority) as is_ethnic_minority,
        bool_or(no_working_capacity) as no_working_capacity,
        bool_or(has_merit_member) as has_merit_member,
        max(case when list_section = 'recognised' then causes end) as causes
    from listed_person
    group by period_month, household_key, has_review

)

select * from final
