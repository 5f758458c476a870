-- grain: one row per month in scope, area, standard, age group and pairs of scores: persons of households
-- under review
{{ over_areas(
    'commune_age_tally',
    keys=[
        'standard_id', 'group_code', 'legal_score', 'legal_score_max', 'nested_score', 'nested_score_max'
    ],
    counts=[
        'persons'
    ]
) }}
