-- grain: one row per contract and month, as it was sent
{{ standing_rows('policy_bank/loans', key=['report_date', 'contract_key']) }}
