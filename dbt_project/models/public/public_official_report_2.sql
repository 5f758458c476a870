-- grain: one row per month and commune of today and unit
{{ protect(
    'official_report_2',
    keys=['period_month', 'commune_code', 'unit'],
    counts=[
        'opening', 'moved_to_other_class', 'rose_above', 'other_decrease', 'came_from_other_class', 'relapsed',
        'newly_arising', 'other_increase', 'closing'
    ]
) }}
