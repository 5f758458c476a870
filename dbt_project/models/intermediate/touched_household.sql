-- grain: one row per household that a build of some households replaces, with those it makes; none in any
-- other
with

touched_key as (

    select * from {{ ref('touched_key') }}
    where kind = 'household'

),

-- Who is on a list alone gets its key from there.
listed_person as (

    select * from {{ ref('int_listed_person') }}
    where {{ 'true' if var('some_households') else 'false' }}

),

either as (

    select key as household_key from touched_key
    union
    select household_key from listed_person

),

final as (

    select
        either.household_key,
        {% if var('some_households') -%}
            touched_key.key is not null
            or either.household_key not in (
                select household_key from {{ as_it_stood('facts', 'household_deprivation') }}
                where {{ is_touched('period_month') }}
            )
        {%- else -%}
            true
        {%- endif %} as was_found
    from either
    left join touched_key -- noqa: ST11
        on either.household_key = touched_key.key

)

select * from final
