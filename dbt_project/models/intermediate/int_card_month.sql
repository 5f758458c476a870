-- grain: one row per month in scope and person on file whom a card register sent by then carried
with

card_register as (

    select * from {{ ref('int_card_register') }}

),

cards as (

    select * from {{ ref('stg_health_insurance__cards') }}
    where period_month <= (select max(card_register.register_month) from card_register)

),

quarantined_rows as (

    select * from {{ ref('stg_quarantined_rows') }}
    where feed = 'health_insurance/cards'

),

form_member as (

    select * from {{ ref('int_form_member') }}
    where {{ commune_in_scope('commune_code') }}

),

household_in_scope as (

    select * from {{ ref('int_household_in_scope') }}

),

-- A household on the lists of two communes lives in one of them.
listed_person as (

    select * from {{ ref('int_listed_person') }}
    where
        {{ commune_in_scope('commune_code') }}
        or household_key in (select household_in_scope.household_key from household_in_scope)

),

-- Nobody asks about the others, who are most of the city.
on_file as (

    select person_key from form_member
    where person_number_usable
    union
    select person_key from listed_person
    where person_number_usable

),

-- What a register says of a card holds until a later one says something else of it.
card_statement as (

    select
        person_key,
        period_month as stated_in,
        lead(period_month) over (partition by person_key, card_key order by period_month) as restated_in,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to,
        beneficiary_group
    from cards
    where person_key in (select on_file.person_key from on_file)

),

judged as (

    select
        card_register.period_month,
        card_register.register_month,
        card_statement.person_key,
        card_statement.stated_in,
        card_statement.beneficiary_group,
        card_register.period_end between card_statement.valid_from and card_statement.valid_to as is_valid,
        card_statement.valid_to < card_register.period_end as is_expired,
        false as is_set_apart
    from card_register
    inner join card_statement
        on
            card_register.register_month >= card_statement.stated_in
            and coalesce(card_register.register_month < card_statement.restated_in, true)

    union all

    -- A broken card row has no dates, and keeps the register from saying no.
    select
        card_register.period_month,
        card_register.register_month,
        quarantined_rows.person_key,
        quarantined_rows.period_month as stated_in,
        cast(null as string) as beneficiary_group,
        false as is_valid,
        false as is_expired,
        true as is_set_apart
    from card_register
    inner join quarantined_rows
        on card_register.register_month >= quarantined_rows.period_month
    where quarantined_rows.person_key in (select on_file.person_key from on_file)

),

final as (

    select
        period_month,
        person_key,
        register_month,
        bool_or(is_valid and stated_in = register_month) as has_valid_card,
        -- It should still run, and is not on the register: removed or mistyped, nobody knows.
        bool_or(is_valid and stated_in < register_month) as has_missing_card,
        bool_or(is_expired) as has_expired_card,
        -- Unless a later register has an accepted row of the person.
        max(case when is_set_apart then stated_in end)
        >= coalesce(max(case when not is_set_apart then stated_in end), date '0001-01-01') as is_set_apart,
        min(case when is_valid and stated_in = register_month then beneficiary_group end) as beneficiary_group
    from judged
    group by period_month, person_key, register_month

)

select * from final
