-- grain: one row per month that this build replaces, with the warehouse's own rules of that month
with

period as (

    select * from {{ ref('int_period') }}

),

bound as (

    select * from {{ ref('bound') }}
    where rule_set = 'warehouse'

),

evidence_order as (

    select * from {{ ref('evidence_order') }}

),

-- The one place that decides which months a build replaces.
in_scope as (

    select * from period
    where {{ month_in_scope('period_month') }}

),

own_rules as (

    select
        in_scope.period_month,
        max(case when bound.bound = 'review_valid_months' then bound.value end) as review_valid_months,
        max(case when bound.bound = 'escape_window_months' then bound.value end) as escape_window_months,
        max(case when bound.bound = 'school_year_from_month' then bound.value end) as school_year_from_month
    from in_scope
    inner join bound
        on in_scope.period_end between bound.valid_from and bound.valid_to
    group by in_scope.period_month

),

-- Which of two feeds is asked first where both answer the same question.
precedence as (

    select
        in_scope.period_month,
        {{ speaks_first('insurance', 'health_insurance/cards') }} as cards_speak_first,
        {{ speaks_first('house_quality', 'housing/support_cases') }} as case_speaks_first_on_quality,
        {{ speaks_first('house_area', 'housing/support_cases') }} as case_speaks_first_on_area
    from in_scope
    inner join evidence_order
        on in_scope.period_end between evidence_order.valid_from and evidence_order.valid_to
    group by in_scope.period_month

),

final as (

    select
        in_scope.period_month,
        in_scope.period_end,
        in_scope.month_index,
        case
            when month(in_scope.period_month) >= own_rules.school_year_from_month
                then year(in_scope.period_month)
            else year(in_scope.period_month) - 1
        end as school_year,
        own_rules.review_valid_months,
        own_rules.escape_window_months,
        precedence.cards_speak_first,
        precedence.case_speaks_first_on_quality,
        precedence.case_speaks_first_on_area
    from in_scope
    inner join own_rules
        on in_scope.period_month = own_rules.period_month
    inner join precedence
        on in_scope.period_month = precedence.period_month

)

select * from final
