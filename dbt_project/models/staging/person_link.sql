{{ config(materialized='incremental') }}
-- grain: one row per month and match key of whose rows one means another person than it says: that person
{# Cards are what others are compared with, but for those whose number is missing or another's. #}
{% set compared = {
    'base_health_insurance__cards': 'not coalesce(person_number_plausible, false)',
    'base_labour__household_members': 'true',
    'base_labour__poverty_list': 'true',
    'base_policy_bank__loans': 'true'
} -%}
with

sent as (

    {% for feed, condition in compared.items() -%}
        select
            period_month,
            commune_code,
            match_key,
            person_key
        from {{ ref(feed) }}
        where match_key is not null and {{ condition }} and {{ month_in_scope('period_month') }}
        {{ 'union' if not loop.last }}
    {% endfor %}

),

matched as (

    select distinct
        period_month,
        commune_code,
        match_key
    from sent

),

known as (

    select
        period_month,
        match_key,
        person_key,
        true as is_on_register
    from {{ ref('person_on_register') }}

    union all

    select
        period_month,
        match_key,
        person_key,
        false as is_on_register
    from {{ ref('person_on_file') }}

),

-- The only number on the card registers up to the month; where none is, the only one on file.
meant as (

    select
        matched.period_month,
        matched.commune_code,
        matched.match_key,
        case
            when count(*) filter (where known.is_on_register) = 1
                then min(known.person_key) filter (where known.is_on_register)
            when count(*) = 1 then min(known.person_key)
        end as person_key
    from matched
    inner join known
        on
            matched.match_key = known.match_key
            and matched.period_month >= known.period_month
    group by matched.period_month, matched.commune_code, matched.match_key

),

final as (

    select distinct meant.*
    from meant
    inner join sent
        on
            meant.period_month = sent.period_month
            and meant.match_key = sent.match_key
            and meant.person_key <> sent.person_key

)

select * from final
