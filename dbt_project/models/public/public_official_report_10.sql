-- grain: one row per month and commune of today and unit
{{ protect(
    'official_report_10',
    keys=['period_month', 'commune_code', 'unit'],
    counts=[
        'poor_total', 'poor_cause_1', 'poor_cause_2', 'poor_cause_3', 'poor_cause_4', 'poor_cause_5',
        'poor_cause_6', 'poor_cause_7', 'poor_cause_8', 'poor_cause_unknown', 'near_poor_total',
        'near_poor_cause_1', 'near_poor_cause_2', 'near_poor_cause_3', 'near_poor_cause_4',
        'near_poor_cause_5', 'near_poor_cause_6', 'near_poor_cause_7', 'near_poor_cause_8',
        'near_poor_cause_unknown'
    ]
) }}
