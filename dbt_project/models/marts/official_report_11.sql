-- grain: one row per month, commune of today and standard of the lists
with

area as (

    select * from {{ ref('int_area') }}
    where area_level = 'commune'

),

area_with_list as (

    select * from {{ ref('int_area_with_list') }}
    where area_level = 'commune'

),

legal_standard as (

    select * from {{ ref('int_legal_standard') }}

),

tally as (

    select * from {{ ref('commune_report_tally') }}
    where {{ month_in_scope('period_month') }}

),

final as (

    select
        area.period_month,
        area.area_code as commune_code,
        legal_standard.standard_id,
        {{ where_listed('poor.children') }} as poor_children,
        {{ where_listed('poor.uninsured_children') }} as poor_uninsured_children,
        {{ where_listed('poor.malnourished_children') }} as poor_malnourished_children,
        {{ where_listed('poor.unschooled_children') }} as poor_unschooled_children,
        {{ where_listed('near_poor.children') }} as near_poor_children,
        {{ where_listed('near_poor.uninsured_children') }} as near_poor_uninsured_children,
        {{ where_listed('near_poor.malnourished_children') }} as near_poor_malnourished_children,
        {{ where_listed('near_poor.unschooled_children') }} as near_poor_unschooled_children
    from area
    inner join legal_standard
        on area.period_month = legal_standard.period_month
    left join area_with_list
        on
            area.period_month = area_with_list.period_month
            and area.area_code = area_with_list.area_code
            and legal_standard.standard_id = area_with_list.standard_id
    left join tally as poor
        on
            area.period_month = poor.period_month
            and area.area_code = poor.commune_code
            and legal_standard.standard_id = poor.standard_id
            and poor.class = 'poor'
            and poor.unit = 'household'
    left join tally as near_poor
        on
            area.period_month = near_poor.period_month
            and area.area_code = near_poor.commune_code
            and legal_standard.standard_id = near_poor.standard_id
            and near_poor.class = 'near_poor'
            and near_poor.unit = 'household'

)

select * from final
