-- grain: one row per touched month, area, standard, indicator and combination of legal score,
-- legal class and answer (deprived or unknown; who is known not to be deprived is not counted here)
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

household_indicator as (

    select * from {{ ref('household_indicator') }}
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
        household_indicator.indicator_code,
        household_deprivation.legal_score,
        household_deprivation.legal_class,
        household_indicator.deprived is null as is_unknown,
        count(*) as households,
        sum(household_deprivation.persons) as persons
    from touched_period
    inner join household_deprivation
        on touched_period.period_month = household_deprivation.period_month
    inner join household_indicator
        on
            household_deprivation.period_month = household_indicator.period_month
            and household_deprivation.household_key = household_indicator.household_key
            and household_deprivation.standard_id = household_indicator.standard_id
    where coalesce(household_indicator.deprived, true)
    group by all

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
