{{ config(materialized='incremental') }}
-- grain: one row per case, funding source and month
{{ standing_rows('housing/support_cases', key=['case_code', 'funding_source']) }}
