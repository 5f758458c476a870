{{ config(materialized='incremental') }}
-- grain: one row per household and month of its review form
{{ standing_rows('labour/household_review', key=['commune_code', 'household_code']) }}
