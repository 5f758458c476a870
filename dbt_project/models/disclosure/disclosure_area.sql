-- grain: one row per cell of an area above the communes, with what its own communes give away
with

cell as (

    select * from {{ ref('disclosure_cell') }}
    where area_level in ('city', 'former_province', 'area_type')

),

area_parts as (

    select * from {{ ref('disclosure_area_parts') }}

),

-- Withheld beside communes that are, an area must be able to be larger than a small count, or they would be
-- ones.
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
        on
            cell.number_id = area_parts.number_id
            and cell.period_month = area_parts.period_month
            and cell.area_level = area_parts.area_level
            and cell.area_code = area_parts.area_code

),

final as (

    select
        beside_communes.*,
        bool_or(gives_away) over (
            partition by goes_with_id, period_month, area_level, area_code
        ) as is_withheld
    from beside_communes

)

select * from final
