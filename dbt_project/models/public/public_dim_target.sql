{{ config(materialized='view') }}
-- grain: as dim_target; nothing in it needs protection
select * from {{ ref('dim_target') }}
