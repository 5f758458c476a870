-- grain: one row per month and commune of today
with

area as (

    select * from {{ ref('int_area') }}
    where area_level = 'commune'

),

tally as (

    select * from {{ ref('int_report_tally') }}

),

final as (

    select
        area.period_month,
        area.area_code as commune_code,
        cast(coalesce(poor.children, 0) as bigint) as poor_children,
        cast(coalesce(poor.uninsured_children, 0) as bigint) as poor_uninsured_children,
        cast(coalesce(poor.malnourished_children, 0) as bigint) as poor_malnourished_children,
        cast(coalesce(poor.unschooled_children, 0) as bigint) as poor_unschooled_children,
        cast(coalesce(near_poor.children, 0) as bigint) as near_poor_children,
        cast(coalesce(near_poor.uninsured_children, 0) as bigint) as near_poor_uninsured_children,
        cast(coalesce(near_poor.malnourished_children, 0) as bigint) as near_poor_malnourished_children,
        cast(coalesce(near_poor.unschooled_children, 0) as bigint) as near_poor_unschooled_children
    from area
    left join tally as poor
        on
            area.period_month = poor.period_month
            and area.area_code = poor.commune_code
            and poor.class = 'poor'
            and poor.unit = 'household'
    left join tally as near_poor
        on
            area.period_month = near_poor.period_month
            and area.area_code = near_poor.commune_code
            and near_poor.class = 'near_poor'
            and near_poor.unit = 'household'

)

select * from final
