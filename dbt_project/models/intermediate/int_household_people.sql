-- grain: one row per month in scope, household with a review in force and rule set: the answers its members
-- give
{% set of_members = {
    'job': 'lacks_job', 'nutrition': 'is_malnourished', 'insurance': 'lacks_insurance',
    'adult_education': 'lacks_education', 'child_education': 'lacks_school', 'internet': 'uses_internet'
} -%}
{% set questions = of_members.keys() | reject('equalto', 'internet') | list -%}

with

member_month as (

    select * from {{ ref('int_member_month') }}

),

review_month as (

    select * from {{ ref('int_review_month') }}

),

rule_set as (

    select * from {{ ref('int_rule_set') }}

),

school_level_by_age as (

    select * from {{ ref('school_level_by_age') }}

),

education_level as (

    select * from {{ ref('education_level') }}

),

-- Forms some of whose people may stand among the rows that were set apart.
set_apart as (

    select distinct
        delivery_id,
        commune_code
    from {{ ref('stg_quarantined_rows') }}
    where feed = 'labour/household_members'

),

with_rules as (

    select
        member_month.*,
        review_month.household_size,
        set_apart.delivery_id is not null as has_rows_set_apart,
        rule_set.rule_set,
        rule_set.working_age_from_months,
        case member_month.sex
            when 'male' then rule_set.retirement_months_male
            when 'female' then rule_set.retirement_months_female
        end as retirement_months,
        rule_set.dependent_child_below_months,
        rule_set.elderly_from_months,
        rule_set.dependants_over_pct,
        rule_set.nutrition_below_months,
        rule_set.insurance_from_months,
        rule_set.insurance_of_children_below_months,
        rule_set.adult_education_from_months,
        rule_set.adult_education_senior_from_months,
        rule_set.adult_education_below_months,
        rule_set.child_education_from_months,
        rule_set.child_education_below_months,
        case
            when member_month.attending_school then member_month.attending_rank >= expected.rank
            when not member_month.attending_school then false
        end as attends_level_of_age,
        -- What a minor needs, and what an adult: attendance counts for the one at any level, for
        -- the other from a level.
        member_month.attending_school
        or member_month.completed_rank >= rule_set.adult_education_junior_completed_rank
        or member_month.employer_training_certificate as has_junior_education,
        case
            when member_month.attending_school
                then member_month.attending_rank >= rule_set.adult_education_senior_attending_rank
            when not member_month.attending_school then false
        end
        or member_month.completed_rank >= rule_set.adult_education_senior_completed_rank
        or member_month.employer_training_certificate as has_senior_education,
        (member_month.wants_work and not member_month.employed)
        or (member_month.wage_employed and not member_month.has_labour_contract) as lacks_work
    from member_month
    inner join review_month
        on
            member_month.period_month = review_month.period_month
            and member_month.household_key = review_month.household_key
    inner join rule_set
        on member_month.period_month = rule_set.period_month
    left join school_level_by_age
        on
            rule_set.rule_set = school_level_by_age.rule_set
            and member_month.schooling_age = school_level_by_age.schooling_age
    left join education_level as expected
        on school_level_by_age.level = expected.level
    left join set_apart
        on
            member_month.delivery_id = set_apart.delivery_id
            and review_month.commune_code = set_apart.commune_code

),

-- Each question is asked of the oldest and of the youngest age the person can have, and before it whether it
-- concerns somebody of that age.
concerned_at_either_age as (

    select
        {% for reading in ['if_old', 'if_young'] %}
            {%- set age_months = 'age_months_' ~ reading %}
            {{ age_months }} >= working_age_from_months
            and {{ age_months }} < retirement_months
            and can_work as job_concerns_{{ reading }},
            {{ age_months }} < nutrition_below_months as nutrition_concerns_{{ reading }},
            {{ age_months }} >= insurance_from_months as insurance_concerns_{{ reading }},
            {{ age_months }} >= adult_education_from_months
            and {{ age_months }} < adult_education_below_months
                as adult_education_concerns_{{ reading }},
            {{ age_months }} >= child_education_from_months
            and {{ age_months }} < child_education_below_months
                as child_education_concerns_{{ reading }},
        {% endfor %}
        with_rules.*
    from with_rules

),

-- Whether somebody is under an age for sure, or may be past it, the oldest tells alone.
at_either_age as (

    select
        period_month,
        household_key,
        rule_set,
        household_size,
        has_rows_set_apart,
        delivery_id,
        uses_internet,
        uses_internet and uses_digital_service as uses_digital_service,
        age_months_if_old < dependent_child_below_months as is_child,
        not insured as is_uninsured,
        insured_by_register,
        insured_unknown_because,
        age_months_if_old >= insurance_from_months as is_insurable,
        {% for reading in ['if_old', 'if_young'] %}
            {%- set age_months = 'age_months_' ~ reading %}
            job_concerns_{{ reading }},
            nutrition_concerns_{{ reading }},
            insurance_concerns_{{ reading }},
            adult_education_concerns_{{ reading }},
            child_education_concerns_{{ reading }},
            job_concerns_{{ reading }} and lacks_work as lacks_job_{{ reading }},
            {{ age_months }} < dependent_child_below_months
            or (
                ({{ age_months }} >= elderly_from_months or is_disabled)
                and monthly_social_allowance
            ) as is_dependant_{{ reading }},
            {{ age_months }} < dependent_child_below_months
            or (is_disabled and monthly_social_allowance) as is_dependant_without_pension_{{ reading }},
            nutrition_concerns_{{ reading }} and (stunted or underweight) as is_malnourished_{{ reading }},
            insurance_concerns_{{ reading }} and not insured as lacks_insurance_{{ reading }},
            insurance_concerns_{{ reading }}
            and {{ age_months }} < insurance_of_children_below_months
            and not insured as lacks_insurance_as_child_{{ reading }},
            adult_education_concerns_{{ reading }}
            and not case
                when {{ age_months }} < adult_education_senior_from_months then has_junior_education
                else has_senior_education
            end as lacks_education_{{ reading }},
            child_education_concerns_{{ reading }}
            and not attends_level_of_age as lacks_school_{{ reading }},
        {% endfor %}
        dependants_over_pct
    from concerned_at_either_age

),

agreed as (

    select
        period_month,
        household_key,
        rule_set,
        household_size,
        has_rows_set_apart,
        delivery_id,
        uses_internet,
        uses_digital_service,
        dependants_over_pct,
        is_child,
        is_uninsured,
        insured_by_register,
        insured_unknown_because,
        is_insurable,
        {% for question in questions -%}
            {{ agreed(question ~ '_concerns') }} as {{ question }}_concerns,
        {% endfor -%}
        {{ agreed('lacks_job') }} as lacks_job,
        {{ agreed('is_dependant') }} as is_dependant,
        {{ agreed('is_dependant_without_pension') }} as is_dependant_without_pension,
        {{ agreed('is_malnourished') }} as is_malnourished,
        {{ agreed('lacks_insurance') }} as lacks_insurance,
        {{ agreed('lacks_insurance_as_child') }} as lacks_insurance_as_child,
        {{ agreed('lacks_education') }} as lacks_education,
        {{ agreed('lacks_school') }} as lacks_school
    from at_either_age

),

counted as (

    select
        period_month,
        household_key,
        rule_set,
        household_size,
        dependants_over_pct,
        {{ any_member('lacks_job', 'household_size') }} as job,
        {{ any_member('is_malnourished', 'household_size') }} as nutrition,
        {{ any_member('lacks_insurance', 'household_size') }} as insurance,
        {{ any_member('lacks_education', 'household_size') }} as adult_education,
        {{ any_member('lacks_school', 'household_size') }} as child_education,
        {{ any_member('lacks_insurance_as_child', 'household_size') }} as insurance_of_children,
        {{ any_member('uses_internet', 'household_size') }} as any_internet,
        {{ any_member('uses_digital_service', 'household_size') }} as any_digital_service,
        {% for dependant in ['is_dependant', 'is_dependant_without_pension'] -%}
            -- Of more members on file than the form counts, nobody knows who is gone.
            greatest(count(*) filter (where {{ dependant }}) - greatest(count(*) - household_size, 0), 0)
                as {{ dependant }}_min,
            -- Members not on file may be dependants.
            count(*) filter (where coalesce({{ dependant }}, true))
            + greatest(household_size - count(*), 0) as {{ dependant }}_max,
        {% endfor -%}
        count(*) filter (where is_child) as children,
        count(*) filter (where is_child and is_malnourished) as malnourished_children,
        -- A card is owed to every child, also below the age from which the indicator asks.
        count(*) filter (where is_child and is_uninsured) as uninsured_children,
        count(*) filter (where is_child and lacks_school) as unschooled_children,
        {% for question in questions -%}
            cast(sum(case when {{ question }}_concerns then 1 else 0 end) as bigint)
                as {{ question }}_concerned,
            -- Members not on file may be asked, too.
            cast(
                count(*) filter (where {{ question }}_concerns is null)
                + greatest(household_size - count(*), 0) as bigint
            ) as {{ question }}_concerned_unknown,
        {% endfor -%}
        -- One member who lacks it is enough; that nobody does takes a word on each: the register's, if any.
        bool_or(insured_by_register and lacks_insurance) as register_finds_uninsured,
        bool_or(insured_by_register and is_insurable) as register_answers,
        bool_or(insured_by_register and lacks_insurance is null) as register_leaves_open,
        -- What each question was judged by.
        {% for question, of_member in of_members.items() -%}
            count(*) filter (where {{ of_member }}) as {{ question }}_members,
            count(*) filter (where {{ of_member }} is null) as {{ question }}_members_open,
        {% endfor -%}
        count(*) filter (where is_dependant is null) as dependants_members_open,
        greatest(household_size - count(*), 0) as members_missing,
        -- Of several reasons the last in the alphabet.
        max(case when lacks_insurance is null then insured_unknown_because end) as insurance_unknown_because,
        bool_or(has_rows_set_apart) as has_rows_set_apart,
        max(delivery_id) as delivery_id
    from agreed
    group by period_month, household_key, rule_set, household_size, dependants_over_pct

),

final as (

    select
        period_month,
        household_key,
        rule_set,
        job,
        {% for question, dependant in {
            'dependants': 'is_dependant', 'dependants_without_pension': 'is_dependant_without_pension'
        }.items() -%}
            case
                when 100 * {{ dependant }}_min > dependants_over_pct * household_size then true
                when 100 * {{ dependant }}_max <= dependants_over_pct * household_size then false
            end as {{ question }},
        {% endfor -%}
        nutrition,
        insurance,
        insurance_of_children,
        adult_education,
        child_education,
        not any_internet as internet,
        not any_digital_service as digital_services,
        children,
        malnourished_children,
        uninsured_children,
        unschooled_children,
        {% for question in questions -%}
            {{ question }}_concerned,
            {{ question }}_concerned_unknown,
        {% endfor -%}
        case
            when insurance then register_finds_uninsured
            when not insurance then register_answers
            else register_leaves_open
        end as insurance_by_register,
        {% for question in of_members -%}
            {{ question }}_members,
            {{ question }}_members_open,
        {% endfor -%}
        cast(is_dependant_min as bigint) as dependants_min,
        cast(is_dependant_max as bigint) as dependants_max,
        dependants_members_open,
        cast(members_missing as bigint) as members_missing,
        insurance_unknown_because,
        has_rows_set_apart,
        delivery_id
    from counted

)

select * from final
