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
        members.period_month,
        members.registration_key,
        members.person_key,
        members.person_number_usable,
        members.birth_year,
        members.sex,
        {{ likeness('members') }} as likeness
    from {{ ref('stg_labour__household_members') }} as members
    where
        members.period_month in (select distinct review_in_force.members_delivered_for from review_in_force)
        and members.registration_key in (
            select review_in_force.registration_key
            from review_in_force
            where review_in_force.members_delivered_for is not null
        )

),

-- On whose form each person stands newest. One number on people of other birth or sex is a mistyped one.
-- Forms of one day are told by their year, then by the order of keys, as in person_month.
stands as (

    select
        review_in_force.period_month,
        review_in_force.household_key,
        members.person_number_usable,
        members.likeness,
        first_value(review_in_force.household_key) over (
            partition by review_in_force.period_month, members.person_key, members.birth_year, members.sex
            order by
                reviews.reviewed_on desc,
                year(reviews.period_month) desc,
                review_in_force.household_key asc
        ) as newest_form_of
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

went_to as (

    select distinct
        period_month,
        household_key,
        newest_form_of
    from stands
    where household_key <> newest_form_of

),

-- Who lacks a number on either form went along with companions, where somebody alike stands beside them.
went_along as (

    select distinct
        stands.period_month,
        stands.household_key,
        stands.person_number_usable,
        stands.likeness
    from went_to
    inner join stands
        on
            went_to.period_month = stands.period_month
            and went_to.household_key = stands.household_key
    inner join stands as beside
        on
            went_to.period_month = beside.period_month
            and went_to.newest_form_of = beside.household_key
            and stands.likeness = beside.likeness
    where not (stands.person_number_usable and beside.person_number_usable)

),

-- A form none of whose people is left on it is no household; with one left, or without any on file, it is: of
-- the head alone a mistyped number would tell.
left_behind as (

    select
        stands.period_month,
        stands.household_key
    from stands
    left join went_along
        on
            stands.period_month = went_along.period_month
            and stands.household_key = went_along.household_key
            and stands.person_number_usable = went_along.person_number_usable
            and stands.likeness = went_along.likeness
    group by stands.period_month, stands.household_key
    having count_if(stands.household_key = stands.newest_form_of and went_along.household_key is null) = 0

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
