-- grain: one row per month and commune of today
{{ protect(
    'official_report_11',
    keys=['period_month', 'commune_code', 'standard_id'],
    counts=[
        'poor_children', 'poor_uninsured_children', 'poor_malnourished_children', 'poor_unschooled_children',
        'near_poor_children', 'near_poor_uninsured_children', 'near_poor_malnourished_children',
        'near_poor_unschooled_children'
    ]
) }}
