-- grain: one row per cell of a commune, a unit from before a merger or a form that is withheld
with

communes as (

    select * from {{ ref('communes') }}

),

communes_before_2025 as (

    select * from {{ ref('communes_before_2025') }}

),

{{ judged_by_sums(ref('disclosure_cell'), ['commune', 'commune_then', 'form']) }},

-- Either map alone: a commune of today with the units it was made of.
in_commune as (

    select
        old_code as area_code,
        'commune_then' as area_level,
        new_code
    from communes_before_2025

    union distinct

    select
        new_code as area_code,
        'commune' as area_level,
        new_code
    from communes_before_2025

),

withheld_on_either_map as (

    select distinct
        judged.goes_with_id,
        judged.period_month,
        in_commune.new_code
    from judged
    inner join in_commune
        on judged.area_level = in_commune.area_level and judged.area_code = in_commune.area_code
    inner join communes
        on
            in_commune.new_code = communes.code
            and judged.period_month < communes.effective_from

),

split_unit as (

    select old_code
    from communes_before_2025
    group by old_code
    having count(*) > 1

),

-- What goes with it: the units it was made of and, where one was split, all communes that got a part.
goes_with_commune as (

    select
        new_code,
        'commune_then' as area_level,
        old_code as area_code
    from communes_before_2025

    union distinct

    select
        given.new_code,
        'commune' as area_level,
        taken.new_code as area_code
    from communes_before_2025 as given
    inner join communes_before_2025 as taken
        on given.old_code = taken.old_code
    inner join split_unit
        on given.old_code = split_unit.old_code

),

with_map as (

    select * from judged

    union all

    select
        withheld_on_either_map.goes_with_id,
        withheld_on_either_map.period_month,
        goes_with_commune.area_level,
        goes_with_commune.area_code,
        'the other map' as reason
    from withheld_on_either_map
    inner join goes_with_commune
        on withheld_on_either_map.new_code = goes_with_commune.new_code

),

final as (

    select
        goes_with_id,
        period_month,
        area_level,
        area_code,
        min(reason) as reason
    from with_map
    group by goes_with_id, period_month, area_level, area_code

)

select * from final
