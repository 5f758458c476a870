{{ config(materialized='view') }}
-- grain: as dim_standard; nothing in it needs protection
select * from {{ ref('dim_standard') }}
