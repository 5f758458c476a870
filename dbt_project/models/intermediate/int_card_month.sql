-- grain: one row per touched month and person on file who is on the newest card register sent by then
with

card_register as (

    select * from {{ ref('int_card_register') }}

),

cards as (

    select * from {{ ref('stg_health_insurance__cards') }}
    where period_month in (select card_register.register_month from card_register)

),

quarantined_rows as (

    select * from {{ ref('stg_quarantined_rows') }}
    where feed = 'health_insurance/cards'

),

list_in_force as (

    select * from {{ ref('int_list_in_force') }}

),

poverty_list as (

    select * from {{ ref('stg_labour__poverty_list') }}
    where {{ is_touched_key('person', 'person_key') }}

),

-- Nobody asks about the others, who are most of the city.
on_file as (

    select person_key
    from {{ ref('registration_person') }}
    where {{ is_touched_key('person', 'person_key') }}
    union all
    select poverty_list.person_key
    from list_in_force
    inner join poverty_list
        on
            list_in_force.listed_by = poverty_list.commune_code_then
            and list_in_force.list_month = poverty_list.period_month

),

-- A broken card row still says that its person has, or had, a card: it keeps the register from saying no.
card_rows as (

    select
        period_month as register_month,
        person_key,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to,
        beneficiary_group
    from cards
    where person_number_usable

    union all

    select
        period_month as register_month,
        person_key,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        cast(null as varchar) as beneficiary_group
    from quarantined_rows
    where person_key is not null

),

judged as (

    select
        card_register.period_month,
        card_register.register_month,
        card_rows.person_key,
        card_rows.beneficiary_group,
        coalesce(card_register.period_end between card_rows.valid_from and card_rows.valid_to, false)
            as is_valid,
        coalesce(card_rows.valid_to < card_register.period_end, false) as is_expired,
        coalesce(
            card_register.register_end between card_rows.valid_from and card_rows.valid_to, false
        ) as was_valid
    from card_register
    inner join card_rows
        on card_register.register_month = card_rows.register_month
    where card_rows.person_key in (select on_file.person_key from on_file)

),

final as (

    select
        period_month,
        person_key,
        register_month,
        bool_or(is_valid) as has_valid_card,
        bool_or(is_expired) as has_expired_card,
        bool_or(was_valid) and not bool_or(is_valid) as has_lapsed_since,
        min(case when is_valid then beneficiary_group end) as beneficiary_group
    from judged
    group by period_month, person_key, register_month

)

select * from final
