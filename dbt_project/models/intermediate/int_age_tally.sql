-- grain: one row per touched month, area, standard, age group and pairs of scores: persons of households
-- under review
with

household_age_group as (

    select * from {{ ref('household_age_group') }}
    where {{ is_touched('period_month') }}

),

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where is_reviewed and {{ is_touched('period_month') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

counted as (

    select
        household_deprivation.period_month,
        household_deprivation.commune_code,
        household_deprivation.commune_code_then,
        household_deprivation.area_type,
        household_deprivation.standard_id,
        household_deprivation.legal_score,
        household_deprivation.legal_score_max,
        household_deprivation.nested_score,
        household_deprivation.nested_score_max,
        household_age_group.group_code,
        sum(household_age_group.persons) as persons
    from household_age_group
    inner join household_deprivation
        on
            household_age_group.period_month = household_deprivation.period_month
            and household_age_group.household_key = household_deprivation.household_key
    group by all

),

final as (

    select
        counted.period_month,
        place_area.area_level,
        place_area.area_code,
        counted.standard_id,
        counted.group_code,
        counted.legal_score,
        counted.legal_score_max,
        counted.nested_score,
        counted.nested_score_max,
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
