-- grain: one row per touched month, area, standard and combination of everything the marts distinguish
-- households by
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where {{ is_touched('period_month') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

-- Count first where the households are many, spread over the five levels of area what is left.
counted as (

    select
        household_deprivation.period_month,
        household_deprivation.commune_code,
        household_deprivation.commune_code_then,
        household_deprivation.area_type,
        household_deprivation.standard_id,
        household_deprivation.is_reviewed,
        household_deprivation.is_minority,
        household_deprivation.head_sex,
        household_deprivation.below_income_line,
        household_deprivation.computed_class,
        household_deprivation.legal_class,
        household_deprivation.deprivation_count,
        household_deprivation.deprivation_count_max,
        household_deprivation.legal_score,
        household_deprivation.legal_score_max,
        household_deprivation.nested_score,
        household_deprivation.nested_score_max,
        count(*) as households,
        sum(household_deprivation.persons) as persons
    from household_deprivation
    inner join touched_period
        on household_deprivation.period_month = touched_period.period_month
    group by all

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
