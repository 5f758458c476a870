-- grain: one row per month and commune of today and unit
with

area as (

    select * from {{ ref('int_area') }}
    where area_level = 'commune'

),

tally as (

    select * from {{ ref('int_report_tally') }}

),

unit as (

    select 'household' as unit
    union all
    select 'person' as unit

),

final as (

    select
        area.period_month,
        area.area_code as commune_code,
        unit.unit,
        cast(coalesce(poor.total, 0) as bigint) as poor_total,
        cast(coalesce(poor.cause_1, 0) as bigint) as poor_cause_1,
        cast(coalesce(poor.cause_2, 0) as bigint) as poor_cause_2,
        cast(coalesce(poor.cause_3, 0) as bigint) as poor_cause_3,
        cast(coalesce(poor.cause_4, 0) as bigint) as poor_cause_4,
        cast(coalesce(poor.cause_5, 0) as bigint) as poor_cause_5,
        cast(coalesce(poor.cause_6, 0) as bigint) as poor_cause_6,
        cast(coalesce(poor.cause_7, 0) as bigint) as poor_cause_7,
        cast(coalesce(poor.cause_8, 0) as bigint) as poor_cause_8,
        cast(coalesce(poor.cause_unknown, 0) as bigint) as poor_cause_unknown,
        cast(coalesce(near_poor.total, 0) as bigint) as near_poor_total,
        cast(coalesce(near_poor.cause_1, 0) as bigint) as near_poor_cause_1,
        cast(coalesce(near_poor.cause_2, 0) as bigint) as near_poor_cause_2,
        cast(coalesce(near_poor.cause_3, 0) as bigint) as near_poor_cause_3,
        cast(coalesce(near_poor.cause_4, 0) as bigint) as near_poor_cause_4,
        cast(coalesce(near_poor.cause_5, 0) as bigint) as near_poor_cause_5,
        cast(coalesce(near_poor.cause_6, 0) as bigint) as near_poor_cause_6,
        cast(coalesce(near_poor.cause_7, 0) as bigint) as near_poor_cause_7,
        cast(coalesce(near_poor.cause_8, 0) as bigint) as near_poor_cause_8,
        cast(coalesce(near_poor.cause_unknown, 0) as bigint) as near_poor_cause_unknown
    from area
    cross join unit
    left join tally as poor
        on
            area.period_month = poor.period_month
            and area.area_code = poor.commune_code
            and poor.class = 'poor'
            and unit.unit = poor.unit
    left join tally as near_poor
        on
            area.period_month = near_poor.period_month
            and area.area_code = near_poor.commune_code
            and near_poor.class = 'near_poor'
            and unit.unit = near_poor.unit

)

select * from final
