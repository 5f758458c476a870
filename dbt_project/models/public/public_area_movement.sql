-- grain: one row per month, area, class and unit
{{ public_rows('area_movement') }}
