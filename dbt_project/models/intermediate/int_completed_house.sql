-- grain: one row per month in scope and household whose house was completed after its review: the newest
-- such case
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

support_cases as (

    select * from {{ ref('stg_housing__support_cases') }}

),

house_status as (

    select * from {{ ref('house_status') }}

),

form_person as (

    select * from {{ ref('form_person') }}
    where {{ month_in_scope('period_month') }}

),

review_month as (

    select * from {{ ref('int_review_month') }}

),

-- The sources of funding of one case tell of the same house: any of its rows will do.
newest_state as (

    select
        period_in_scope.period_month,
        period_in_scope.period_end,
        support_cases.case_code,
        -- One file without the number takes nobody's house away.
        first_value(support_cases.head_person_key) over (
            partition by period_in_scope.period_month, support_cases.case_code
            order by
                support_cases.head_person_key is null asc,
                support_cases.period_month desc,
                support_cases.funding_source asc
        ) as head_person_key,
        support_cases.status,
        support_cases.completed_on,
        support_cases.frame_wall_durable,
        support_cases.roof_durable,
        support_cases.floor_area_m2,
        support_cases.delivery_id
    from period_in_scope
    inner join support_cases
        on period_in_scope.period_month >= support_cases.period_month
    qualify row_number() over (
        partition by period_in_scope.period_month, support_cases.case_code
        order by support_cases.period_month desc, support_cases.funding_source asc
    ) = 1

),

completed as (

    select newest_state.*
    from newest_state
    inner join house_status
        on newest_state.status = house_status.status
    where
        house_status.is_completed
        and newest_state.completed_on <= newest_state.period_end

),

final as (

    select
        review_month.period_month,
        review_month.household_key,
        completed.case_code,
        completed.completed_on,
        completed.frame_wall_durable,
        completed.roof_durable,
        completed.floor_area_m2,
        completed.delivery_id
    from completed
    inner join form_person
        on
            completed.period_month = form_person.period_month
            and completed.head_person_key = form_person.person_key
    inner join review_month
        on
            form_person.period_month = review_month.period_month
            and form_person.household_key = review_month.household_key
    where completed.completed_on > review_month.reviewed_on
    qualify row_number() over (
        partition by review_month.period_month, review_month.household_key
        order by completed.completed_on desc, completed.case_code asc
    ) = 1

)

select * from final
