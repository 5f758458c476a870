{{ config(meta={'dagster': {'ref': {'name': 'standard'}}}) }}
-- Thirty-six thirty-sixths, by either weighting, and as many indicators as the standard says.
select
    standard.standard_id,
    sum(indicator.weight_legal) as weight_legal,
    sum(indicator.weight_nested) as weight_nested,
    count(*) as indicators
from {{ ref('standard') }} as standard
inner join {{ ref('indicator') }} as indicator
    on standard.standard_id = indicator.standard_id
group by standard.standard_id, standard.indicator_count
having
    sum(indicator.weight_legal) <> 36
    or sum(indicator.weight_nested) <> 36
    or count(*) <> standard.indicator_count
