{#
    The body of household_indicator, for households that meet a condition on household_condition. A filter on the view
    is asked of each of the twelve answers of every household, one in here of the household alone: who needs a commune
    reads this. The columns of household_condition say in `meta.judged` by what each answer was judged.
#}
{% macro indicator_answers(condition) -%}
{% set columns = graph.nodes['model.' ~ project_name ~ '.household_condition'].columns if execute else {} -%}
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

reading as (

    select * from {{ ref('reading') }}
    where is_used

),

asked as (

    select
        household_condition.*,
        indicator.standard_id,
        indicator.indicator_code,
        indicator.predicate,
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
        -- An unsettled rule is answered as it is read.
        {{ answer_named('coalesce(reading.answer, indicator.predicate)') }} as answer,
        case indicator.predicate
            {%- for question in columns if question ~ '_members' in columns %}
                when '{{ question }}' then household_condition.{{ question }}_members
            {%- endfor %}
        end as members,
        case indicator.predicate
            {%- for question in columns if question ~ '_members_open' in columns %}
                when '{{ question }}' then household_condition.{{ question }}_members_open
            {%- endfor %}
        end as members_open
    from household_condition
    inner join standard
        on household_condition.rule_set = standard.rule_set
    inner join indicator
        on standard.standard_id = indicator.standard_id
    left join reading
        on
            indicator.standard_id = reading.standard_id
            and indicator.indicator_code = reading.subject
            and household_condition.period_end between reading.valid_from and reading.valid_to

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
        coalesce(
            members || case predicate
                {%- for question, column in columns.items() if column.config.meta.judged is string %}
                    when '{{ question }}' then ' {{ column.config.meta.judged }}, '
                {%- endfor %}
            end || (members_open + members_missing) || ' unknown, of ' || household_size || ' members',
            case predicate
                {%- for question, column in columns.items() if column.config.meta.judged and column.config.meta.judged is not string %}
                    when '{{ question }}' then {{ values_of(column.config.meta.judged) }}
                {%- endfor %}
            end
        ) as judged_value,
        case
            when answer is not null
                then
                    case
                        when evidence_date < {{ month_add('period_end', '-max_age_months') }} then 'too_old'
                    end
            when form_feed <> 'labour/household_members' then 'blank'
            when members_open > 0
                then coalesce(case predicate when 'insurance' then insurance_unknown_because end, 'blank')
            when has_rows_set_apart then 'set_apart'
            else 'members_missing'
        end as unknown_because,
        evidence_feed,
        evidence_delivery,
        evidence_date,
        {{ days_between('evidence_date', 'period_end') }} as evidence_age_days,
        rule
    from with_evidence

)

select * from final
{%- endmacro %}


{# The answer of household_condition that a text names. #}
{% macro answer_named(name) -%}
{% set columns = graph.nodes['model.' ~ project_name ~ '.household_condition'].columns if execute else {} -%}
        case {{ name }}
            {%- for answer, column in columns.items() if column.config.meta.judged is defined %}
                when '{{ answer }}' then household_condition.{{ answer }}
            {%- endfor %}
        end
{%- endmacro %}


{# Columns and their values as text; of one column its value alone. #}
{% macro values_of(columns) -%}
    {%- if columns | length == 1 -%}
        cast({{ columns[0] }} as string)
    {%- else -%}
        {%- for column in columns %}
                        {{ '' if loop.first else "|| ', ' || " }}'{{ column }} '
                        || coalesce(cast({{ column }} as string), 'unknown')
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
