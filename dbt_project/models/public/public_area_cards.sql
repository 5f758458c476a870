-- grain: one row per month, area and beneficiary group
{{ public_rows('area_cards') }}
