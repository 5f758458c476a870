{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per registration, with the household it belongs to: the first registration of its chain
with recursive

review_date as (

    select * from {{ ref('review_date') }}
    where {{ month_in_scope('period_month') }}

),

registration_person as (

    select * from {{ ref('registration_person') }}

),

-- What earlier builds found stays: only what was known by then counts, so that later deliveries move no key.
known as (

    {% if var('some_months') -%}
        select
            period_month,
            registration_key,
            household_key,
            previous_key
        from {{ this }}
        where not ({{ month_in_scope('period_month') }})
    {%- else -%}
        select
            period_month,
            registration_key,
            registration_key as household_key,
            registration_key as previous_key
        from review_date
        where false
    {%- endif %}

),

reviewed_in as (

    select distinct
        registration_key,
        period_month
    from review_date

),

registration as (

    select
        reviewed_in.registration_key,
        min(reviewed_in.period_month) as first_month
    from reviewed_in
    left join known
        on reviewed_in.registration_key = known.registration_key
    where known.registration_key is null
    group by reviewed_in.registration_key

),

registration_of_any_month as (

    select
        registration_key,
        first_month
    from registration
    union all
    select
        registration_key,
        period_month as first_month
    from known

),

-- Whom a registration began with; who joins it later tells nothing of where it comes from.
first_member as (

    select registration_person.*
    from registration
    inner join registration_person
        on
            registration.registration_key = registration_person.registration_key
            and registration.first_month = registration_person.first_seen

),

-- Where a person was on file before.
steps as (

    select
        registration_person.registration_key,
        registration_person.person_key,
        registration_person.first_seen,
        lag(registration_person.registration_key) over one_person as previous_key,
        lag(registration_person.is_head) over one_person as was_head
    from (select distinct first_member.person_key from first_member) as newcomer
    inner join registration_person
        on newcomer.person_key = registration_person.person_key
    window one_person as (
        partition by registration_person.person_key
        order by registration_person.first_seen, registration_person.registration_key
    )

),

shared as (

    select
        steps.registration_key,
        steps.previous_key,
        registration.first_month,
        count(*) as shared_members,
        bool_or(steps.was_head) as shares_head
    from steps
    inner join registration
        on steps.registration_key = registration.registration_key
    inner join registration_of_any_month as previous
        on steps.previous_key = previous.registration_key
    -- A registration still reviewed in the successor's first month has not ended: the newcomer split
    -- off from it.
    left join reviewed_in as still_there
        on
            steps.previous_key = still_there.registration_key
            and registration.first_month = still_there.period_month
    where
        previous.first_month < registration.first_month
        and steps.first_seen = registration.first_month
        and still_there.registration_key is null
    group by steps.registration_key, steps.previous_key, registration.first_month

),

best_previous as (

    select *
    from shared
    qualify row_number() over (
        partition by registration_key
        order by shared_members desc, shares_head desc, previous_key asc
    ) = 1

),

previous_size as (

    select
        best_previous.registration_key,
        count(*) as members
    from best_previous
    inner join registration_person
        on
            best_previous.previous_key = registration_person.registration_key
            and best_previous.first_month > registration_person.first_seen
    where registration_person.is_member
    group by best_previous.registration_key

),

-- The part with the head or at least half of the members carries the household on; of two such the earlier,
-- then the larger, then the head's.
succession as (

    select
        best_previous.registration_key,
        best_previous.previous_key
    from best_previous
    left join previous_size
        on best_previous.registration_key = previous_size.registration_key
    left join known
        on best_previous.previous_key = known.previous_key
    where
        known.previous_key is null
        and (
            best_previous.shares_head
            or 2 * best_previous.shared_members >= previous_size.members
        )
    qualify row_number() over (
        partition by best_previous.previous_key
        order by
            best_previous.first_month asc,
            best_previous.shared_members desc,
            best_previous.shares_head desc,
            best_previous.registration_key asc
    ) = 1

),

chain as (

    select
        registration.registration_key,
        registration.registration_key as household_key,
        cast(null as string) as previous_key
    from registration
    left join succession
        on registration.registration_key = succession.registration_key
    where succession.registration_key is null

    union all

    select
        succession.registration_key,
        known.household_key,
        succession.previous_key
    from succession
    inner join known
        on succession.previous_key = known.registration_key

    union all

    select
        succession.registration_key,
        chain.household_key,
        succession.previous_key
    from chain
    inner join succession
        on chain.registration_key = succession.previous_key

),

final as (

    select
        registration.first_month as period_month,
        chain.registration_key,
        chain.household_key,
        chain.previous_key
    from chain
    inner join registration
        on chain.registration_key = registration.registration_key

)

select * from final
