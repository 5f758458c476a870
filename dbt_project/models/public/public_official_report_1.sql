-- grain: one row per month and commune of today
{{ protect(
    'official_report_1',
    keys=['period_month', 'commune_code', 'standard_id'],
    open=['households', 'persons', 'average_farm_households', 'average_farm_rate_pct', 'average_farm_persons', 'average_farm_persons_pct'],
    counts=[
        'poor_households', 'near_poor_households', 'poor_persons', 'near_poor_persons'
    ],
    measures={
        'poor_rate_pct': pct('poor_households', 'households'),
        'near_poor_rate_pct': pct('near_poor_households', 'households'),
        'poor_persons_pct': pct('poor_persons', 'persons'),
        'near_poor_persons_pct': pct('near_poor_persons', 'persons')
    }
) }}
