-- grain: one row per month and commune of today
with

residents as (

    select * from {{ ref('int_area_residents') }}
    where area_level = 'commune'

),

movement as (

    select
        period_month,
        area_code,
        max(case when unit = 'household' then opening end) as opening_households,
        max(case when unit = 'person' then opening end) as opening_persons,
        max(case when unit = 'household' then moved_to_other_class + rose_above + other_decrease end)
            as decrease_households,
        max(
            case
                when unit = 'household'
                    then came_from_other_class + relapsed + newly_arising + other_increase
            end
        ) as increase_households,
        max(case when unit = 'household' then closing end) as closing_households,
        max(case when unit = 'person' then closing end) as closing_persons
    from {{ ref('area_movement') }}
    where area_level = 'commune' and class = 'near_poor'
    group by period_month, area_code

),

tally as (

    select
        period_month,
        commune_code,
        max(case when unit = 'household' then minority end) as minority_households,
        max(case when unit = 'person' then minority end) as minority_persons,
        max(case when unit = 'household' then female_headed end) as female_headed_households,
        max(case when unit = 'person' then female_headed end) as female_headed_persons,
        max(case when unit = 'household' then minority_female_headed end) as minority_female_headed_households
    from {{ ref('int_report_tally') }}
    where class = 'near_poor'
    group by period_month, commune_code

),

final as (

    select
        residents.period_month,
        residents.area_code as commune_code,
        residents.households,
        residents.persons,
        residents.minority_households,
        residents.minority_persons,
        movement.opening_households,
        movement.opening_persons,
        movement.decrease_households,
        movement.increase_households,
        movement.closing_households,
        movement.closing_persons,
        cast(coalesce(tally.minority_households, 0) as bigint) as closing_minority_households,
        cast(coalesce(tally.minority_persons, 0) as bigint) as closing_minority_persons,
        cast(coalesce(tally.female_headed_households, 0) as bigint) as female_headed_households,
        cast(coalesce(tally.female_headed_persons, 0) as bigint) as female_headed_persons,
        cast(coalesce(tally.minority_female_headed_households, 0) as bigint)
            as minority_female_headed_households,
        {{ pct('movement.closing_households', 'residents.households') }} as rate_pct,
        {{ pct('coalesce(tally.minority_households, 0)', 'residents.minority_households') }}
            as minority_rate_pct
    from residents
    inner join movement
        on
            residents.period_month = movement.period_month
            and residents.area_code = movement.area_code
    left join tally
        on
            residents.period_month = tally.period_month
            and residents.area_code = tally.commune_code

)

select * from final
