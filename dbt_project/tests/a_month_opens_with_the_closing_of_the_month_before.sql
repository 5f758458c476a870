-- No household is lost between two months; a new commune opens with what its predecessors closed with.
select
    area_movement.*,
    before.closing as closing_before
from {{ ref('area_movement') }} as area_movement
inner join {{ ref('area_movement') }} as before
    on
        area_movement.period_month = {{ month_add('before.period_month', 1) }}
        and area_movement.area_level = before.area_level
        and area_movement.area_code = before.area_code
        and area_movement.class = before.class
        and area_movement.unit = before.unit
where area_movement.opening <> before.closing
