-- grain: one row per month and commune of today and unit
with

area as (

    select * from {{ ref('int_area') }}
    where area_level = 'commune'

),

area_with_list as (

    select * from {{ ref('int_area_with_list') }}
    where area_level = 'commune'

),

tally as (

    select * from {{ ref('commune_report_tally') }}
    where {{ is_touched('period_month') }}

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
    {% for class in ['poor', 'near_poor'] -%}
        {{ where_listed(class ~ '.total') }} as {{ class }}_total,
        {{ where_listed(class ~ '.total - ' ~ class ~ '.ethnic_01 - ' ~ class ~ '.ethnic_unknown') }}
            as {{ class }}_minorities,
        {% for number in range(1, 55) -%}
            {%- set group = 'ethnic_%02d' % number -%}
            {{ where_listed(class ~ '.' ~ group) }} as {{ class }}_{{ group }},
        {% endfor -%}
        {{ where_listed(class ~ '.ethnic_unknown') }}
            as {{ class }}_ethnic_unknown{{ ',' if not loop.last }}
    {% endfor %}
    from area
    cross join unit
    left join area_with_list
        on
            area.period_month = area_with_list.period_month
            and area.area_code = area_with_list.area_code
    left join tally as poor
        on
            area.period_month = poor.period_month
            and area.area_code = poor.commune_code
            and unit.unit = poor.unit
            and poor.class = 'poor'
    left join tally as near_poor
        on
            area.period_month = near_poor.period_month
            and area.area_code = near_poor.commune_code
            and unit.unit = near_poor.unit
            and near_poor.class = 'near_poor'

)

select * from final
