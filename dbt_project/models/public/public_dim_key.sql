{{ config(materialized='view') }}
-- grain: as dim_key, of the tables that are public
select * from {{ ref('dim_key') }}
where table_schema = 'marts' and table_name in ({{ public_tables() }})
