-- grain: one row per registration that the last build first saw in a touched month; none but in a build of
-- some households
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

final as (
    {% if var('some_households') %}
        select
            registration.registration_key,
            registration.household_key
        from {{ as_it_stood('intermediate', 'household_registration') }} as registration
        inner join touched_period
            on registration.period_month = touched_period.period_month
    {% else %}
        select
            cast(null as varchar) as registration_key,
            cast(null as varchar) as household_key
        from touched_period
        where false
    {% endif %}
)

select * from final
