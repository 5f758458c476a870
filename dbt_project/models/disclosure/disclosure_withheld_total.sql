-- grain: one row per cell of an area above the communes that is withheld
with

{{ judged_by_sums(ref('disclosure_total'), ['city', 'former_province', 'area_type']) }}

select * from judged
