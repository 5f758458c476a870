-- grain: one row per month in scope and household that lives in a commune of the scope
with

review_in_force as (

    select * from {{ ref('review_in_force') }}
    where {{ month_in_scope('period_month') }} and {{ commune_in_scope('commune_code') }}

),

listed_household as (

    select * from {{ ref('listed_household') }}
    where {{ month_in_scope('period_month') }} and {{ commune_in_scope('commune_code') }}

),

final as (

    select
        period_month,
        household_key
    from review_in_force
    union
    select
        period_month,
        household_key
    from listed_household

)

select * from final
