-- Column 2 of one form of movement is column 5 of the other.
select
    poor.*,
    near_poor.came_from_other_class as near_poor_came,
    near_poor.moved_to_other_class as near_poor_left
from {{ ref('area_movement') }} as poor
inner join {{ ref('area_movement') }} as near_poor
    on
        poor.period_month = near_poor.period_month
        and poor.area_level = near_poor.area_level
        and poor.area_code = near_poor.area_code
        and poor.standard_id = near_poor.standard_id
        and poor.unit = near_poor.unit
        and poor.class = 'poor'
        and near_poor.class = 'near_poor'
where
    poor.moved_to_other_class <> near_poor.came_from_other_class
    or near_poor.moved_to_other_class <> poor.came_from_other_class
