-- grain: one row per touched month and household with a review in force at month end: its newest form
with

review_in_force as (

    select * from {{ ref('review_in_force') }}
    where {{ is_touched('period_month') }} and {{ is_touched_key('household', 'household_key') }}

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

members as (

    select
        period_month,
        registration_key,
        person_key,
        birth_year,
        sex
    from {{ ref('stg_labour__household_members') }}
    where
        period_month in (select distinct review_in_force.members_delivered_for from review_in_force)
        and registration_key in (
            select review_in_force.registration_key
            from review_in_force
            where review_in_force.members_delivered_for is not null
        )

),

-- Where each person stands on its newest form. One number on people of other birth or sex is a mistyped one.
-- Of forms of one day the order of keys decides, as in person_month.
stands_there as (

    select
        review_in_force.period_month,
        review_in_force.household_key,
        row_number() over (
            partition by review_in_force.period_month, members.person_key, members.birth_year, members.sex
            order by reviews.reviewed_on desc, review_in_force.household_key asc
        ) = 1 as is_newest
    from review_in_force
    inner join reviews
        on
            review_in_force.registration_key = reviews.registration_key
            and review_in_force.delivered_for = reviews.period_month
    inner join members
        on
            review_in_force.registration_key = members.registration_key
            and review_in_force.members_delivered_for = members.period_month

),

-- A form none of whose people is left on it is no household; with one left, or without any on file, it is.
left_behind as (

    select
        period_month,
        household_key
    from stands_there
    group by period_month, household_key
    having not bool_or(is_newest)

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
    left join left_behind
        on
            review_in_force.period_month = left_behind.period_month
            and review_in_force.household_key = left_behind.household_key
    where left_behind.household_key is null

)

select * from final
