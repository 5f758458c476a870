-- grain: one row per month in scope, area, standard, indicator and combination of legal score,
-- legal class and answer (deprived or unknown; who is known not to be deprived is not counted here)
{{ over_areas(
    'commune_indicator_tally',
    keys=[
        'standard_id', 'indicator_code', 'legal_score', 'legal_class', 'is_unknown'
    ],
    counts=[
        'households', 'persons'
    ]
) }}
