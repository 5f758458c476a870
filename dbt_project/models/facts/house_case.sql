-- grain: one row per month and housing case known by then, as its newest delivery has it
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

person_month as (

    select * from {{ ref('person_month') }}
    where {{ month_in_scope('period_month') }}

),

form_person as (

    select * from {{ ref('form_person') }}
    where stands_for_person and {{ month_in_scope('period_month') }}

),

known as (

    select
        period_in_scope.period_month as judged_month,
        period_in_scope.period_end,
        support_cases.*,
        -- One file without the number takes nobody's house away.
        first_value(support_cases.head_person_key) over (
            partition by period_in_scope.period_month, support_cases.case_code
            order by
                support_cases.head_person_key is null asc,
                support_cases.period_month desc,
                support_cases.funding_source asc
        ) as known_person_key,
        house_status.is_completed
        and support_cases.completed_on <= period_in_scope.period_end as is_completed,
        row_number() over (
            partition by period_in_scope.period_month, support_cases.case_code
            order by support_cases.period_month desc, support_cases.funding_source asc
        ) as newest_first,
        max(support_cases.period_month)
            over (partition by period_in_scope.period_month, support_cases.case_code) as newest_month
    from period_in_scope
    inner join support_cases
        on period_in_scope.period_month >= support_cases.period_month
    inner join house_status
        on support_cases.status = house_status.status

),

-- One house, several purses: its state stands on every row of the newest delivery, the money on each its own.
funding as (

    select
        judged_month,
        case_code,
        count(*) as funding_sources,
        cast(sum(amount_vnd) as bigint) as amount_vnd
    from known
    where period_month = newest_month
    group by judged_month, case_code

),

final as (

    select
        known.judged_month as period_month,
        known.case_code,
        coalesce(person_month.household_key, form_person.household_key) as household_key,
        -- place
        known.commune_code,
        known.commune_code_then,
        -- case
        known.beneficiary_group,
        known.support_type,
        known.status,
        known.approved_on,
        known.started_on,
        known.completed_on,
        coalesce(known.is_completed, false) as is_completed,
        known.floor_durable,
        known.frame_wall_durable,
        known.roof_durable,
        known.floor_area_m2,
        funding.funding_sources,
        funding.amount_vnd,
        -- provenance
        known.newest_month as delivered_for,
        known.delivery_id
    from known
    inner join funding
        on
            known.judged_month = funding.judged_month
            and known.case_code = funding.case_code
    left join person_month
        on
            known.judged_month = person_month.period_month
            and known.known_person_key = person_month.person_key
    left join form_person
        on
            known.judged_month = form_person.period_month
            and known.known_person_key = form_person.person_key
    where known.newest_first = 1

)

select * from final
