-- grain: one row per cell of an area above the communes; is_small also where it would give away a part or another area
{% set same_number = 'mart, period_month, keys, row_of, column_name' -%}
{% set same_group = 'mart, period_month, area_level, area_code, keys, row_of, column_group' -%}
with

cell as (

    select * from {{ ref('disclosure_cell') }}
    where area_level in ('city', 'former_province', 'area_type')

),

area_parts as (

    select * from {{ ref('disclosure_area_parts') }}

),

-- Withheld beside communes that are, an area must be able to be larger than a small count, or they would be ones.
beside_communes as (

    select
        cell.*,
        cell.is_small or cell.value > 0 and coalesce(
            small_parts > 1 and cell.value < suppress_below - 1 + small_parts
            or {{ is_tight(rounded('cell.value', 'round_to'), '-' ~ int_div('round_to', '2')) }},
            false
        ) as gives_away,
        coalesce(parts_least + small_parts, 0) as least
    from cell
    left join area_parts
        on {{ same_cell('cell', 'area_parts', but=['column_group']) }} and cell.column_name = area_parts.column_name

),

area as (

    select
        beside_communes.*,
        bool_or(gives_away) over (partition by {{ same_group }}) as is_withheld
    from beside_communes

),

areas_of_city as (

    select
        {{ same_number }},
        area_level,
        {{ parts_of('is_withheld') }},
        sum(case when is_withheld and value >= suppress_below then least else 0 end) as others_least
    from area
    where area_level in ('former_province', 'area_type')
    group by {{ same_number }}, area_level, suppress_below, round_to

),

-- Where one of a few areas would show, all of them go; where none is left to go, the city does, and with it what it
-- is the sum of.
city_in_areas as (

    select
        areas_of_city.*,
        city.is_withheld,
        {{ is_tight(rounded('city.value', 'round_to'), '-' ~ int_div('round_to', '2'), 'others_least') }} as is_tight
    from area as city
    inner join areas_of_city
        on
            {{ same_cell('city', 'areas_of_city', but=['area_level', 'area_code', 'column_group']) }}
            and city.column_name = areas_of_city.column_name
    where city.area_level = 'city'

),

beside_city as (

    select
        {{ same_number }},
        area_level,
        is_tight,
        bool_or(is_withheld or is_tight and parts_most = 0) over (partition by {{ same_number }}) as city_goes
    from city_in_areas

),

going as (

    select
        {{ same_number }},
        area_level
    from beside_city
    where is_tight or city_goes

    union distinct

    select
        {{ same_number }},
        'city' as area_level
    from beside_city
    where city_goes

),

final as (

    select
        area.mart,
        area.period_month,
        area.area_level,
        area.area_code,
        area.keys,
        area.row_of,
        area.is_rest_row,
        area.known_sum,
        area.column_name,
        area.column_group,
        area.value,
        bool_or(area.is_withheld or going.mart is not null and area.value > 0) over (
            partition by
                area.mart, area.period_month, area.area_level, area.area_code, area.keys, area.row_of, area.column_group
        ) as is_small,
        area.suppress_below,
        area.round_to
    from area
    left join going
        on
            {{ same_cell('area', 'going', but=['area_code', 'column_group']) }}
            and area.column_name = going.column_name

)

select * from final
