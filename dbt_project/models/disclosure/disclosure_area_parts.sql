-- grain: one row per cell of an area above the communes of which a commune is withheld
with

cell as (

    select * from {{ ref('disclosure_cell') }}
    where area_level = 'commune'

),

withheld_part as (

    select * from {{ ref('disclosure_withheld_part') }}

),

communes as (

    select * from {{ ref('communes') }}

),

commune_area_type as (

    select * from {{ ref('commune_area_type') }}

),

commune_cell as (

    select
        cell.*,
        withheld_part.goes_with_id is not null as is_withheld,
        communes.province_code as city,
        communes.former_province_code as former_province,
        commune_area_type.area_type
    from cell
    inner join communes
        on cell.area_code = communes.code
    inner join commune_area_type
        on
            cell.area_code = commune_area_type.commune_code
            and cell.period_month between commune_area_type.valid_from and commune_area_type.valid_to
    left join withheld_part
        on
            cell.goes_with_id = withheld_part.goes_with_id
            and cell.period_month = withheld_part.period_month
            and cell.area_level = withheld_part.area_level
            and cell.area_code = withheld_part.area_code

),

-- Few groups of communes, so that the cells are read once for all areas.
part as (

    select
        number_id,
        period_month,
        city,
        former_province,
        area_type,
        {{ parts_of('is_withheld') }}
    from commune_cell
    group by number_id, period_month, city, former_province, area_type, suppress_below, round_to

),

final as (

    {% for level in ['city', 'former_province', 'area_type'] %}
        select
            number_id,
            period_month,
            '{{ level }}' as area_level,
            {{ level }} as area_code,
            sum(parts_least) as parts_least,
            sum(parts_most) as parts_most,
            sum(small_parts) as small_parts,
            sum(other_parts) as other_parts
        from part
        group by number_id, period_month, {{ level }}
        having sum(small_parts) + sum(other_parts) > 0
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
