-- grain: one row per month, area, standard of the lists, class and unit
with

area as (

    select * from {{ ref('int_area') }}

),

movement as (

    select * from {{ ref('int_movement') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

area_with_list as (

    select * from {{ ref('int_area_with_list') }}

),

legal_standard as (

    select * from {{ ref('int_legal_standard') }}

),

classes as (

    select 'poor' as class
    union all
    select 'near_poor' as class

),

unit as (

    select 'household' as unit
    union all
    select 'person' as unit

),

-- Where a household was counted, and where it is; one that moved leaves one place and reaches another.
leaving as (

    select
        movement.*,
        place_area.area_level,
        place_area.area_code
    from movement
    inner join place_area
        on
            movement.period_month = place_area.period_month
            and movement.from_commune_code = place_area.commune_code
            and movement.from_commune_code_then = place_area.commune_code_then
            and movement.from_area_type = place_area.area_type

),

reaching as (

    select
        movement.*,
        place_area.area_level,
        place_area.area_code
    from movement
    inner join place_area
        on
            movement.period_month = place_area.period_month
            and movement.to_commune_code = place_area.commune_code
            and movement.to_commune_code_then = place_area.commune_code_then
            and movement.to_area_type = place_area.area_type

),

placed as (

    select
        coalesce(leaving.period_month, reaching.period_month) as period_month,
        coalesce(leaving.area_level, reaching.area_level) as area_level,
        coalesce(leaving.area_code, reaching.area_code) as area_code,
        coalesce(leaving.standard_id, reaching.standard_id) as standard_id,
        case when leaving.household_key is not null then leaving.from_class end as from_class,
        case when reaching.household_key is not null then reaching.to_class end as to_class,
        leaving.household_key is not null and reaching.household_key is not null as stays,
        leaving.departure,
        reaching.arrival,
        leaving.persons_before,
        reaching.persons_after
    from leaving
    full outer join reaching
        on
            leaving.period_month = reaching.period_month
            and leaving.standard_id = reaching.standard_id
            and leaving.area_level = reaching.area_level
            and leaving.area_code = reaching.area_code
            -- One equality: with a condition beside it DuckDB compares every row with every row.
            and case when not leaving.is_move then leaving.household_key end = reaching.household_key

),

by_unit as (

    select
        placed.*,
        'household' as unit,
        1 as weight_before,
        1 as weight_after
    from placed

    union all

    select
        placed.*,
        'person' as unit,
        placed.persons_before as weight_before,
        placed.persons_after as weight_after
    from placed

),

by_class as (

    select
        by_unit.*,
        classes.class,
        coalesce(by_unit.from_class = classes.class, false) as was_in_class,
        coalesce(by_unit.to_class = classes.class, false) as is_in_class,
        -- The class on the other side, where the household is in the same area on both.
        by_unit.stays and by_unit.from_class in ('poor', 'near_poor') as was_listed_here,
        by_unit.stays and by_unit.to_class in ('poor', 'near_poor') as is_listed_here
    from by_unit
    cross join classes
    where classes.class in (by_unit.from_class, by_unit.to_class)

),

counted as (

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        class,
        unit,
        sum(case when was_in_class then weight_before else 0 end) as opening,
        sum(case when was_in_class and is_listed_here and not is_in_class then weight_before else 0 end)
            as moved_to_other_class,
        sum(case when was_in_class and departure = 'rose_above' then weight_before else 0 end) as rose_above,
        -- Away to another area, gone, or fewer of those who stay.
        sum(
            case
                when was_in_class and departure = 'other_decrease' then weight_before
                when was_in_class and departure is null and not stays then weight_before
                when is_in_class and was_listed_here then greatest(weight_before - weight_after, 0)
                else 0
            end
        ) as other_decrease,
        sum(
            case when is_in_class and was_listed_here and not was_in_class then weight_before else 0 end
        ) as came_from_other_class,
        sum(case when is_in_class and arrival = 'relapsed' then weight_after else 0 end) as relapsed,
        sum(case when is_in_class and arrival = 'newly_arising' then weight_after else 0 end)
            as newly_arising,
        -- Here from another area, of a state unknown before, or more of those who stay.
        sum(
            case
                when is_in_class and arrival = 'other_increase' then weight_after
                when is_in_class and arrival is null and not stays then weight_after
                when is_in_class and was_listed_here then greatest(weight_after - weight_before, 0)
                else 0
            end
        ) as other_increase,
        sum(case when is_in_class then weight_after else 0 end) as closing
    from by_class
    group by period_month, area_level, area_code, standard_id, class, unit

),

final as (

    select
        area.period_month,
        area.area_level,
        area.area_code,
        legal_standard.standard_id,
        classes.class,
        unit.unit,
        {% for flow in [
            'opening', 'moved_to_other_class', 'rose_above', 'other_decrease', 'came_from_other_class', 'relapsed',
            'newly_arising', 'other_increase', 'closing'
        ] -%}
        case
            when area_with_list.area_code is not null then cast(coalesce(counted.{{ flow }}, 0) as bigint)
        end as {{ flow }}{{ ',' if not loop.last }}
    {% endfor %}
    from area
    inner join legal_standard
        on area.period_month = legal_standard.period_month
    cross join classes
    cross join unit
    left join area_with_list
        on
            area.period_month = area_with_list.period_month
            and area.area_level = area_with_list.area_level
            and area.area_code = area_with_list.area_code
            and legal_standard.standard_id = area_with_list.standard_id
    left join counted
        on
            area.period_month = counted.period_month
            and area.area_level = counted.area_level
            and area.area_code = counted.area_code
            and legal_standard.standard_id = counted.standard_id
            and classes.class = counted.class
            and unit.unit = counted.unit

)

select * from final
