-- grain: one row per month in scope and household with a review in force: its house, by the first evidence
-- that speaks
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

review_month as (

    select * from {{ ref('int_review_month') }}

),

completed_house as (

    select * from {{ ref('int_completed_house') }}

),

{%- set of_case = {'wall': 'frame_wall', 'column': 'frame_wall', 'roof': 'roof'} %}

-- A part that both describe is the one's that is asked first. The frame of a case answers wall and column.
asked as (

    select
        review_month.period_month,
        review_month.household_key,
        {%- for part, part_of_case in of_case.items() %}
            completed_house.{{ part_of_case }}_durable is not null
            and (period_in_scope.case_speaks_first_on_quality or review_month.{{ part }}_durable is null)
                as {{ part }}_by_case,
            completed_house.{{ part_of_case }}_durable as {{ part }}_of_case,
            review_month.{{ part }}_durable as {{ part }}_of_form,
        {%- endfor %}
        completed_house.floor_area_m2 is not null
        and (period_in_scope.case_speaks_first_on_area or review_month.floor_area_m2 is null) as area_by_case,
        completed_house.floor_area_m2 as area_of_case,
        review_month.floor_area_m2 as area_of_form,
        completed_house.completed_on,
        completed_house.delivery_id as case_delivery
    from review_month
    inner join period_in_scope
        on review_month.period_month = period_in_scope.period_month
    left join completed_house
        on
            review_month.period_month = completed_house.period_month
            and review_month.household_key = completed_house.household_key

),

answered as (

    select
        period_month,
        household_key,
        {%- for part in of_case %}
            {{ part }}_by_case,
            case when {{ part }}_by_case then {{ part }}_of_case else {{ part }}_of_form end
                as {{ part }}_durable,
        {%- endfor %}
        area_by_case,
        case when area_by_case then area_of_case else area_of_form end as floor_area_m2,
        completed_on,
        case_delivery
    from asked

),

final as (

    select
        period_month,
        household_key,
        floor_area_m2,
        -- A part nobody described may be of any material.
        {% for part in of_case -%}
            cast(not coalesce({{ part }}_durable, true) as integer){{ ' + ' if not loop.last }}
        {%- endfor %} as non_durable_parts_min,
        {% for part in of_case -%}
            cast(not coalesce({{ part }}_durable, false) as integer){{ ' + ' if not loop.last }}
        {%- endfor %} as non_durable_parts_max,
        {% for part in of_case -%}
            cast({{ part }}_by_case and not {{ part }}_durable as integer){{ ' + ' if not loop.last }}
        {%- endfor %} as non_durable_parts_of_case,
        {% for part in of_case -%}
            cast({{ part }}_by_case and {{ part }}_durable as integer){{ ' + ' if not loop.last }}
        {%- endfor %} as durable_parts_of_case,
        area_by_case,
        completed_on,
        case_delivery
    from answered

)

select * from final
