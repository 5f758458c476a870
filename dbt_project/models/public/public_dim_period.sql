{{ config(materialized='view') }}
-- grain: as dim_period; nothing in it needs protection
select * from {{ ref('dim_period') }}
