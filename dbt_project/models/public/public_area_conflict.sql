-- grain: one row per month, area and subject; movement in the city alone: flows say how many were compared
{{ public_rows(
    'area_conflict',
    measures={'contradicted_pct': pct('contradicted', 'compared')}
) }}
