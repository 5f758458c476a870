{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per registration (commune, review year, household code) and person on file there
with

members as (

    select * from {{ ref('stg_labour__household_members') }}
    where
        {{ month_near_scope('period_month', months_before=11, months_after=11) }}
        and {{ commune_in_scope('commune_code') }}

),

reviews as (

    select * from {{ ref('stg_labour__household_review') }}
    where
        {{ month_near_scope('period_month', months_before=11, months_after=11) }}
        and {{ commune_in_scope('commune_code') }}

),

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

-- A registration lives within one review year, so a month in scope touches its whole year and no other.
year_in_scope as (

    select distinct year(period_month) as review_year
    from period_in_scope

),

-- The household's own form names its head, whatever became of the member rows.
on_file as (

    select
        period_month,
        registration_key,
        person_key,
        commune_code,
        relation = 'head' as is_head,
        true as is_member
    from members

    union all

    select
        period_month,
        registration_key,
        head_person_key as person_key,
        commune_code,
        true as is_head,
        false as is_member
    from reviews
    where head_person_key is not null

),

final as (

    select
        year(on_file.period_month) as review_year,
        on_file.registration_key,
        on_file.person_key,
        max(on_file.commune_code) as commune_code,
        min(on_file.period_month) as first_seen,
        bool_or(on_file.is_head) as is_head,
        bool_or(on_file.is_member) as is_member
    from on_file
    inner join year_in_scope
        on year(on_file.period_month) = year_in_scope.review_year
    group by
        year(on_file.period_month),
        on_file.registration_key,
        on_file.person_key

)

select * from final
