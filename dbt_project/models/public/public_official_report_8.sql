-- grain: one row per month and commune of today and unit
{{ protect(
    'official_report_8',
    keys=['period_month', 'commune_code', 'unit'],
    counts=[
        'poor_total', 'poor_minority', 'poor_no_working_capacity', 'poor_with_merit', 'poor_in_no_group',
        'poor_counted_again', 'near_poor_total', 'near_poor_minority', 'near_poor_no_working_capacity',
        'near_poor_with_merit', 'near_poor_in_no_group', 'near_poor_counted_again'
    ]
) }}
