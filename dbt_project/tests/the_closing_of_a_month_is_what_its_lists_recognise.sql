{{ config(meta={'dagster': {'ref': {'name': 'area_movement'}}}) }}
-- Movement and result are told from the same facts.
select
    area_movement.*,
    area_poverty.poor_households,
    area_poverty.near_poor_households
from {{ ref('area_movement') }} as area_movement
inner join {{ ref('area_poverty') }} as area_poverty
    on
        area_movement.period_month = area_poverty.period_month
        and area_movement.area_level = area_poverty.area_level
        and area_movement.area_code = area_poverty.area_code
        and area_movement.standard_id = area_poverty.standard_id
        and area_poverty.basis = 'legal'
where
    area_movement.closing is distinct from case
        when
            area_movement.class = 'poor' and area_movement.unit = 'household'
            then area_poverty.poor_households
        when area_movement.class = 'poor' then area_poverty.poor_persons
        when area_movement.unit = 'household' then area_poverty.near_poor_households
        else area_poverty.near_poor_persons
    end
