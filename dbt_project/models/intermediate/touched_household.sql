-- grain: one row per household that a build of some households replaces, with those it makes; none in any other
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

final as (

    select key as household_key from touched_key
    union
    select household_key from listed_person

)

select * from final
