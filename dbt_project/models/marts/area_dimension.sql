{{ config(materialized='view') }}
-- grain: one row per month, area, standard, unit, k and dimension (legal weights)
with

area_indicator as (

    select * from {{ ref('area_indicator') }}

),

indicator as (

    select * from {{ ref('indicator') }}

),

counted as (

    select
        area_indicator.period_month,
        area_indicator.area_level,
        area_indicator.area_code,
        area_indicator.standard_id,
        area_indicator.unit,
        area_indicator.k,
        indicator.dimension,
        sum(indicator.weight_legal * area_indicator.poor_deprived_units) as score
    from area_indicator
    inner join indicator
        on
            area_indicator.standard_id = indicator.standard_id
            and area_indicator.indicator_code = indicator.indicator_code
    group by
        area_indicator.period_month,
        area_indicator.area_level,
        area_indicator.area_code,
        area_indicator.standard_id,
        area_indicator.unit,
        area_indicator.k,
        indicator.dimension

),

final as (

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        unit,
        k,
        dimension,
        {{ pct(
            'score', 'sum(score) over (partition by period_month, area_level, area_code, standard_id, unit, k)'
        ) }}
            as contribution_pct
    from counted

)

select * from final
