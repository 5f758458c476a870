-- grain: one row per month, area, class and unit
{{ protect(
    'area_movement',
    keys=['period_month', 'area_level', 'area_code', 'class', 'unit'],
    counts=[
        'opening', 'moved_to_other_class', 'rose_above', 'other_decrease', 'came_from_other_class', 'relapsed',
        'newly_arising', 'other_increase', 'closing'
    ]
) }}
