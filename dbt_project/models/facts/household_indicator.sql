{{ config(materialized='view') }}
-- grain: one row per month, household with a review in force, standard and indicator
{{ indicator_answers('true') }}
