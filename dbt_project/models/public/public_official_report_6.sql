-- grain: one row per month and commune of today
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

official_report as (

    select * from {{ ref('official_report_6') }}

),

poverty as (

    select * from {{ ref('public_area_poverty') }}
    where area_level = 'commune' and basis = 'legal'

),

dim_indicator as (

    select * from {{ ref('dim_indicator') }}

),

lacks as (

    select
        area_indicator.period_month,
        area_indicator.area_code,
        area_indicator.standard_id,
        dim_indicator.display_order,
        area_indicator.near_poor_deprived_households as households
    from {{ ref('public_area_indicator') }} as area_indicator
    inner join dim_indicator
        on
            area_indicator.standard_id = dim_indicator.standard_id
            and area_indicator.indicator_code = dim_indicator.indicator_code
    where area_indicator.area_level = 'commune' and area_indicator.unit = 'household'

),

shown as (

    select
        official_report.period_month,
        official_report.commune_code,
        official_report.standard_id,
        max(poverty.near_poor_households) as households,
        -- A sum of what is shown; where an indicator is withheld, it is too.
        case when count(*) = count(lacks.households) then cast(sum(lacks.households) as bigint) end
            as deprivations,
    {% for number in range(1, 13) -%}
        max(case when lacks.display_order = {{ number }} then lacks.households end)
            as indicator_{{ '%02d' % number }}{{ ',' if not loop.last }}
    {% endfor %}
    from official_report
    inner join touched_period
        on official_report.period_month = touched_period.period_month
    inner join poverty
        on
            official_report.period_month = poverty.period_month
            and official_report.commune_code = poverty.area_code
            and official_report.standard_id = poverty.standard_id
    inner join lacks
        on
            official_report.period_month = lacks.period_month
            and official_report.commune_code = lacks.area_code
            and official_report.standard_id = lacks.standard_id
    group by official_report.period_month, official_report.commune_code, official_report.standard_id

),

final as (

    select
        shown.*,
        nullif(
            concat_ws(
                ', ',
                {%- for column in ['households', 'deprivations'] %}
                    case
                        when shown.{{ column }} is null and official_report.{{ column }} is not null
                            then '{{ column }}'
                    end,
                {%- endfor %}
                {%- for number in range(1, 13) %}
                    {%- set column = 'indicator_%02d' % number %}
                    case
                        when shown.{{ column }} is null and official_report.{{ column }} is not null
                            then '{{ column }}'
                    end
                    {{- ',' if not loop.last }}
                {%- endfor %}
            ),
            ''
        ) as protected_columns
    from shown
    inner join official_report
        on
            shown.period_month = official_report.period_month
            and shown.commune_code = official_report.commune_code

)

select * from final
