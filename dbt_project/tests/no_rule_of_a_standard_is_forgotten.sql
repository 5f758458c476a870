{{ config(meta={'dagster': {'ref': {'name': 'standard'}}}) }}
-- One row per rule that a standard needs and a seed lacks: a question would be answered with unknown, in
-- silence.
with

rule_set as (

    select distinct rule_set from {{ ref('standard') }}

),

answer as (

    select distinct
        question,
        answer
    from {{ ref('form_answer') }}

),

schooling_age as (

    select distinct schooling_age from {{ ref('school_level_by_age') }}

),

area_type as (

    select distinct area_type from {{ ref('commune_area_type') }}

),

needed as (

    select
        'form_answer' as seed,
        rule_set.rule_set as of_standard,
        answer.question || ' ' || answer.answer as needed
    from rule_set
    cross join answer
    left join {{ ref('form_answer') }} as form_answer
        on
            rule_set.rule_set = form_answer.rule_set
            and answer.question = form_answer.question
            and answer.answer = form_answer.answer
    where form_answer.is_deprived is null

    union all

    select
        'school_level_by_age' as seed,
        rule_set.rule_set as of_standard,
        cast(schooling_age.schooling_age as string) as needed
    from rule_set
    cross join schooling_age
    left join {{ ref('school_level_by_age') }} as school_level_by_age
        on
            rule_set.rule_set = school_level_by_age.rule_set
            and schooling_age.schooling_age = school_level_by_age.schooling_age
    where school_level_by_age.level is null

    union all

    select
        'income_line' as seed,
        standard.standard_id as of_standard,
        area_type.area_type as needed
    from {{ ref('standard') }} as standard
    cross join area_type
    left join {{ ref('income_line') }} as income_line
        on
            standard.standard_id = income_line.standard_id
            and area_type.area_type = income_line.area_type
    where income_line.line_vnd is null

    union all

    select
        'evidence_order' as seed,
        indicator.standard_id as of_standard,
        indicator.predicate as needed
    from {{ ref('indicator') }} as indicator
    inner join {{ ref('evidence_order') }} as other_feed
        on indicator.predicate = other_feed.predicate
    left join {{ ref('evidence_order') }} as evidence_order
        on
            indicator.predicate = evidence_order.predicate
            and indicator.form_feed = evidence_order.feed
    where evidence_order.feed is null

    union all

    select
        'indicator' as seed,
        standard.standard_id as of_standard,
        cast(standard.indicator_count as string) as needed
    from {{ ref('standard') }} as standard
    left join {{ ref('indicator') }} as indicator
        on standard.standard_id = indicator.standard_id
    group by standard.standard_id, standard.indicator_count
    having count(indicator.indicator_code) <> standard.indicator_count

)

select * from needed
