-- grain: one row per touched month and household with a review in force: its house, by the first evidence
-- that speaks
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

review_month as (

    select * from {{ ref('int_review_month') }}

),

completed_house as (

    select * from {{ ref('int_completed_house') }}

),

answered as (

    select
        review_month.period_month,
        review_month.household_key,
        case
            when touched_period.case_speaks_first_on_quality
                then coalesce(completed_house.frame_wall_durable, review_month.wall_durable)
            else coalesce(review_month.wall_durable, completed_house.frame_wall_durable)
        end as wall_durable,
        case
            when touched_period.case_speaks_first_on_quality
                then coalesce(completed_house.frame_wall_durable, review_month.column_durable)
            else coalesce(review_month.column_durable, completed_house.frame_wall_durable)
        end as column_durable,
        case
            when touched_period.case_speaks_first_on_quality
                then coalesce(completed_house.roof_durable, review_month.roof_durable)
            else coalesce(review_month.roof_durable, completed_house.roof_durable)
        end as roof_durable,
        case
            when touched_period.case_speaks_first_on_area
                then coalesce(completed_house.floor_area_m2, review_month.floor_area_m2)
            else coalesce(review_month.floor_area_m2, completed_house.floor_area_m2)
        end as floor_area_m2,
        (completed_house.frame_wall_durable is not null or completed_house.roof_durable is not null)
        and touched_period.case_speaks_first_on_quality as case_answers_quality,
        completed_house.floor_area_m2 is not null
        and touched_period.case_speaks_first_on_area as case_answers_area,
        completed_house.completed_on,
        completed_house.delivery_id as case_delivery
    from review_month
    inner join touched_period
        on review_month.period_month = touched_period.period_month
    left join completed_house
        on
            review_month.period_month = completed_house.period_month
            and review_month.household_key = completed_house.household_key

),

final as (

    select
        answered.*,
        cast(not coalesce(wall_durable, true) as integer)
        + cast(not coalesce(column_durable, true) as integer)
        + cast(not coalesce(roof_durable, true) as integer) as non_durable_parts_min,
        -- A part nobody described may be of any material.
        cast(not coalesce(wall_durable, false) as integer)
        + cast(not coalesce(column_durable, false) as integer)
        + cast(not coalesce(roof_durable, false) as integer) as non_durable_parts_max
    from answered

)

select * from final
