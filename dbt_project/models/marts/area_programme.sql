-- grain: one row per month and area
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

household_month as (

    select * from {{ ref('household_month') }}
    where {{ month_in_scope('period_month') }}

),

person_month as (

    select * from {{ ref('person_month') }}
    where {{ month_in_scope('period_month') }}

),

house_case as (

    select * from {{ ref('house_case') }}
    where {{ month_in_scope('period_month') }}

),

house_status as (

    select * from {{ ref('house_status') }}

),

standing_delivery as (

    select * from {{ ref('stg_standing_delivery') }}

),

area_with_list as (

    select distinct
        period_month,
        area_level,
        area_code
    from {{ ref('int_area_with_list') }}

),

listed_person as (

    select * from {{ ref('listed_person') }}
    where list_section = 'recognised' and {{ month_in_scope('period_month') }}

),

listed_household as (

    select * from {{ ref('listed_household') }}
    where {{ month_in_scope('period_month') }}

),

loan_month as (

    select * from {{ ref('loan_month') }}
    where {{ month_in_scope('period_month') }}

),

trained_person as (

    select * from {{ ref('trained_person') }}
    where {{ month_in_scope('period_month') }}

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
    {%- for class in ['poor', 'near_poor'] %}
        count(*) filter (where household_month.legal_class = '{{ class }}') as {{ class }}_persons_on_file,
        count(*) filter (where household_month.legal_class = '{{ class }}' and person_month.insured)
            as {{ class }}_persons_insured,
        count(*) filter (where household_month.legal_class = '{{ class }}' and person_month.insured is null)
            as {{ class }}_persons_insurance_unknown{{ ',' if not loop.last }}
    {%- endfor %}
    -- Persons are rows of the list that speaks for their household.
    from household_month
    inner join listed_household
        on
            household_month.period_month = listed_household.period_month
            and household_month.household_key = listed_household.household_key
    inner join listed_person
        on
            listed_household.period_month = listed_person.period_month
            and listed_household.household_key = listed_person.household_key
            and listed_household.list_month = listed_person.list_month
            and listed_household.commune_code = listed_person.commune_code
    left join person_month
        on
            listed_person.period_month = person_month.period_month
            and listed_person.person_key = person_month.person_key
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
        count(*) filter (where house_case.approved_on >= house_case.period_month)
            as houses_supported_in_month,
        count(*) filter (where house_case.is_completed) as houses_completed,
        count(*) filter (where house_case.is_completed and house_case.completed_on >= house_case.period_month)
            as houses_completed_in_month,
        sum(house_case.amount_vnd) as house_support_vnd
    from house_case
    inner join period_in_scope
        on house_case.period_month = period_in_scope.period_month
    inner join house_status
        on house_case.status = house_status.status
    where
        house_status.is_supported
        -- A completed house was approved, whether or not its row says when.
        and (
            house_case.approved_on <= period_in_scope.period_end
            or (house_case.approved_on is null and house_case.is_completed)
        )
    group by all

),

loans as (

    select
        loan_month.period_month,
        loan_month.commune_code,
        loan_month.commune_code_then,
        '' as area_type,
        count(*) filter (where loan_month.is_open) as loans_open,
        sum(loan_month.balance_vnd) as loan_balance_vnd,
        sum(loan_month.overdue_vnd) as overdue_vnd,
        sum(loan_month.frozen_vnd) as frozen_vnd
    from loan_month
    inner join period_in_scope
        on loan_month.period_month = period_in_scope.period_month
    group by all

),

training as (

    select
        period_month,
        commune_code,
        commune_code_then,
        '' as area_type,
        count(*) as trained_persons,
        count(*) filter (where is_of_this_month) as trained_persons_in_month,
        -- Null where it is known of nobody.
        sum(case when has_job then 1 when not has_job then 0 end) as trained_persons_with_job
    from trained_person
    group by all

),

{% set programmes = {
    'insurance': [
        'poor_persons_on_file', 'poor_persons_insured', 'poor_persons_insurance_unknown', 'near_poor_persons_on_file',
        'near_poor_persons_insured', 'near_poor_persons_insurance_unknown'
    ],
    'lending': ['poor_households', 'poor_households_with_loan'],
    'houses': [
        'houses_supported', 'houses_supported_in_month', 'houses_completed', 'houses_completed_in_month',
        'house_support_vnd'
    ],
    'loans': ['loans_open', 'loan_balance_vnd', 'overdue_vnd', 'frozen_vnd'],
    'training': ['trained_persons', 'trained_persons_in_month', 'trained_persons_with_job'],
} -%}
{% set sent_by = {
    'houses': 'housing/support_cases', 'loans': 'policy_bank/loans', 'training': 'labour/vocational_training'
} -%}

-- Who has never sent anything has not said that there is nothing.
sent as (

    select
        period_in_scope.period_month,
    {%- for programme, feed in sent_by.items() %}
        bool_or(standing_delivery.feed = '{{ feed }}') as {{ programme }}{{ ',' if not loop.last }}
    {%- endfor %}
    from period_in_scope
    inner join standing_delivery
        on period_in_scope.period_month >= standing_delivery.period_month
    group by period_in_scope.period_month

),

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
            {%- set of_feed = programme in sent_by %}
            {%- set said = 'sent.' ~ programme if of_feed else 'area_with_list.area_code is not null' %}
            {%- for figure in figures %}
                case
                    when {{ said }} then coalesce({{ programme }}_in_area.{{ figure }}, 0)
                end as {{ figure }},
            {%- endfor %}
        {%- endfor %}
        {%- for class in ['poor', 'near_poor'] %}
            case
                when
                    insurance_in_area.{{ class }}_persons_insurance_unknown
                    < insurance_in_area.{{ class }}_persons_on_file
                    then {{ pct(
                        'insurance_in_area.' ~ class ~ '_persons_insured',
                        'insurance_in_area.' ~ class ~ '_persons_on_file'
                    ) }}
            end as {{ class }}_persons_insured_pct,
        {%- endfor %}
        {{ pct('lending_in_area.poor_households_with_loan', 'lending_in_area.poor_households') }}
            as poor_households_with_loan_pct,
        {{ pct('training_in_area.trained_persons_with_job', 'training_in_area.trained_persons') }}
            as trained_with_job_pct
    from
        area
    inner join sent
        on area.period_month = sent.period_month
    left join area_with_list
        on
            area.period_month = area_with_list.period_month
            and area.area_level = area_with_list.area_level
            and area.area_code = area_with_list.area_code
    {%- for programme in programmes %}
        left join {{ programme }}_in_area
            on
                area.period_month = {{ programme }}_in_area.period_month
                and area.area_level = {{ programme }}_in_area.area_level
                and area.area_code = {{ programme }}_in_area.area_code
    {%- endfor %}

)

select * from final
