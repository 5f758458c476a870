{{ config(meta={'dagster': {'ref': {'name': 'area_poverty'}}}) }}
-- Where every listed household is under review, the legal classes too sum to the reviewed households.
with

listed_only as (

    select distinct period_month
    from {{ ref('household_deprivation') }}
    where not is_reviewed and {{ month_in_scope('period_month') }}

)

select area_poverty.*
from {{ ref('area_poverty') }} as area_poverty
left join listed_only
    on area_poverty.period_month = listed_only.period_month
where
    area_poverty.basis = 'legal'
    and {{ month_in_scope('area_poverty.period_month') }}
    and listed_only.period_month is null
    and area_poverty.communes_counted = area_poverty.communes_total
    and area_poverty.poor_households + area_poverty.near_poor_households + area_poverty.other_households
    + area_poverty.undetermined_households <> area_poverty.reviewed_households
