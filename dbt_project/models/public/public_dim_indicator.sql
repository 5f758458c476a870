{{ config(materialized='view') }}
-- grain: as dim_indicator; nothing in it needs protection
select * from {{ ref('dim_indicator') }}
