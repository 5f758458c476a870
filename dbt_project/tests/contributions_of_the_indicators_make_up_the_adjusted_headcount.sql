{{ config(meta={'dagster': {'ref': {'name': 'area_mpi'}}}) }}
-- The weighted censored headcounts of the indicators add up to the adjusted headcount.
with

contributed as (

    select
        area_indicator.period_month,
        area_indicator.area_level,
        area_indicator.area_code,
        area_indicator.standard_id,
        area_indicator.unit,
        area_indicator.k,
        sum(dim_indicator.weight_legal * area_indicator.poor_deprived_units) as poor_score
    from {{ ref('area_indicator') }} as area_indicator
    inner join {{ ref('dim_indicator') }} as dim_indicator
        on
            area_indicator.standard_id = dim_indicator.standard_id
            and area_indicator.indicator_code = dim_indicator.indicator_code
    where {{ month_in_scope('area_indicator.period_month') }}
    group by all

)

select
    area_mpi.*,
    contributed.poor_score
from {{ ref('area_mpi') }} as area_mpi
inner join contributed
    on
        area_mpi.period_month = contributed.period_month
        and area_mpi.area_level = contributed.area_level
        and area_mpi.area_code = contributed.area_code
        and area_mpi.standard_id = contributed.standard_id
        and area_mpi.unit = contributed.unit
        and area_mpi.k = contributed.k
where
    area_mpi.weights = 'legal'
    and abs(coalesce(area_mpi.adjusted_headcount, 0) * 36 * area_mpi.units - contributed.poor_score) > 0.001
