-- grain: one row per month and commune of today
{{ protect(
    'official_report_4',
    keys=['period_month', 'commune_code'],
    open=['standard_id'],
    counts=[
        'households', 'without_review', 'unknown_answers', 'deprivations', 'indicator_01', 'indicator_02', 'indicator_03', 'indicator_04',
        'indicator_05', 'indicator_06', 'indicator_07', 'indicator_08', 'indicator_09', 'indicator_10',
        'indicator_11', 'indicator_12'
    ]
) }}
