-- grain: one row per month in scope, area, standard, unit, weights and pair of scores (thirty-sixths)
with

tally as (

    select * from {{ ref('int_tally') }}
    where is_reviewed

),

by_weights as (

    select
        tally.*,
        'legal' as weights,
        tally.legal_score as score,
        tally.legal_score_max as score_max
    from tally

    union all

    select
        tally.*,
        'nested' as weights,
        tally.nested_score as score,
        tally.nested_score_max as score_max
    from tally

),

by_unit as (

    select
        by_weights.*,
        'household' as unit,
        by_weights.households as units
    from by_weights

    union all

    select
        by_weights.*,
        'person' as unit,
        by_weights.persons as units
    from by_weights

),

final as (

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        unit,
        weights,
        score,
        score_max,
        cast(sum(units) as bigint) as units
    from by_unit
    group by period_month, area_level, area_code, standard_id, unit, weights, score, score_max

)

select * from final
