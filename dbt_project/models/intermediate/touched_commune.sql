-- grain: one row per commune in which a household that a build of some households replaces is or was; none
-- in any other
with

touched_key as (

    select * from {{ ref('touched_key') }}
    where kind = 'commune'

),

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where
        {{ 'true' if var('some_households') else 'false' }}
        and {{ is_touched('period_month') }}
        and {{ is_touched_household('household_key') }}

),

final as (

    select key as commune_code from touched_key
    union
    select commune_code from household_deprivation

)

select * from final
