-- grain: one row per touched month, area, standard, age group and pairs of scores: persons of households
-- under review
with

member_month as (

    select * from {{ ref('int_member_month') }}

),

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where is_reviewed and {{ is_touched('period_month') }}

),

population_group as (

    select * from {{ ref('population_group') }}
    where group_kind = 'age_group'

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

-- A person whose birth year straddles two groups is in neither.
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
        population_group.group_code,
        count(*) as persons
    from member_month
    inner join population_group
        on
            member_month.age_months_if_young >= population_group.age_from_months
            and member_month.age_months_if_old < population_group.age_below_months
    inner join household_deprivation
        on
            member_month.period_month = household_deprivation.period_month
            and member_month.household_key = household_deprivation.household_key
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
