{{ config(materialized='view') }}
-- grain: one row per month, area, standard, unit, k and dimension; below the city k = 3 only
with

area_indicator as (

    select * from {{ ref('public_area_indicator') }}

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
        -- Withheld where that of an indicator is: the rest would tell it.
        case
            when count(area_indicator.contribution_pct) = count(*)
                then cast(sum(cast(area_indicator.contribution_pct as decimal(18, 12))) as double)
        end as contribution_pct
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
