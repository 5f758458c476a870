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
        cast(coalesce(poor.minority, 0) as bigint) as poor_minority,
        cast(coalesce(poor.no_working_capacity, 0) as bigint) as poor_no_working_capacity,
        cast(coalesce(poor.with_merit, 0) as bigint) as poor_with_merit,
        cast(coalesce(poor.in_no_group, 0) as bigint) as poor_in_no_group,
        cast(coalesce(poor.counted_again, 0) as bigint) as poor_counted_again,
        cast(coalesce(near_poor.total, 0) as bigint) as near_poor_total,
        cast(coalesce(near_poor.minority, 0) as bigint) as near_poor_minority,
        cast(coalesce(near_poor.no_working_capacity, 0) as bigint) as near_poor_no_working_capacity,
        cast(coalesce(near_poor.with_merit, 0) as bigint) as near_poor_with_merit,
        cast(coalesce(near_poor.in_no_group, 0) as bigint) as near_poor_in_no_group,
        cast(coalesce(near_poor.counted_again, 0) as bigint) as near_poor_counted_again
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
