-- grain: one row per month in scope, area, standard and combination of everything the marts distinguish
-- households by
{{ over_areas(
    'commune_household_tally',
    keys=[
        'standard_id', 'is_reviewed', 'is_minority', 'head_sex', 'below_income_line', 'computed_class',
        'legal_class', 'deprivation_count', 'deprivation_count_max', 'legal_score', 'legal_score_max',
        'nested_score', 'nested_score_max'
    ],
    counts=[
        'households', 'persons', 'listed_persons'
    ]
) }}
