{{ config(meta={'dagster': {'ref': {'name': 'public_area_poverty'}}}) }}
-- No public count lets a small one through.
select public_area_poverty.*
from {{ ref('public_area_poverty') }} as public_area_poverty
inner join {{ ref('disclosure_rule') }} as disclosure_rule
    on public_area_poverty.period_month between disclosure_rule.valid_from and disclosure_rule.valid_to
where
    poor_households between 1 and disclosure_rule.suppress_below - 1
    or poor_households % disclosure_rule.round_to <> 0
    or reviewed_households between 1 and disclosure_rule.suppress_below - 1
    or reviewed_households % disclosure_rule.round_to <> 0
