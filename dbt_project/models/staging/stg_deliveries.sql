-- grain: one row per accepted delivery
with

deliveries as (

    select * from {{ source('raw', 'deliveries') }}

),

final as (

    select
        -- identifiers
        delivery_id,
        feed,
        seq,
        -- what it covers
        period_month,
        -- The file names the unit in force in its month.
        commune_code as commune_code_then,
        is_supplement,
        -- provenance
        received_at,
        row_count,
        quarantined_count
    from deliveries

)

select * from final
