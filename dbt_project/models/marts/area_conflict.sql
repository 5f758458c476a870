-- grain: one row per month, area and subject on which two sources contradict each other
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

area as (

    select * from {{ ref('int_area') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

household_month as (

    select * from {{ ref('household_month') }}
    where {{ month_in_scope('period_month') }}

),

household_comparison as (

    select * from {{ ref('household_comparison') }}
    where {{ month_in_scope('period_month') }}

),

class_disagreement as (

    select * from {{ ref('class_disagreement') }}
    where {{ month_in_scope('period_month') }}

),

movement_event as (

    select * from {{ ref('movement_event') }}
    where {{ month_in_scope('period_month') }}

),

subjects as (

    select 'insurance' as subject
    union all
    select 'class' as subject
    union all
    select 'movement' as subject
    union all
    select 'score' as subject
    union all
    select 'size' as subject
    union all
    select 'work' as subject

),

conflicts as (

    select
        period_month,
        household_key,
        subject,
        compared,
        contradicted
    from household_comparison

    union all

    select
        household_month.period_month,
        household_month.household_key,
        'class' as subject,
        1 as compared,
        case when class_disagreement.household_key is null then 0 else 1 end as contradicted
    from household_month
    left join class_disagreement
        on
            household_month.period_month = class_disagreement.period_month
            and household_month.household_key = class_disagreement.household_key
    where household_month.is_reviewed and household_month.legal_class is not null

    union all

    select
        movement_event.period_month,
        movement_event.household_key,
        'movement' as subject,
        1 as compared,
        case when movement_event.is_conflict then 1 else 0 end as contradicted
    from movement_event
    inner join period_in_scope
        on movement_event.period_month = period_in_scope.period_month
    where movement_event.declared_movement is not null or movement_event.is_conflict

),

counted as (

    select
        conflicts.period_month,
        place_area.area_level,
        place_area.area_code,
        conflicts.subject,
        sum(conflicts.compared) as compared,
        sum(conflicts.contradicted) as contradicted
    from conflicts
    inner join household_month
        on
            conflicts.period_month = household_month.period_month
            and conflicts.household_key = household_month.household_key
    inner join place_area
        on
            household_month.period_month = place_area.period_month
            and household_month.commune_code = place_area.commune_code
            and household_month.commune_code_then = place_area.commune_code_then
            and household_month.area_type = place_area.area_type
    group by conflicts.period_month, place_area.area_level, place_area.area_code, conflicts.subject

),

final as (

    select
        area.period_month,
        area.area_level,
        area.area_code,
        subjects.subject,
        cast(coalesce(counted.compared, 0) as bigint) as compared,
        cast(coalesce(counted.contradicted, 0) as bigint) as contradicted,
        {{ pct('counted.contradicted', 'counted.compared') }} as contradicted_pct
    from area
    cross join subjects
    left join counted
        on
            area.period_month = counted.period_month
            and area.area_level = counted.area_level
            and area.area_code = counted.area_code
            and subjects.subject = counted.subject

)

select * from final
