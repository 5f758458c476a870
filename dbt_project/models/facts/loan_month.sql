-- grain: one row per month and loan contract on the newest statement of the policy bank sent by then
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

standing_delivery as (

    select * from {{ ref('stg_standing_delivery') }}
    where feed = 'policy_bank/loans'

),

person_month as (

    select * from {{ ref('person_month') }}
    where {{ month_in_scope('period_month') }}

),

form_person as (

    select * from {{ ref('form_person') }}
    where stands_for_person and {{ month_in_scope('period_month') }}

),

newest_statement as (

    select
        period_in_scope.period_month,
        period_in_scope.period_end,
        max(standing_delivery.period_month) as statement_month
    from period_in_scope
    inner join standing_delivery
        on period_in_scope.period_month >= standing_delivery.period_month
    group by period_in_scope.period_month, period_in_scope.period_end

),

of_statement as (

    select
        newest_statement.period_month,
        newest_statement.statement_month,
        loans.contract_key,
        loans.person_key,
        loans.person_number_usable
    from newest_statement
    inner join {{ ref('stg_policy_bank__loans') }} as loans
        on newest_statement.statement_month = loans.period_month

),

-- One statement without the number takes nobody's loan away.
known_number as (

    select
        of_statement.period_month,
        of_statement.contract_key,
        max_by(earlier.person_key, earlier.period_month) as person_key
    from of_statement
    inner join {{ ref('stg_policy_bank__loans') }} as earlier
        on
            of_statement.contract_key = earlier.contract_key
            and of_statement.statement_month > earlier.period_month
    where not of_statement.person_number_usable and earlier.person_number_usable
    group by of_statement.period_month, of_statement.contract_key

),

loans as (

    select * from {{ ref('stg_policy_bank__loans') }}

),

final as (

    select
        newest_statement.period_month,
        loans.contract_key,
        loans.customer_key,
        coalesce(person_month.household_key, form_person.household_key) as household_key,
        -- place
        loans.commune_code,
        loans.commune_code_then,
        -- contract
        loans.programme_code,
        loans.beneficiary_group,
        loans.loan_date,
        loans.due_date,
        loans.disbursed_vnd,
        loans.in_term_vnd,
        loans.overdue_vnd,
        loans.frozen_vnd,
        loans.in_term_vnd + loans.overdue_vnd + loans.frozen_vnd as balance_vnd,
        coalesce(loans.status, 'open') = 'open' as is_open,
        -- provenance
        loans.report_date,
        {{ days_between('loans.report_date', 'newest_statement.period_end') }} as evidence_age_days,
        loans.delivery_id
    from newest_statement
    inner join loans
        on newest_statement.statement_month = loans.period_month
    left join known_number
        on
            newest_statement.period_month = known_number.period_month
            and loans.contract_key = known_number.contract_key
    left join person_month
        on
            newest_statement.period_month = person_month.period_month
            and coalesce(known_number.person_key, loans.person_key) = person_month.person_key
    left join form_person
        on
            newest_statement.period_month = form_person.period_month
            and coalesce(known_number.person_key, loans.person_key) = form_person.person_key
    -- A contract stands on the newest of several report dates.
    qualify row_number() over (
        partition by newest_statement.period_month, loans.contract_key
        order by loans.report_date desc
    ) = 1

)

select * from final
