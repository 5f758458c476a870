-- grain: one row per month in scope and member row of a household's newest form
with

newest_form as (

    select * from {{ ref('int_newest_form') }}

),

members as (

    select * from {{ ref('stg_labour__household_members') }}
    -- Most rows are of other months and households. DuckDB passes over them by a short list of months, and by
    -- a Bloom filter of the keys, which it makes of a relation that has a condition.
    where
        period_month in (select distinct newest_form.members_delivered_for from newest_form)
        and registration_key in (
            select newest_form.registration_key
            from newest_form
            where newest_form.members_delivered_for is not null
        )

),

final as (

    select
        newest_form.period_month,
        newest_form.household_key,
        newest_form.commune_code,
        members.commune_code as member_commune_code,
        members.member_no,
        members.person_key,
        members.person_number_usable,
        members.relation = 'head' as is_head,
        -- On whose form the person stands newest. One number on people of other birth or sex is a mistyped
        -- one. Forms of one day are told by their year, then by the order of keys, as in household_person.
        first_value(newest_form.household_key) over (
            partition by newest_form.period_month, members.person_key, members.birth_year, members.sex
            order by
                newest_form.reviewed_on desc,
                year(newest_form.delivered_for) desc,
                newest_form.household_key asc
        ) as newest_form_of
    from newest_form
    inner join members
        on
            newest_form.registration_key = members.registration_key
            and newest_form.members_delivered_for = members.period_month

)

select * from final
