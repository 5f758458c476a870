-- grain: one row per month, area and subject
{{ protect(
    'area_conflict',
    keys=['period_month', 'area_level', 'area_code', 'subject'],
    counts=['compared', 'contradicted'],
    measures={'contradicted_pct': pct('contradicted', 'compared')}
) }}
