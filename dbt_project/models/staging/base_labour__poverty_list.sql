{{ config(materialized='incremental') }}
-- grain: one row per person on a sheet of the list and month, as it was sent
{{ standing_rows(
    'labour/poverty_list',
    key=['commune_code', 'list_section', 'household_no', 'member_no']
) }}
