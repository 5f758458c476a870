{# The public forms of the circular that exist once for the poor and once for the near-poor, as whole bodies of models. #}


{# Forms 2 and 3: what the public movement of communes says. #}
{% macro public_form_of_movement(class) -%}
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

movement as (

    select * from {{ ref('public_area_movement') }}
    where area_level = 'commune' and class = '{{ class }}'

),

final as (

    select
        movement.period_month,
        movement.area_code as commune_code,
        movement.standard_id,
        movement.unit,
        movement.opening,
        movement.moved_to_other_class,
        movement.rose_above,
        movement.other_decrease,
        movement.came_from_other_class,
        movement.relapsed,
        movement.newly_arising,
        movement.other_increase,
        movement.closing,
        movement.protected_columns
    from movement
    inner join period_in_scope
        on movement.period_month = period_in_scope.period_month

)

select * from final
{%- endmacro %}


{# Forms 4 and 6: the counts that public area marts show, so that no table says more than another. #}
{% macro public_form_of_deprivations(form, class) -%}
{%- set columns = ['households', 'deprivations'] -%}
{%- for number in range(1, 13) %}{% do columns.append('indicator_%02d' % number) %}{% endfor -%}
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

official_report as (

    select * from {{ ref(form) }}

),

poverty as (

    select * from {{ ref('public_area_poverty') }}
    where area_level = 'commune' and basis = 'legal'

),

dim_indicator as (

    select * from {{ ref('dim_indicator') }}

),

lacks as (

    select
        area_indicator.period_month,
        area_indicator.area_code,
        area_indicator.standard_id,
        dim_indicator.display_order,
        area_indicator.{{ class }}_deprived_households as households
    from {{ ref('public_area_indicator') }} as area_indicator
    inner join dim_indicator
        on
            area_indicator.standard_id = dim_indicator.standard_id
            and area_indicator.indicator_code = dim_indicator.indicator_code
    where area_indicator.area_level = 'commune' and area_indicator.unit = 'household'

),

shown as (

    select
        official_report.period_month,
        official_report.commune_code,
        official_report.standard_id,
        max(poverty.{{ class }}_households) as households,
        -- A sum of what is shown; where an indicator is withheld, it is too.
        case when count(*) = count(lacks.households) then cast(sum(lacks.households) as bigint) end
            as deprivations,
    {% for number in range(1, 13) -%}
        max(case when lacks.display_order = {{ number }} then lacks.households end)
            as indicator_{{ '%02d' % number }}{{ ',' if not loop.last }}
    {% endfor %}
    from official_report
    inner join period_in_scope
        on official_report.period_month = period_in_scope.period_month
    inner join poverty
        on
            official_report.period_month = poverty.period_month
            and official_report.commune_code = poverty.area_code
            and official_report.standard_id = poverty.standard_id
    inner join lacks
        on
            official_report.period_month = lacks.period_month
            and official_report.commune_code = lacks.area_code
            and official_report.standard_id = lacks.standard_id
    group by official_report.period_month, official_report.commune_code, official_report.standard_id

),

final as (

    select
        shown.*,
        nullif(
            concat_ws(
                ', ',
                {%- for column in columns %}
                    case
                        when shown.{{ column }} is null and official_report.{{ column }} is not null
                            then '{{ column }}'
                    end
                    {{- ',' if not loop.last }}
                {%- endfor %}
            ),
            ''
        ) as protected_columns
    from shown
    inner join official_report
        on
            shown.period_month = official_report.period_month
            and shown.commune_code = official_report.commune_code
            and shown.standard_id = official_report.standard_id

)

select * from final
{%- endmacro %}


{# Forms 5 and 7: the public counts of another form as shares of its public households. #}
{% macro public_form_of_shares(form, official_form) -%}
with

official_report as (

    select * from {{ ref(official_form) }}

),

counted as (

    select * from {{ ref(form) }}

),

final as (

    select
        counted.period_month,
        counted.commune_code,
        counted.standard_id,
        counted.households,
        case when official_report.without_review = 0 then counted.households end as households_with_form,
        counted.deprivations,
        {% for number in range(1, 13) -%}
            {%- set indicator = 'indicator_%02d' % number -%}
            -- Households without a form are in the whole that is shown, and in none of the shares.
            case when official_report.without_review = 0 then {{ pct('counted.' ~ indicator, 'counted.households') }} end
                as {{ indicator }}_pct,
        {% endfor -%}
        counted.protected_columns
    from counted
    inner join {{ ref('int_period_in_scope') }} as period_in_scope
        on counted.period_month = period_in_scope.period_month
    inner join official_report
        on
            counted.period_month = official_report.period_month
            and counted.commune_code = official_report.commune_code
            and counted.standard_id = official_report.standard_id

)

select * from final
{%- endmacro %}


{# Forms 12 and 13: the summary of a class, with the flows that the public movement shows. #}
{% macro public_form_of_class(form, class) -%}
with

protected as (

{{ public_rows(
    form,
    measures={
        'rate_pct': pct('closing_households', 'households'),
        'minority_rate_pct': pct('closing_minority_households', 'minority_households')
    }
) }}

),

-- Decrease and increase are sums of flows, and say no more than the flows do.
movement as (

    select
        period_month,
        area_code,
        standard_id,
        moved_to_other_class + rose_above + other_decrease as decrease,
        came_from_other_class + relapsed + newly_arising + other_increase as increase,
        protected_columns is not null as withholds
    from {{ ref('public_area_movement') }}
    where area_level = 'commune' and class = '{{ class }}' and unit = 'household'

),

final as (

    select
        protected.period_month,
        protected.commune_code,
        protected.standard_id,
        protected.households,
        protected.persons,
        protected.minority_households,
        protected.minority_persons,
        protected.opening_households,
        protected.opening_persons,
        movement.decrease as decrease_households,
        movement.increase as increase_households,
        protected.closing_households,
        protected.closing_persons,
        protected.closing_minority_households,
        protected.closing_minority_persons,
        protected.female_headed_households,
        protected.female_headed_persons,
        protected.minority_female_headed_households,
        protected.rate_pct,
        protected.minority_rate_pct,
        nullif(
            concat_ws(
                ', ',
                protected.protected_columns,
                case when movement.withholds and movement.decrease is null then 'decrease_households' end,
                case when movement.withholds and movement.increase is null then 'increase_households' end
            ),
            ''
        ) as protected_columns
    from protected
    inner join movement
        on
            protected.period_month = movement.period_month
            and protected.commune_code = movement.area_code
            and protected.standard_id = movement.standard_id

)

select * from final
{%- endmacro %}


{#
    A public rate over households_counted. It follows from the counts beside it where all that are counted can be set
    against residents; elsewhere it is left out, since what it rests on is not shown.
#}
{% macro on_whole_ground(households, rate) -%}
    case
        when exact_{{ rate }} = {{ pct('exact_' ~ households, 'households_counted') }}
            then {{ pct(households, 'households_counted') }}
    end
{%- endmacro %}
