-- grain: one row per month, commune of today and standard of the lists and unit
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

unit as (

    select 'household' as unit
    union all
    select 'person' as unit

),

final as (

    select
        area.period_month,
        area.area_code as commune_code,
        legal_standard.standard_id,
        unit.unit,
        {{ where_listed('poor.total') }} as poor_total,
        {{ where_listed('poor.minority') }} as poor_minority,
        {{ where_listed('poor.no_working_capacity') }} as poor_no_working_capacity,
        {{ where_listed('poor.with_merit') }} as poor_with_merit,
        {{ where_listed('poor.in_no_group') }} as poor_in_no_group,
        {{ where_listed('poor.counted_again') }} as poor_counted_again,
        {{ where_listed('near_poor.total') }} as near_poor_total,
        {{ where_listed('near_poor.minority') }} as near_poor_minority,
        {{ where_listed('near_poor.no_working_capacity') }} as near_poor_no_working_capacity,
        {{ where_listed('near_poor.with_merit') }} as near_poor_with_merit,
        {{ where_listed('near_poor.in_no_group') }} as near_poor_in_no_group,
        {{ where_listed('near_poor.counted_again') }} as near_poor_counted_again
    from area
    inner join legal_standard
        on area.period_month = legal_standard.period_month
    cross join unit
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
            and unit.unit = poor.unit
    left join tally as near_poor
        on
            area.period_month = near_poor.period_month
            and area.area_code = near_poor.commune_code
            and legal_standard.standard_id = near_poor.standard_id
            and near_poor.class = 'near_poor'
            and unit.unit = near_poor.unit

)

select * from final
