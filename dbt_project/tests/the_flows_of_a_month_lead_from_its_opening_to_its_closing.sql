-- 9 = 1 - 2 - 3 - 4 + 5 + 6 + 7 + 8, for every month, area, class and unit.
select *
from {{ ref('area_movement') }}
where
    closing <> opening - moved_to_other_class - rose_above - other_decrease
    + came_from_other_class + relapsed + newly_arising + other_increase
    or least(
        opening,
        moved_to_other_class,
        rose_above,
        other_decrease,
        came_from_other_class,
        relapsed,
        newly_arising,
        other_increase, closing
    ) < 0
