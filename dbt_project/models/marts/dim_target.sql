{{ config(materialized='view') }}
-- grain: one row per area, standard, measure, aim and time
select * from {{ ref('target') }}
