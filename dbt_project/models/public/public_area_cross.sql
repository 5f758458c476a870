-- grain: one row per month, area, standard, below_income_line and three_or_more
{{ protect(
    'area_cross',
    keys=['period_month', 'area_level', 'area_code', 'standard_id', 'below_income_line', 'three_or_more'],
    counts=['reviewed_households', 'reviewed_persons']
) }}
