-- grain: one row per commune and month
{{ standing_rows('labour/commune_totals', key=['commune_code_then']) }}
