{{ config(materialized='view') }}
-- grain: one row per table of facts and marts and column of its key
{{ key_columns() }}
