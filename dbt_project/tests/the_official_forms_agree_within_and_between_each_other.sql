{{ config(meta={'dagster': {'ref': {'name': 'official_report_1'}}}) }}
-- One row per form, month and commune that contradicts itself or another; `identity` is the broken promise.
-- A commune that never sent a list has no number of households on form 1, and nothing to agree with.
with

forms as (

    select
        one.period_month,
        one.commune_code,
        '1 and 2: closing of the movement is the result' as identity,
        one.poor_households = two.closing and one.poor_persons = two_persons.closing as holds
    from {{ ref('official_report_1') }} as one
    inner join {{ ref('official_report_2') }} as two
        on
            one.period_month = two.period_month
            and one.commune_code = two.commune_code
            and one.standard_id = two.standard_id
            and two.unit = 'household'
    inner join {{ ref('official_report_2') }} as two_persons
        on
            one.period_month = two_persons.period_month
            and one.commune_code = two_persons.commune_code
            and one.standard_id = two_persons.standard_id
            and two_persons.unit = 'person'
    where two.closing is not null

    union all

    select
        one.period_month,
        one.commune_code,
        '1 and 3: closing of the movement is the result' as identity,
        one.near_poor_households = three.closing and one.near_poor_persons = three_persons.closing as holds
    from {{ ref('official_report_1') }} as one
    inner join {{ ref('official_report_3') }} as three
        on
            one.period_month = three.period_month
            and one.commune_code = three.commune_code
            and one.standard_id = three.standard_id
            and three.unit = 'household'
    inner join {{ ref('official_report_3') }} as three_persons
        on
            one.period_month = three_persons.period_month
            and one.commune_code = three_persons.commune_code
            and one.standard_id = three_persons.standard_id
            and three_persons.unit = 'person'
    where three.closing is not null

    union all

    select
        two.period_month,
        two.commune_code,
        '2 and 3: who leaves one class for the other arrives there' as identity,
        two.moved_to_other_class = three.came_from_other_class
        and two.came_from_other_class = three.moved_to_other_class as holds
    from {{ ref('official_report_2') }} as two
    inner join {{ ref('official_report_3') }} as three
        on
            two.period_month = three.period_month
            and two.commune_code = three.commune_code
            and two.standard_id = three.standard_id
            and two.unit = three.unit
    where two.closing is not null

    {% for number in [2, 3] %}
        union all

        select
            period_month,
            commune_code,
            '{{ number }}: 9 = 1-2-3-4+5+6+7+8' as identity,
            closing = opening - moved_to_other_class - rose_above - other_decrease
            + came_from_other_class + relapsed + newly_arising + other_increase as holds
        from {{ ref('official_report_' ~ number) }}
        where closing is not null
    {% endfor %}

    {% for number, class in [(4, 'poor'), (6, 'near_poor')] %}
        union all

        select
            counted.period_month,
            counted.commune_code,
            '{{ number }}: the deprivations add up, none beyond the households of form 1' as identity,
            counted.households = one.{{ class }}_households
            and counted.deprivations = {% for indicator in range(1, 13) -%}
                counted.{{ 'indicator_%02d' % indicator }}{{ ' + ' if not loop.last }}
            {%- endfor %}
            and greatest({% for indicator in range(1, 13) -%}
                counted.{{ 'indicator_%02d' % indicator }}{{ ', ' if not loop.last }}
            {%- endfor %}) <= counted.households as holds
        from {{ ref('official_report_' ~ number) }} as counted
        inner join {{ ref('official_report_1') }} as one
            on
                counted.period_month = one.period_month
                and counted.commune_code = one.commune_code
                and counted.standard_id = one.standard_id
        where one.{{ class }}_households is not null

        union all

        select
            counted.period_month,
            counted.commune_code,
            '{{ number }}: what is not known is what the indicators leave open' as identity,
            counted.unknown_answers = sum(area_indicator.{{ class }}_unknown_households) as holds
        from {{ ref('official_report_' ~ number) }} as counted
        inner join {{ ref('area_indicator') }} as area_indicator
            on
                counted.period_month = area_indicator.period_month
                and counted.commune_code = area_indicator.area_code
                and counted.standard_id = area_indicator.standard_id
        where
            counted.households is not null
            and area_indicator.area_level = 'commune'
            and area_indicator.unit = 'household'
            and area_indicator.k = 1
        group by counted.period_month, counted.commune_code, counted.unknown_answers

        union all

        select
            counted.period_month,
            counted.commune_code,
            '{{ number }}: who has no review is listed only' as identity,
            counted.without_review = count(household_deprivation.household_key) as holds
        from {{ ref('official_report_' ~ number) }} as counted
        left join {{ ref('household_deprivation') }} as household_deprivation
            on
                counted.period_month = household_deprivation.period_month
                and counted.commune_code = household_deprivation.commune_code
                and counted.standard_id = household_deprivation.standard_id
                and household_deprivation.legal_class = '{{ class }}'
                and not household_deprivation.is_reviewed
                and {{ month_in_scope('household_deprivation.period_month') }}
        where counted.households is not null and {{ month_in_scope('counted.period_month') }}
        group by counted.period_month, counted.commune_code, counted.without_review

        union all

        select
            counted.period_month,
            counted.commune_code,
            '{{ number + 1 }}: shares of form {{ number }}' as identity,
            counted.households = shares.households
            and counted.deprivations = shares.deprivations
            {% for indicator in range(1, 13) -%}
                {%- set column = 'indicator_%02d' % indicator -%}
                and case
                    when counted.households = counted.without_review then shares.{{ column }}_pct is null
                    else
                        abs(
                            shares.{{ column }}_pct * (counted.households - counted.without_review)
                            - 100 * counted.{{ column }}
                        ) < 0.000001
                end
            {% endfor %} as holds
        from {{ ref('official_report_' ~ number) }} as counted
        inner join {{ ref('official_report_' ~ (number + 1)) }} as shares
            on
                counted.period_month = shares.period_month
                and counted.commune_code = shares.commune_code
                and counted.standard_id = shares.standard_id
        where counted.households is not null
    {% endfor %}

    union all

    select
        eight.period_month,
        eight.commune_code,
        '8, 9, 10 and 1: all stand for the same households and persons' as identity,
        case eight.unit when 'household' then one.poor_households else one.poor_persons end = eight.poor_total
        and case eight.unit when 'household' then one.near_poor_households else one.near_poor_persons end
        = eight.near_poor_total
        and eight.poor_total = nine.poor_total and eight.near_poor_total = nine.near_poor_total
        and eight.poor_total = ten.poor_total and eight.near_poor_total = ten.near_poor_total
        and eight.poor_minority = nine.poor_minorities
        and eight.near_poor_minority = nine.near_poor_minorities
            as holds
    from {{ ref('official_report_8') }} as eight
    inner join {{ ref('official_report_9') }} as nine
        on
            eight.period_month = nine.period_month
            and eight.commune_code = nine.commune_code
            and eight.standard_id = nine.standard_id
            and eight.unit = nine.unit
    inner join {{ ref('official_report_10') }} as ten
        on
            eight.period_month = ten.period_month
            and eight.commune_code = ten.commune_code
            and eight.standard_id = ten.standard_id
            and eight.unit = ten.unit
    inner join {{ ref('official_report_1') }} as one
        on
            eight.period_month = one.period_month
            and eight.commune_code = one.commune_code
            and eight.standard_id = one.standard_id
    where one.poor_households is not null

    {% for class in ['poor', 'near_poor'] %}
        union all

        select
            period_month,
            commune_code,
            '8: the groups, less their overlap, and those in none make up all' as identity,
            {{ class }}_total
            = {{ class }}_in_no_group + {{ class }}_minority + {{ class }}_no_working_capacity
            + {{ class }}_with_merit - {{ class }}_counted_again as holds
        from {{ ref('official_report_8') }}
        where {{ class }}_total is not null

        union all

        select
            period_month,
            commune_code,
            '9: the ethnic groups make up all' as identity,
            {{ class }}_total = {{ class }}_ethnic_01 + {{ class }}_minorities + {{ class }}_ethnic_unknown
            and {{ class }}_minorities = {% for group in range(2, 55) -%}
                {{ class }}_{{ 'ethnic_%02d' % group }}{{ ' + ' if not loop.last }}
            {%- endfor %} as holds
        from {{ ref('official_report_9') }}
        where {{ class }}_total is not null

        union all

        select
            period_month,
            commune_code,
            '10: no cause beyond the households, and each has one or is unknown' as identity,
            greatest({% for cause in range(1, 9) -%}
                {{ class }}_cause_{{ cause }}{{ ', ' if not loop.last }}
            {%- endfor %}) <= {{ class }}_total - {{ class }}_cause_unknown
            and {% for cause in range(1, 9) -%}
                {{ class }}_cause_{{ cause }}{{ ' + ' if not loop.last }}
            {%- endfor %} + {{ class }}_cause_unknown >= {{ class }}_total as holds
        from {{ ref('official_report_10') }}
        where {{ class }}_total is not null

        union all

        select
            eleven.period_month,
            eleven.commune_code,
            '11: the deprived are children' as identity,
            greatest(
                eleven.{{ class }}_uninsured_children, eleven.{{ class }}_malnourished_children,
                eleven.{{ class }}_unschooled_children
            ) <= eleven.{{ class }}_children as holds
        from {{ ref('official_report_11') }} as eleven
        inner join {{ ref('official_report_1') }} as one
            on
                eleven.period_month = one.period_month
                and eleven.commune_code = one.commune_code
                and eleven.standard_id = one.standard_id
        where one.{{ class }}_households is not null
    {% endfor %}

    {% for number, movement, class in [(12, 2, 'poor'), (13, 3, 'near_poor')] %}
        union all

        select
            summary.period_month,
            summary.commune_code,
            '{{ number }}: opening, flows and closing of form {{ movement }}, minority of form 8' as identity,
            summary.opening_households = movement.opening
            and summary.closing_households = movement.closing
            and summary.closing_households
            = summary.opening_households - summary.decrease_households + summary.increase_households
            and summary.closing_minority_households = eight.{{ class }}_minority
            and summary.minority_female_headed_households
            <= least(summary.female_headed_households, summary.closing_minority_households)
            and summary.female_headed_households <= summary.closing_households
            and coalesce(summary.rate_pct, -1) = coalesce(one.{{ class }}_rate_pct, -1) as holds
        from {{ ref('official_report_' ~ number) }} as summary
        inner join {{ ref('official_report_1') }} as one
            on
                summary.period_month = one.period_month
                and summary.commune_code = one.commune_code
                and summary.standard_id = one.standard_id
        inner join {{ ref('official_report_' ~ movement) }} as movement
            on
                summary.period_month = movement.period_month
                and summary.commune_code = movement.commune_code
                and summary.standard_id = movement.standard_id
                and movement.unit = 'household'
        inner join {{ ref('official_report_8') }} as eight
            on
                summary.period_month = eight.period_month
                and summary.commune_code = eight.commune_code
                and summary.standard_id = eight.standard_id
                and eight.unit = 'household'
        where movement.closing is not null
    {% endfor %}

)

select *
from forms
where not coalesce(holds, false)
