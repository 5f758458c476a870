{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='review_year',
    on_schema_change='fail'
) }}
-- grain: one row per registration (commune, review year, household code) and member with a usable number
with

members as (

    select * from {{ ref('stg_labour__household_members') }}

),

touched_period as (

    select * from {{ ref('touched_period') }}

),

-- A registration lives within one review year, so a touched month touches its whole year and no other.
touched_year as (

    select distinct year(period_month) as review_year
    from touched_period

),

final as (

    select
        year(members.period_month) as review_year,
        members.registration_key,
        members.person_key,
        min(members.period_month) as first_seen,
        bool_or(members.relation = 'head') as is_head
    from members
    inner join touched_year
        on year(members.period_month) = touched_year.review_year
    where members.person_number_usable
    group by year(members.period_month), members.registration_key, members.person_key

)

select * from final
