-- No household is lost between two months; a new commune opens with what its predecessors closed with. A
-- commune's first list under a standard opens with itself, and one whose list comes under another leaves the
-- old standard without a flow: where either happens, an area's opening is not its closing before.
select
    area_movement.*,
    before.closing as closing_before
from {{ ref('area_movement') }} as area_movement
inner join {{ ref('area_movement') }} as before
    on
        area_movement.period_month = {{ month_add('before.period_month', 1) }}
        and area_movement.area_level = before.area_level
        and area_movement.area_code = before.area_code
        and area_movement.standard_id = before.standard_id
        and area_movement.class = before.class
        and area_movement.unit = before.unit
inner join {{ ref('area_poverty') }} as area_poverty
    on
        area_movement.period_month = area_poverty.period_month
        and area_movement.area_level = area_poverty.area_level
        and area_movement.area_code = area_poverty.area_code
        and area_movement.standard_id = area_poverty.standard_id
        and area_poverty.basis = 'legal'
inner join {{ ref('area_poverty') }} as poverty_before
    on
        before.period_month = poverty_before.period_month
        and before.area_level = poverty_before.area_level
        and before.area_code = poverty_before.area_code
        and before.standard_id = poverty_before.standard_id
        and poverty_before.basis = 'legal'
where
    area_movement.opening <> before.closing
    and area_poverty.communes_counted = poverty_before.communes_counted
