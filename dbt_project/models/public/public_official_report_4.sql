-- grain: one row per month and commune of today
{{ public_form_of_deprivations('official_report_4', 'poor') }}
