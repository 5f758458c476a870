-- grain: one row per quarantined row of a delivery that counts for its commune
with

quarantined_rows as (

    select * from {{ source('raw', 'quarantined_rows') }}

),

standing_delivery as (

    select * from {{ ref('stg_standing_delivery') }}

),

final as (

    select
        quarantined_rows.delivery_id,
        quarantined_rows.feed,
        quarantined_rows.row_number,
        quarantined_rows.period_month,
        quarantined_rows.commune_code,
        quarantined_rows.person_key,
        quarantined_rows.reasons
    from quarantined_rows
    -- The commune itself can be what is broken: then the row counts while its delivery counts anywhere.
    where exists (
        select 1
        from standing_delivery
        where
            standing_delivery.delivery_id = quarantined_rows.delivery_id
            and standing_delivery.commune_code
            = coalesce(quarantined_rows.commune_code, standing_delivery.commune_code)
    )

)

select * from final
