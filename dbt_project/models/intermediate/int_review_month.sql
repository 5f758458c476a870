-- grain: one row per month in scope and household with a review in force at month end: its newest form
with

review_in_force as (

    select * from {{ ref('review_in_force') }}
    where {{ month_in_scope('period_month') }} and {{ commune_in_scope('commune_code') }}

),

reviews as (

    select * from {{ ref('stg_labour__household_review') }}
    -- Most rows are of other months and households. DuckDB passes over them by a short list of months, and by
    -- a Bloom filter of the keys, which it makes of a relation that has a condition.
    where
        period_month in (select distinct review_in_force.delivered_for from review_in_force)
        and registration_key in (
            select review_in_force.registration_key
            from review_in_force
            where review_in_force.delivered_for is not null
        )

),

commune_month as (

    select * from {{ ref('int_commune_month') }}

),

final as (

    select
        review_in_force.period_month,
        review_in_force.period_end,
        review_in_force.household_key,
        review_in_force.registration_key,
        review_in_force.members_delivered_for,
        -- place
        reviews.commune_code,
        case
            when commune_month.is_in_force then reviews.commune_code
            else reviews.commune_code_then
        end as commune_code_then,
        coalesce(reviews.area_type, commune_month.default_area_type) as area_type,
        -- the form
        reviews.household_code,
        year(reviews.period_month) as review_year,
        reviews.reviewed_on,
        reviews.member_count as household_size,
        reviews.income_per_capita_vnd,
        reviews.score_a,
        reviews.wall_durable,
        reviews.column_durable,
        reviews.roof_durable,
        reviews.floor_area_m2,
        reviews.water_source,
        reviews.toilet_type,
        reviews.waste_disposal,
        reviews.has_shared_device,
        reviews.has_personal_device,
        -- provenance
        reviews.delivery_id
    from review_in_force
    inner join reviews
        on
            review_in_force.registration_key = reviews.registration_key
            and review_in_force.delivered_for = reviews.period_month
    -- Each commune is there; an inner join would be planned as every household with every commune.
    left join commune_month
        on
            review_in_force.period_month = commune_month.period_month
            and reviews.commune_code = commune_month.commune_code

)

select * from final
