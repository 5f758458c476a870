{{ config(materialized='view') }}
-- grain: as dim_area; nothing in it needs protection
select * from {{ ref('dim_area') }}
