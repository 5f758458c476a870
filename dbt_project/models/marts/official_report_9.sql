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
            and unit.unit = poor.unit
            and poor.class = 'poor'
    left join tally as near_poor
        on
            area.period_month = near_poor.period_month
            and area.area_code = near_poor.commune_code
            and legal_standard.standard_id = near_poor.standard_id
            and unit.unit = near_poor.unit
            and near_poor.class = 'near_poor'

)

select * from final
