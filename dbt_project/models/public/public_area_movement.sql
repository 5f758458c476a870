-- grain: one row per month, area, class and unit
{% set losses = ['moved_to_other_class', 'rose_above'] -%}
{% set gains = ['came_from_other_class', 'relapsed', 'newly_arising'] -%}
-- What leaves one class for the other comes to the other: both are shown or neither.
{{ protect(
    'area_movement',
    keys=['period_month', 'area_level', 'area_code', 'standard_id', 'class', 'unit'],
    counts=['opening'] + losses + ['other_decrease'] + gains + ['other_increase', 'closing'],
    within=['period_month', 'area_level', 'area_code', 'standard_id'],
    sums=[
        {
            'whole': 'opening', 'parts': losses + gains[:1], 'rest': ['other_decrease'],
            'among': gains + ['other_increase', 'closing', 'opening']
        },
        {
            'whole': 'closing', 'parts': gains + losses[:1], 'rest': ['other_increase'],
            'among': losses + ['other_decrease', 'opening', 'closing']
        }
    ]
) }}
