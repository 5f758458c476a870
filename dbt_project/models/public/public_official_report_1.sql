-- grain: one row per month and commune of today
{{ public_rows(
    'official_report_1',
    measures={
        'poor_rate_pct': pct('poor_households', 'households'),
        'near_poor_rate_pct': pct('near_poor_households', 'households'),
        'poor_persons_pct': pct('poor_persons', 'persons'),
        'near_poor_persons_pct': pct('near_poor_persons', 'persons')
    }
) }}
