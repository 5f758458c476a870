{{ config(materialized='incremental') }}
-- grain: one row per match key and number that a card register has carried under it: the first month
{{ first_months(['base_health_insurance__cards']) }}
