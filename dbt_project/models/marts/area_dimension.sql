{{ config(materialized='view') }}
-- grain: one row per month, area, standard, unit, k and dimension (legal weights)
with

area_indicator as (

    select * from {{ ref('area_indicator') }}

),

indicator as (

    select * from {{ ref('indicator') }}

),

final as (

    select
        area_indicator.period_month,
        area_indicator.area_level,
        area_indicator.area_code,
        area_indicator.standard_id,
        area_indicator.unit,
        area_indicator.k,
        indicator.dimension,
        -- As decimals: doubles add up differently from one build to the next.
        cast(sum(cast(area_indicator.contribution_pct as decimal(18, 12))) as double) as contribution_pct
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

)

select * from final
