-- grain: one row per touched month, area, standard, indicator and combination of legal score,
-- legal class and answer (deprived or unknown; who is known not to be deprived is not counted here)
with

counted as (

    select * from {{ ref('commune_indicator_tally') }}
    where {{ is_touched('period_month') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

final as (

    select
        counted.period_month,
        place_area.area_level,
        place_area.area_code,
        counted.standard_id,
        counted.indicator_code,
        counted.legal_score,
        counted.legal_class,
        counted.is_unknown,
        cast(sum(counted.households) as bigint) as households,
        cast(sum(counted.persons) as bigint) as persons
    from counted
    inner join place_area
        on
            counted.period_month = place_area.period_month
            and counted.commune_code = place_area.commune_code
            and counted.commune_code_then = place_area.commune_code_then
            and counted.area_type = place_area.area_type
    group by all

)

select * from final
