{{ config(materialized='table') }}
-- grain: one row per commune whose forms or list come with the deliveries of a build of some households;
-- none in any other
with

standing_delivery as (

    select * from {{ ref('stg_standing_delivery') }}
    where feed in ('labour/household_review', 'labour/household_members', 'labour/poverty_list')

),

final as (

    select distinct commune_code
    from standing_delivery
    where {{ is_sent('delivery_id') }}

)

select * from final
