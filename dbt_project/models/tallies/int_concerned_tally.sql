-- grain: one row per month in scope, area with somebody under review, standard and indicator: households
-- under review and their members, as far as the indicator asks about them
{{ over_areas(
    'commune_concerned_tally',
    keys=[
        'standard_id', 'indicator_code'
    ],
    counts=[
        'households_concerned', 'households_concerned_unknown', 'persons_concerned',
        'persons_concerned_unknown'
    ]
) }}
