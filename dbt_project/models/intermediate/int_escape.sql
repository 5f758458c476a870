-- grain: one row per touched month and household that left the list within the escape window: its newest
-- escape
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

poverty_list as (

    select * from {{ ref('stg_labour__poverty_list') }}
    where list_section <> 'recognised'

),

member_month as (

    select * from {{ ref('int_member_month') }}

),

listed_person as (

    select * from {{ ref('int_listed_person') }}

),

-- The decision stands on one row of the household; it holds for every member.
escaped_person as (

    select
        person_key,
        list_section,
        period_month as list_month,
        max(decision_date)
            over (partition by period_month, commune_code, list_section, household_no)
            as decision_date
    from poverty_list

),

dated as (

    select
        person_key,
        list_section,
        list_month,
        coalesce(
            decision_date,
            min(list_month) over (partition by person_key, list_section)
        ) as escaped_on,
        decision_date is null as is_estimated
    from escaped_person

),

household_person as (

    select
        period_month,
        household_key,
        person_key
    from member_month
    where person_number_usable
    union
    select
        period_month,
        household_key,
        person_key
    from listed_person

),

final as (

    select
        household_person.period_month,
        household_person.household_key,
        dated.escaped_on,
        {{ month_add('dated.escaped_on', 'touched_period.escape_window_months') }} as escaped_until,
        dated.is_estimated as escape_is_estimated,
        case dated.list_section
            when 'escaped_poor' then 'poor'
            when 'escaped_near_poor' then 'near_poor'
        end as escaped_from
    from touched_period
    inner join household_person
        on touched_period.period_month = household_person.period_month
    inner join dated
        on
            household_person.person_key = dated.person_key
            and touched_period.period_month >= dated.list_month
            and touched_period.period_end >= dated.escaped_on
    where
        {{ month_add('dated.escaped_on', 'touched_period.escape_window_months') }} > touched_period.period_end
    qualify row_number() over (
        partition by household_person.period_month, household_person.household_key
        order by dated.escaped_on desc, dated.is_estimated asc, dated.list_section desc
    ) = 1

)

select * from final
