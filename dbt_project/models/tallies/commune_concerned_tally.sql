{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month, place (commune of today, unit of that month, area type), standard and indicator:
-- households under review and their members, as far as the indicator asks about them
{% set questions_of_members = ['job', 'nutrition', 'insurance', 'adult_education', 'child_education'] -%}
{% set where_all_are_concerned = {
    'households_concerned': 'counted.households',
    'households_concerned_unknown': '0',
    'persons_concerned': 'counted.persons',
    'persons_concerned_unknown': '0'
} -%}
with

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where {{ month_in_scope('period_month') }} and {{ commune_in_scope('commune_code') }}

),

household_condition as (

    select * from {{ ref('household_condition') }}
    where {{ month_in_scope('period_month') }}

),

standard as (

    select * from {{ ref('standard') }}

),

indicator as (

    select * from {{ ref('indicator') }}

),

-- Counted question by question first: twelve rows for each place, and not for each household. A household on
-- the list alone has no condition, and is not counted.
counted as (

    select
        household_deprivation.period_month,
        household_deprivation.commune_code,
        household_deprivation.commune_code_then,
        household_deprivation.area_type,
        household_deprivation.standard_id,
        {% for question in questions_of_members -%}
            {%- set concerned = 'household_condition.' ~ question ~ '_concerned' -%}
            count(*) filter (where {{ concerned }} > 0) as {{ question }}_households_concerned,
            count(*) filter (where {{ concerned }} = 0 and {{ concerned }}_unknown > 0)
                as {{ question }}_households_concerned_unknown,
            sum({{ concerned }}) as {{ question }}_persons_concerned,
            sum({{ concerned }}_unknown) as {{ question }}_persons_concerned_unknown,
        {% endfor -%}
        count(*) as households,
        sum(household_deprivation.persons) as persons
    from household_deprivation
    inner join standard
        on household_deprivation.standard_id = standard.standard_id
    inner join household_condition
        on
            household_deprivation.period_month = household_condition.period_month
            and household_deprivation.household_key = household_condition.household_key
            and standard.rule_set = household_condition.rule_set
    group by
        household_deprivation.period_month,
        household_deprivation.commune_code,
        household_deprivation.commune_code_then,
        household_deprivation.area_type,
        household_deprivation.standard_id

),

-- What is not asked of members is asked of the household as a whole.
final as (

    select
        counted.period_month,
        counted.commune_code,
        counted.commune_code_then,
        counted.area_type,
        counted.standard_id,
        indicator.indicator_code,
    {% for count, of_the_whole in where_all_are_concerned.items() %}
        cast(
            case indicator.predicate
                {%- for question in questions_of_members %}
                    when '{{ question }}' then counted.{{ question }}_{{ count }}
                {%- endfor %}
                else {{ of_the_whole }}
            end as bigint
        ) as {{ count }}{{ ',' if not loop.last }}
    {% endfor %}
    from counted
    inner join indicator
        on counted.standard_id = indicator.standard_id

)

select * from final
