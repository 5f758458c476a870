-- grain: one row per month and commune of today
{{ public_form_of_shares('public_official_report_4', 'official_report_4') }}
