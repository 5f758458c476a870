-- grain: one row per household that forms of the sent communes belong to, now or before, or that a
-- registration was given to or taken from; none but in a build of some households
with

sent_commune as (

    select * from {{ ref('stg_sent_commune') }}

),

review_date as (

    select * from {{ ref('review_date') }}

),

household_registration as (

    select * from {{ ref('household_registration') }}

),

registration as (

    select
        registration_key,
        household_key
    from {{ ref('household_registration') }}
    where {{ is_touched('period_month') }}

),

registration_before as (

    select
        registration_key,
        household_key
    from {{ ref('int_registration_before') }}

),

sent_registration as (

    select distinct review_date.registration_key
    from review_date
    inner join sent_commune
        on review_date.commune_code = sent_commune.commune_code

),

final as (

    select household_registration.household_key
    from household_registration
    inner join sent_registration
        on household_registration.registration_key = sent_registration.registration_key

    {% if var('some_households') -%}
        union

        select household_key
        from {{ as_it_stood('intermediate', 'review_in_force') }}
        where {{ is_touched('period_month') }} and {{ is_sent_commune('commune_code') }}

        union

        select household_key
        from (
            (
                select * from registration
                except
                select * from registration_before
            )
            union
            (
                select * from registration_before
                except
                select * from registration
            )
        ) as changed
    {%- endif %}

)

select * from final
