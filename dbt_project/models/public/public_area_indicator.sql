-- grain: one row per month, area, standard, unit, k and indicator; below the city k = 3 and 4 only
{{ protect(
    'area_indicator',
    where="area_level = 'city' or k in (3, 4)",
    keys=['period_month', 'area_level', 'area_code', 'standard_id', 'unit', 'k', 'indicator_code'],
    counts=[
        'units', 'poor_units', 'deprived_units', 'poor_deprived_units', 'unknown_units', 'poor_deprived_households',
        'near_poor_deprived_households'
    ],
    measures={
        'uncensored_headcount': fraction('deprived_units', 'units'),
        'censored_headcount': fraction('poor_deprived_units', 'units'),
        'contribution_pct':
            'case when poor_units > 0 and poor_deprived_units >= 0 then round(exact_contribution_pct, 1) end',
        'unknown_share': fraction('unknown_units', 'units')
    }
) }}
