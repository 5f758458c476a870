-- grain: one row per month and commune of today
{{ public_form_of_class('official_report_12', 'poor') }}
