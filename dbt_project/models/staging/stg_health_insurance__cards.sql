-- grain: one row per card and month of the register
{{ linked_rows('base_health_insurance__cards') }}
