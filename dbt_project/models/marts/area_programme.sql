-- grain: one row per month and area
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

household_month as (

    select * from {{ ref('int_household_month') }}

),

person_month as (

    select * from {{ ref('person_month') }}

),

house_case as (

    select * from {{ ref('house_case') }}

),

loan_month as (

    select * from {{ ref('loan_month') }}

),

trained_person as (

    select * from {{ ref('int_trained_person') }}

),

commune_month as (

    select * from {{ ref('int_commune_month') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

area as (

    select * from {{ ref('int_area') }}

),

-- Households stand where they were reviewed or listed, everything else in its commune of the day.
insurance as (

    select
        household_month.period_month,
        household_month.commune_code,
        household_month.commune_code_then,
        household_month.area_type,
        count_if(household_month.legal_class = 'poor') as poor_persons,
        count_if(household_month.legal_class = 'poor' and person_month.insured) as poor_persons_insured,
        count_if(household_month.legal_class = 'near_poor') as near_poor_persons,
        count_if(household_month.legal_class = 'near_poor' and person_month.insured)
            as near_poor_persons_insured
    from household_month
    inner join person_month
        on
            household_month.period_month = person_month.period_month
            and household_month.household_key = person_month.household_key
    group by all

),

borrower as (

    select
        period_month,
        household_key
    from loan_month
    where is_open and household_key is not null
    group by period_month, household_key

),

lending as (

    select
        household_month.period_month,
        household_month.commune_code,
        household_month.commune_code_then,
        household_month.area_type,
        count(*) as poor_households,
        count(borrower.household_key) as poor_households_with_loan
    from household_month
    left join borrower
        on
            household_month.period_month = borrower.period_month
            and household_month.household_key = borrower.household_key
    where household_month.legal_class = 'poor'
    group by all

),

houses as (

    select
        house_case.period_month,
        house_case.commune_code,
        house_case.commune_code_then,
        '' as area_type,
        count(*) as houses_supported,
        count_if(house_case.approved_on >= house_case.period_month) as houses_supported_in_month,
        count_if(house_case.is_completed) as houses_completed,
        count_if(house_case.is_completed and house_case.completed_on >= house_case.period_month)
            as houses_completed_in_month,
        sum(house_case.amount_vnd) as house_support_vnd
    from house_case
    inner join touched_period
        on house_case.period_month = touched_period.period_month
    where
        house_case.status <> 'cancelled'
        and house_case.approved_on <= touched_period.period_end
    group by all

),

loans as (

    select
        loan_month.period_month,
        loan_month.commune_code,
        loan_month.commune_code_then,
        '' as area_type,
        count_if(loan_month.is_open) as loans_open,
        sum(loan_month.balance_vnd) as loan_balance_vnd,
        sum(loan_month.overdue_vnd) as overdue_vnd,
        sum(loan_month.frozen_vnd) as frozen_vnd
    from loan_month
    inner join touched_period
        on loan_month.period_month = touched_period.period_month
    group by all

),

training as (

    select
        period_month,
        commune_code,
        commune_code_then,
        '' as area_type,
        count(*) as trained_persons,
        count_if(is_of_this_month) as trained_persons_in_month,
        count_if(has_job) as trained_persons_with_job
    from trained_person
    group by all

),

{% set programmes = {
    'insurance': ['poor_persons', 'poor_persons_insured', 'near_poor_persons', 'near_poor_persons_insured'],
    'lending': ['poor_households', 'poor_households_with_loan'],
    'houses': [
        'houses_supported', 'houses_supported_in_month', 'houses_completed', 'houses_completed_in_month',
        'house_support_vnd'
    ],
    'loans': ['loans_open', 'loan_balance_vnd', 'overdue_vnd', 'frozen_vnd'],
    'training': ['trained_persons', 'trained_persons_in_month', 'trained_persons_with_job'],
} -%}

{% for programme, figures in programmes.items() -%}
    {{ programme }}_in_area as (

        select
            place_area.period_month,
            place_area.area_level,
            place_area.area_code,
        {%- for figure in figures %}
            cast(sum({{ programme }}.{{ figure }}) as bigint) as {{ figure }}{{ ',' if not loop.last }}
        {%- endfor %}
        from {{ programme }}
        inner join commune_month
            on
                {{ programme }}.period_month = commune_month.period_month
                and {{ programme }}.commune_code = commune_month.commune_code
        inner join place_area
            on
                {{ programme }}.period_month = place_area.period_month
                and {{ programme }}.commune_code = place_area.commune_code
                and case
                    when commune_month.is_in_force then {{ programme }}.commune_code else
                        {{ programme }}.commune_code_then
                end
                = place_area.commune_code_then
                and coalesce(nullif({{ programme }}.area_type, ''), commune_month.default_area_type)
                = place_area.area_type
        group by place_area.period_month, place_area.area_level, place_area.area_code

    ),

{% endfor -%}

final as (

    select
        area.period_month,
        area.area_level,
        area.area_code,
        {%- for programme, figures in programmes.items() %}
            {%- for figure in figures %}
                coalesce({{ programme }}_in_area.{{ figure }}, 0) as {{ figure }},
            {%- endfor %}
        {%- endfor %}
        {{ pct('insurance_in_area.poor_persons_insured', 'insurance_in_area.poor_persons') }}
            as poor_persons_insured_pct,
        {{ pct('insurance_in_area.near_poor_persons_insured', 'insurance_in_area.near_poor_persons') }}
            as near_poor_persons_insured_pct,
        {{ pct('lending_in_area.poor_households_with_loan', 'lending_in_area.poor_households') }}
            as poor_households_with_loan_pct,
        {{ pct('training_in_area.trained_persons_with_job', 'training_in_area.trained_persons') }}
            as trained_with_job_pct
    from
        area
    {%- for programme in programmes %}
    left join {{ programme }}_in_area
        on
            area.period_month = {{ programme }}_in_area.period_month
            and area.area_level = {{ programme }}_in_area.area_level
            and area.area_code = {{ programme }}_in_area.area_code
    {%- endfor %}

)

select * from final
