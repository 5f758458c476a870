{{ config(materialized='table') }}
-- grain: one row per delivery and unit of its month for which it counts ('' for rows without one)
with

deliveries as (

    select * from {{ ref('stg_deliveries') }}

),

communes as (

    select * from {{ ref('communes') }}

),

communes_before_2025 as (

    select * from {{ ref('communes_before_2025') }}
    where is_primary

),

-- Every unit with the days in which it was one, and the commune of today that its figures go to.
units as (

    select
        code as commune_code,
        code as commune_code_then,
        effective_from as valid_from,
        date '9999-12-31' as valid_to
    from communes

    union all

    select
        communes.code as commune_code,
        communes_before_2025.old_code as commune_code_then,
        date '1900-01-01' as valid_from,
        communes.effective_from as valid_to
    from communes
    inner join communes_before_2025
        on communes.code = communes_before_2025.new_code

    union all

    select
        '' as commune_code,
        '' as commune_code_then,
        date '1900-01-01' as valid_from,
        date '9999-12-31' as valid_to

),

-- A delivery of the city speaks for every unit, and alone for the rows that name none.
spoken_for as (

    select
        commune_code_then as sender,
        units.*
    from units

    union all

    select
        'city' as sender,
        units.*
    from units

),

covered as (

    select
        deliveries.delivery_id,
        deliveries.feed,
        deliveries.period_month,
        deliveries.seq,
        deliveries.is_supplement,
        spoken_for.commune_code,
        spoken_for.commune_code_then
    from deliveries
    inner join spoken_for
        on
            coalesce(deliveries.commune_code_then, 'city') = spoken_for.sender
            and deliveries.period_month >= spoken_for.valid_from
            and deliveries.period_month < spoken_for.valid_to

),

with_newest_list as (

    select
        covered.*,
        max(case when not is_supplement then seq end)
            over (partition by feed, period_month, commune_code_then) as newest_list_seq
    from covered

),

-- What came before the newest full list is superseded; supplements after it add to it.
standing as (

    select * from with_newest_list
    where seq >= coalesce(newest_list_seq, seq)

),

final as (

    select
        delivery_id,
        feed,
        period_month,
        commune_code,
        commune_code_then,
        seq,
        is_supplement,
        -- Whether another delivery counts beside this one, so that a key can come twice.
        min(seq) over (partition by feed, period_month, commune_code_then)
        < max(seq) over (partition by feed, period_month, commune_code_then) as is_shared_in_commune,
        min(seq) over (partition by feed, period_month)
        < max(seq) over (partition by feed, period_month) as is_shared_in_month
    from standing

)

select * from final
