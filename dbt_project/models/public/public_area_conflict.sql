-- grain: one row per month, area and subject; movement in the city alone: flows say how many were compared
{{ protect(
    'area_conflict',
    where="area_level = 'city' or subject <> 'movement'",
    keys=['period_month', 'area_level', 'area_code', 'subject'],
    counts=['compared', 'contradicted'],
    measures={'contradicted_pct': pct('contradicted', 'compared')}
) }}
