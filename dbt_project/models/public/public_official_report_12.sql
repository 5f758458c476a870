-- grain: one row per month and commune of today
{{ protect(
    'official_report_12',
    keys=['period_month', 'commune_code'],
    open=['households', 'persons', 'minority_households', 'minority_persons'],
    counts=[
        'opening_households', 'opening_persons', 'decrease_households', 'increase_households',
        'closing_households', 'closing_persons', 'closing_minority_households', 'closing_minority_persons',
        'female_headed_households', 'female_headed_persons', 'minority_female_headed_households'
    ],
    measures={
        'rate_pct': pct('closing_households', 'households'),
        'minority_rate_pct': pct('closing_minority_households', 'minority_households')
    }
) }}
