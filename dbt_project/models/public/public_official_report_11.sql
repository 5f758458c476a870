-- grain: one row per month and commune of today
{{ public_rows('official_report_11') }}
