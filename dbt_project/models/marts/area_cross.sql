-- grain: one row per month, area, standard, below_income_line and three_or_more (null: not known)
with

area as (

    select * from {{ ref('int_area') }}

),

standard as (

    select * from {{ ref('standard') }}

),

tally as (

    select * from {{ ref('int_tally') }}
    where is_reviewed

),

answers as (

    select true as answer
    union all
    select false as answer
    union all
    select cast(null as boolean) as answer

),

counted as (

    select
        tally.period_month,
        tally.area_level,
        tally.area_code,
        tally.standard_id,
        tally.below_income_line,
        case
            when tally.deprivation_count >= standard.poor_from_count then true
            when tally.deprivation_count_max < standard.poor_from_count then false
        end as three_or_more,
        sum(tally.households) as reviewed_households,
        sum(tally.persons) as reviewed_persons
    from tally
    inner join standard
        on tally.standard_id = standard.standard_id
    group by all

),

final as (

    select
        area.period_month,
        area.area_level,
        area.area_code,
        standard.standard_id,
        income.answer as below_income_line,
        deprivation.answer as three_or_more,
        cast(coalesce(counted.reviewed_households, 0) as bigint) as reviewed_households,
        cast(coalesce(counted.reviewed_persons, 0) as bigint) as reviewed_persons
    from area
    cross join standard
    cross join answers as income
    cross join answers as deprivation
    left join counted
        on
            area.period_month = counted.period_month
            and area.area_level = counted.area_level
            and area.area_code = counted.area_code
            and standard.standard_id = counted.standard_id
            and income.answer is not distinct from counted.below_income_line
            and deprivation.answer is not distinct from counted.three_or_more

)

select * from final
