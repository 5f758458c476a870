{{ config(materialized='view') }}
-- grain: as dim_commune; nothing in it needs protection
select * from {{ ref('dim_commune') }}
