{{ config(materialized='incremental') }}
-- grain: one row per person of a review form and month, as it was sent
{{ standing_rows(
    'labour/household_members',
    key=['commune_code', 'household_code', 'member_no']
) }}
