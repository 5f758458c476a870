{#
    The body of household_indicator, for households that meet a condition on household_condition. A filter on the view
    is asked of each of the twelve answers of every household, one in here of the household alone: who needs a commune
    reads this.
#}
{% macro indicator_answers(condition) -%}
{% set predicates = [
    'job', 'dependants', 'nutrition', 'insurance', 'adult_education', 'child_education', 'house_quality',
    'house_area', 'water', 'toilet', 'internet', 'devices', 'waste'
] -%}

with

household_condition as (

    select * from {{ ref('household_condition') }}
    where {{ condition }}

),

standard as (

    select * from {{ ref('standard') }}

),

indicator as (

    select * from {{ ref('indicator') }}

),

asked as (

    select
        household_condition.*,
        indicator.standard_id,
        indicator.indicator_code,
        indicator.rule,
        indicator.form_feed,
        indicator.max_age_months,
        case indicator.predicate
            when 'insurance' then household_condition.insurance_by_register
            else false
        end as by_register,
        case indicator.predicate
            when 'house_quality' then household_condition.quality_by_case
            when 'house_area' then household_condition.area_by_case
            else false
        end as by_case,
        case indicator.predicate
            {%- for predicate in predicates %}
                when '{{ predicate }}' then household_condition.{{ predicate }}
            {%- endfor %}
        end as answer
    from household_condition
    inner join standard
        on household_condition.rule_set = standard.rule_set
    inner join indicator
        on standard.standard_id = indicator.standard_id

),

with_evidence as (

    select
        asked.*,
        case
            when by_register then 'health_insurance/cards'
            when by_case then 'housing/support_cases'
            else form_feed
        end as evidence_feed,
        case
            when by_register then register_delivery
            when by_case then case_delivery
            when form_feed = 'labour/household_members' then members_delivery
            else review_delivery
        end as evidence_delivery,
        case
            when by_register then register_end
            when by_case then completed_on
            else reviewed_on
        end as evidence_date
    from asked

),

final as (

    select
        period_month,
        household_key,
        standard_id,
        indicator_code,
        -- Evidence past its age says nothing any more.
        case
            when evidence_date >= {{ month_add('period_end', '-max_age_months') }} then answer
        end as deprived,
        evidence_feed,
        evidence_delivery,
        evidence_date,
        {{ days_between('evidence_date', 'period_end') }} as evidence_age_days,
        rule
    from with_evidence

)

select * from final
{%- endmacro %}
