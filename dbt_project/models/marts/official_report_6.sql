-- grain: one row per month and commune of today
with

area_poverty as (

    select * from {{ ref('area_poverty') }}
    where area_level = 'commune' and basis = 'legal'

),

area_indicator as (

    select * from {{ ref('area_indicator') }}
    where area_level = 'commune' and unit = 'household' and k = 1

),

indicator as (

    select * from {{ ref('indicator') }}

),

final as (

    select
        area_poverty.period_month,
        area_poverty.area_code as commune_code,
        area_poverty.standard_id,
        area_poverty.near_poor_households as households,
        cast(sum(area_indicator.near_poor_deprived_households) as bigint) as deprivations,
    {% for number in range(1, 13) -%}
        cast(
            sum(
                case
                    when indicator.display_order = {{ number }}
                        then area_indicator.near_poor_deprived_households
                end
            ) as bigint
        ) as indicator_{{ '%02d' % number }}{{ ',' if not loop.last }}
    {% endfor %}
    from area_poverty
    inner join {{ ref('touched_period') }} as touched_period
        on area_poverty.period_month = touched_period.period_month
    inner join area_indicator
        on
            area_poverty.period_month = area_indicator.period_month
            and area_poverty.area_code = area_indicator.area_code
            and area_poverty.standard_id = area_indicator.standard_id
    inner join indicator
        on
            area_indicator.standard_id = indicator.standard_id
            and area_indicator.indicator_code = indicator.indicator_code
    group by
        area_poverty.period_month,
        area_poverty.area_code,
        area_poverty.standard_id,
        area_poverty.near_poor_households

)

select * from final
