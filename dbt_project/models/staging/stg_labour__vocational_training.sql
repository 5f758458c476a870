{{ config(materialized='incremental') }}
-- grain: one row per person, class and month
{{ standing_rows('labour/vocational_training', key=['class_code', 'person_key']) }}
