-- grain: one row per touched month, area, standard and combination of everything the marts distinguish
-- households by
with

counted as (

    select * from {{ ref('commune_household_tally') }}
    where {{ is_touched('period_month') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

final as (

    select
        place_area.area_level,
        place_area.area_code,
        counted.period_month,
        counted.standard_id,
        counted.is_reviewed,
        counted.is_minority,
        counted.head_sex,
        counted.below_income_line,
        counted.computed_class,
        counted.legal_class,
        counted.deprivation_count,
        counted.deprivation_count_max,
        counted.legal_score,
        counted.legal_score_max,
        counted.nested_score,
        counted.nested_score_max,
        cast(sum(counted.households) as bigint) as households,
        cast(sum(counted.persons) as bigint) as persons,
        cast(sum(counted.listed_persons) as bigint) as listed_persons
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
