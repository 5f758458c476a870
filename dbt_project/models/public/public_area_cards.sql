-- grain: one row per month, area and beneficiary group
{{ protect(
    'area_cards',
    keys=['period_month', 'area_level', 'area_code', 'beneficiary_group'],
    counts=['cards_valid']
) }}
