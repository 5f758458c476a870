{# Forms of the circular that exist once for the poor and once for the near-poor, and what forms share. #}


{# A count of recognised households; null where the commune never sent a list, joined as area_with_list. #}
{% macro where_listed(count) -%}
    case when area_with_list.area_code is not null then cast(coalesce({{ count }}, 0) as bigint) end
{%- endmacro %}


{# Forms 2 and 3: how the recognised households of a class moved. #}
{% macro form_of_movement(class) -%}
with

area_movement as (

    select * from {{ ref('area_movement') }}
    where area_level = 'commune' and class = '{{ class }}'

),

final as (

    select
        area_movement.period_month,
        area_movement.area_code as commune_code,
        area_movement.standard_id,
        unit,
        opening,
        moved_to_other_class,
        rose_above,
        other_decrease,
        came_from_other_class,
        relapsed,
        newly_arising,
        other_increase,
        closing
    from area_movement
    inner join {{ ref('int_period_in_scope') }} as period_in_scope
        on area_movement.period_month = period_in_scope.period_month

)

select * from final
{%- endmacro %}


{# Forms 4 and 6: how many recognised households of a class lack each indicator, and of how many nothing is known. #}
{% macro form_of_deprivations(class) -%}
with

area_poverty as (

    select * from {{ ref('area_poverty') }}
    where area_level = 'commune' and basis = 'legal'

),

tally as (

    select * from {{ ref('commune_report_tally') }}
    where {{ month_in_scope('period_month') }} and class = '{{ class }}' and unit = 'household'

),

area_indicator as (

    select * from {{ ref('area_indicator') }}
    where area_level = 'commune' and unit = 'household' and k = 1

),

indicator as (

    select * from {{ ref('indicator') }}

),

-- Where no list was ever sent, nobody knows whom the indicators would be counted of.
counted as (

    select
        area_poverty.period_month,
        area_poverty.area_code as commune_code,
        area_poverty.standard_id,
        area_poverty.{{ class }}_households as households,
        indicator.display_order,
        case when area_poverty.{{ class }}_households is not null then area_indicator.{{ class }}_deprived_households end
            as deprived,
        case when area_poverty.{{ class }}_households is not null then area_indicator.{{ class }}_unknown_households end
            as unknown,
        case when area_poverty.{{ class }}_households is not null then coalesce(tally.without_review, 0) end
            as without_review
    from area_poverty
    inner join {{ ref('int_period_in_scope') }} as period_in_scope
        on area_poverty.period_month = period_in_scope.period_month
    inner join area_indicator
        on
            area_poverty.period_month = area_indicator.period_month
            and area_poverty.area_code = area_indicator.area_code
            and area_poverty.standard_id = area_indicator.standard_id
    inner join indicator
        on
            area_indicator.standard_id = indicator.standard_id
            and area_indicator.indicator_code = indicator.indicator_code
    left join tally
        on
            area_poverty.period_month = tally.period_month
            and area_poverty.area_code = tally.commune_code
            and area_poverty.standard_id = tally.standard_id

),

final as (

    select
        period_month,
        commune_code,
        standard_id,
        households,
        cast(without_review as bigint) as without_review,
        cast(sum(unknown) as bigint) as unknown_answers,
        cast(sum(deprived) as bigint) as deprivations,
    {% for number in range(1, 13) -%}
        cast(sum(case when display_order = {{ number }} then deprived end) as bigint)
            as indicator_{{ '%02d' % number }}{{ ',' if not loop.last }}
    {% endfor %}
    from counted
    group by period_month, commune_code, standard_id, households, without_review

)

select * from final
{%- endmacro %}


{# Forms 5 and 7: the counts of another form as shares of its households that have a form. #}
{% macro form_of_shares(form) -%}
with

counted as (

    select * from {{ ref(form) }}

),

final as (

    select
        counted.period_month,
        counted.commune_code,
        counted.standard_id,
        counted.households,
        counted.households - counted.without_review as households_with_form,
        counted.deprivations,
    {% for number in range(1, 13) -%}
        {%- set indicator = 'indicator_%02d' % number -%}
        {{ pct('counted.' ~ indicator, 'counted.households - counted.without_review') }}
            as {{ indicator }}_pct{{ ',' if not loop.last }}
    {% endfor %}
    from counted
    inner join {{ ref('int_period_in_scope') }} as period_in_scope
        on counted.period_month = period_in_scope.period_month

)

select * from final
{%- endmacro %}


{#
    Forms 8, 9 and 10: how many of the recognised of each class belong to a group. A group is a column of
    commune_report_tally, or what `counts` says of it, with {0} where the class stands.
#}
{% macro form_of_groups(groups, counts={}) -%}
with

area as (

    select * from {{ ref('int_area') }}
    where area_level = 'commune'

),

area_with_list as (

    select * from {{ ref('int_area_with_list') }}
    where area_level = 'commune'

),

legal_standard as (

    select * from {{ ref('int_legal_standard') }}

),

tally as (

    select * from {{ ref('commune_report_tally') }}
    where {{ month_in_scope('period_month') }}

),

unit as (

    select 'household' as unit
    union all
    select 'person' as unit

),

final as (

    select
        area.period_month,
        area.area_code as commune_code,
        legal_standard.standard_id,
        unit.unit,
    {%- for class in ['poor', 'near_poor'] %}
        {%- set is_last_class = loop.last %}
        {%- for group in groups %}
        {{ where_listed(counts.get(group, '{0}.' ~ group).format(class)) }}
            as {{ class }}_{{ group }}{{ ',' if not (is_last_class and loop.last) }}
        {%- endfor %}
    {%- endfor %}
    from area
    inner join legal_standard
        on area.period_month = legal_standard.period_month
    cross join unit
    left join area_with_list
        on
            area.period_month = area_with_list.period_month
            and area.area_code = area_with_list.area_code
            and legal_standard.standard_id = area_with_list.standard_id
    left join tally as poor
        on
            area.period_month = poor.period_month
            and area.area_code = poor.commune_code
            and legal_standard.standard_id = poor.standard_id
            and poor.class = 'poor'
            and unit.unit = poor.unit
    left join tally as near_poor
        on
            area.period_month = near_poor.period_month
            and area.area_code = near_poor.commune_code
            and legal_standard.standard_id = near_poor.standard_id
            and near_poor.class = 'near_poor'
            and unit.unit = near_poor.unit

)

select * from final
{%- endmacro %}


{# Forms 12 and 13: the summary of a class. #}
{% macro form_of_class(class) -%}
with

area_with_list as (

    select * from {{ ref('int_area_with_list') }}
    where area_level = 'commune'

),

residents as (

    select * from {{ ref('int_area_residents') }}
    where area_level = 'commune'

),

movement as (

    select
        period_month,
        area_code,
        standard_id,
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
    where area_level = 'commune' and class = '{{ class }}'
    group by period_month, area_code, standard_id

),

tally as (

    select
        period_month,
        commune_code,
        standard_id,
        max(case when unit = 'household' then minority end) as minority_households,
        max(case when unit = 'person' then minority end) as minority_persons,
        max(case when unit = 'household' then female_headed end) as female_headed_households,
        max(case when unit = 'person' then female_headed end) as female_headed_persons,
        max(case when unit = 'household' then minority_female_headed end) as minority_female_headed_households
    from {{ ref('commune_report_tally') }}
    where {{ month_in_scope('period_month') }} and class = '{{ class }}'
    group by period_month, commune_code, standard_id

),

final as (

    select
        residents.period_month,
        residents.area_code as commune_code,
        movement.standard_id,
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
        {{ where_listed('tally.minority_households') }} as closing_minority_households,
        {{ where_listed('tally.minority_persons') }} as closing_minority_persons,
        {{ where_listed('tally.female_headed_households') }} as female_headed_households,
        {{ where_listed('tally.female_headed_persons') }} as female_headed_persons,
        {{ where_listed('tally.minority_female_headed_households') }} as minority_female_headed_households,
        {{ pct('movement.closing_households', 'residents.households') }} as rate_pct,
        {{ pct(where_listed('tally.minority_households'), 'residents.minority_households') }}
            as minority_rate_pct
    from residents
    inner join movement
        on
            residents.period_month = movement.period_month
            and residents.area_code = movement.area_code
    left join area_with_list
        on
            residents.period_month = area_with_list.period_month
            and residents.area_code = area_with_list.area_code
            and movement.standard_id = area_with_list.standard_id
    left join tally
        on
            residents.period_month = tally.period_month
            and residents.area_code = tally.commune_code
            and movement.standard_id = tally.standard_id

)

select * from final
{%- endmacro %}
