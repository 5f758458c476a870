-- grain: one row per cell of an area above the communes; small is also what would give another one away
with

area as (

    select * from {{ ref('disclosure_area') }}

),

areas_of_city as (

    select
        number_id,
        period_month,
        area_level,
        {{ parts_of('is_withheld') }},
        sum(case when is_withheld and value >= suppress_below then least else 0 end) as others_least
    from area
    where area_level in ('former_province', 'area_type')
    group by number_id, period_month, area_level, suppress_below, round_to

),

-- Where one of a few areas would show, all of them go; where none is left to go, the city does, and with it
-- what it is the sum of.
city_in_areas as (

    select
        areas_of_city.*,
        city.is_withheld,
        {{ is_tight(rounded('city.value', 'round_to'), '-' ~ int_div('round_to', '2'), 'others_least') }}
            as is_tight
    from area as city
    inner join areas_of_city
        on city.number_id = areas_of_city.number_id and city.period_month = areas_of_city.period_month
    where city.area_level = 'city'

),

beside_city as (

    select
        number_id,
        period_month,
        area_level,
        is_tight,
        bool_or(is_withheld or is_tight and parts_most = 0) over (
            partition by number_id, period_month
        ) as city_goes
    from city_in_areas

),

going as (

    select
        number_id,
        period_month,
        area_level
    from beside_city
    where is_tight or city_goes

    union distinct

    select
        number_id,
        period_month,
        'city' as area_level
    from beside_city
    where city_goes

),

final as (

    select
        area.number_id,
        area.goes_with_id,
        area.period_month,
        area.area_level,
        area.area_code,
        area.value,
        bool_or(area.is_withheld or going.number_id is not null and area.value > 0) over (
            partition by area.goes_with_id, area.period_month, area.area_level, area.area_code
        ) as is_small,
        area.suppress_below,
        area.round_to
    from area
    left join going
        on
            area.number_id = going.number_id
            and area.period_month = going.period_month
            and area.area_level = going.area_level

)

select * from final
