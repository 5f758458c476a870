-- grain: one row per month that this build replaces, with the warehouse's own rules of that month
with

period as (

    select * from {{ ref('period') }}

),

bound as (

    select * from {{ ref('bound') }}
    where rule_set = 'warehouse'

),

evidence_order as (

    select * from {{ ref('evidence_order') }}

),

-- The one place that decides which months a build replaces.
touched as (

    select * from period
    where {{ is_touched('period_month') }}

),

own_rules as (

    select
        touched.period_month,
        max(case when bound.bound = 'review_valid_months' then bound.value end) as review_valid_months,
        max(case when bound.bound = 'escape_window_months' then bound.value end) as escape_window_months,
        max(case when bound.bound = 'school_year_from_month' then bound.value end) as school_year_from_month
    from touched
    inner join bound
        on touched.period_end between bound.valid_from and bound.valid_to
    group by touched.period_month

),

-- Which of two feeds is asked first where both answer the same question.
precedence as (

    select
        touched.period_month,
        {{ speaks_first('insurance', 'health_insurance/cards') }} as cards_speak_first,
        {{ speaks_first('house_quality', 'housing/support_cases') }} as case_speaks_first_on_quality,
        {{ speaks_first('house_area', 'housing/support_cases') }} as case_speaks_first_on_area
    from touched
    inner join evidence_order
        on touched.period_end between evidence_order.valid_from and evidence_order.valid_to
    group by touched.period_month

),

final as (

    select
        touched.period_month,
        touched.period_end,
        touched.month_index,
        case
            when month(touched.period_month) >= own_rules.school_year_from_month
                then year(touched.period_month)
            else year(touched.period_month) - 1
        end as school_year,
        own_rules.review_valid_months,
        own_rules.escape_window_months,
        precedence.cards_speak_first,
        precedence.case_speaks_first_on_quality,
        precedence.case_speaks_first_on_area
    from touched
    inner join own_rules
        on touched.period_month = own_rules.period_month
    inner join precedence
        on touched.period_month = precedence.period_month

)

select * from final
