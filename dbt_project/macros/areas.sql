{#
    A tally by place (commune of today, unit of that month, area type), added up over all areas that hold the place: the
    whole body of a model. `keys` tell rows of an area apart, `counts` add up. Not for shares, which do not.
#}
{% macro over_areas(tally, keys, counts) -%}
with

counted as (

    select * from {{ ref(tally) }}
    where {{ month_in_scope('period_month') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

final as (

    select
        counted.period_month,
        place_area.area_level,
        place_area.area_code,
        {%- for key in keys %}
            counted.{{ key }},
        {%- endfor %}
        {%- for count in counts %}
            cast(sum(counted.{{ count }}) as bigint) as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
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
{%- endmacro %}
