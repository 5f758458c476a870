{{ config(materialized='incremental') }}
-- grain: one row per match key and number that a form, list or loan has carried under it: the first month
{{ first_months(['base_labour__household_members', 'base_labour__poverty_list', 'base_policy_bank__loans']) }}
