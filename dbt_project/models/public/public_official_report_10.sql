-- grain: one row per month and commune of today and unit
{{ public_rows('official_report_10') }}
