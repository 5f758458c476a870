{{ config(meta={'dagster': {'ref': {'name': 'area_poverty'}}}) }}
-- All communes of today stand in every month of the period, under every standard.
select
    dim_period.period_month,
    dim_standard.standard_id,
    dim_commune.commune_code
from {{ ref('dim_period') }} as dim_period
cross join {{ ref('dim_standard') }} as dim_standard
cross join {{ ref('dim_commune') }} as dim_commune
left join {{ ref('area_poverty') }} as area_poverty
    on
        dim_period.period_month = area_poverty.period_month
        and dim_standard.standard_id = area_poverty.standard_id
        and dim_commune.commune_code = area_poverty.area_code
        and area_poverty.area_level = 'commune'
        and area_poverty.basis = 'computed'
where area_poverty.area_code is null
