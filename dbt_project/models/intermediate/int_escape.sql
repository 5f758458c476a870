-- grain: one row per touched month and household that left the list within the escape window: its newest
-- escape
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

listed_person as (

    select * from {{ ref('listed_person') }}
    where list_month = period_month

),

person_month as (

    select * from {{ ref('person_month') }}

),

-- A household is known by a key in the months in which it has persons. In the first of them, and after a gap,
-- its persons bring the lists of the months without it along: reviewed anew, a household changes its key.
known_household as (

    select
        household_key,
        period_month,
        lag(period_month) over (partition by household_key order by period_month) as known_before
    from person_month
    group by household_key, period_month

),

-- The decision stands on one row of the household; it holds for every member.
list_row as (

    select
        list_month,
        commune_code,
        listed_by,
        list_section,
        household_no,
        person_key,
        is_head,
        max(decision_date)
            over (partition by list_month, commune_code, listed_by, list_section, household_no)
            as decision_date,
        -- Without a usable number a row is nobody in any other month: it speaks only where no other row does.
        person_number_usable
        or not bool_or(person_number_usable)
            over (partition by list_month, commune_code, listed_by, list_section, household_no)
            as speaks
    from listed_person

),

-- The household of a list row is the one its person was in at that time: who joins later brings no escape.
claimed as (

    select
        list_row.list_month,
        list_row.commune_code,
        list_row.listed_by,
        list_row.list_section,
        list_row.household_no,
        list_row.decision_date,
        known_household.household_key
    from list_row
    inner join person_month
        on
            list_row.person_key = person_month.person_key
            and list_row.list_month <= person_month.period_month
    inner join known_household
        on
            person_month.household_key = known_household.household_key
            and person_month.period_month = known_household.period_month
            and (
                list_row.list_month > known_household.known_before
                or known_household.known_before is null
            )
    where list_row.speaks
    group by
        list_row.list_month,
        list_row.commune_code,
        list_row.listed_by,
        list_row.list_section,
        list_row.household_no,
        list_row.decision_date,
        known_household.household_key,
        known_household.period_month
    -- Of the households of that very month, the one with most members in common, as in int_listed_person.
    qualify
        known_household.period_month > list_row.list_month
        or row_number() over (
            partition by
                list_row.list_month,
                list_row.commune_code,
                list_row.listed_by,
                list_row.list_section,
                list_row.household_no,
                known_household.period_month
            order by count(*) desc, count_if(list_row.is_head) desc, known_household.household_key asc
        ) = 1

),

household_list as (

    select
        household_key,
        list_month,
        max(case when list_section = 'recognised' then list_month end) as recognised_month
    from claimed
    group by household_key, list_month

),

-- An escape begins after the household was last recognised.
episode as (

    select
        household_key,
        list_month,
        max(recognised_month) over (
            partition by household_key
            order by list_month
            rows between unbounded preceding and 1 preceding
        ) as recognised_before
    from household_list

),

-- What can date an episode: the first list that has a decision, and the first list at all.
dated as (

    select
        claimed.household_key,
        claimed.list_month,
        claimed.list_section,
        episode.recognised_before,
        coalesce(claimed.decision_date, claimed.list_month) as escaped_on,
        claimed.decision_date is null as is_estimated
    from claimed
    inner join episode
        on
            claimed.household_key = episode.household_key
            and claimed.list_month = episode.list_month
    where claimed.list_section <> 'recognised'
    qualify row_number() over (
        partition by claimed.household_key, episode.recognised_before, claimed.decision_date is null
        order by claimed.list_month asc, claimed.decision_date asc, claimed.list_section desc
    ) = 1

),

newest as (

    select
        known_household.period_month,
        known_household.household_key,
        touched_period.period_end,
        dated.escaped_on,
        {{ month_add('dated.escaped_on', 'touched_period.escape_window_months') }} as escaped_until,
        dated.is_estimated,
        dated.list_section
    from touched_period
    inner join known_household
        on touched_period.period_month = known_household.period_month
    inner join dated
        on
            known_household.household_key = dated.household_key
            and touched_period.period_month >= dated.list_month
            and touched_period.period_end >= dated.escaped_on
    qualify row_number() over (
        partition by known_household.period_month, known_household.household_key
        order by dated.recognised_before desc nulls last, dated.is_estimated asc
    ) = 1

),

final as (

    select
        period_month,
        household_key,
        escaped_on,
        escaped_until,
        is_estimated as escape_is_estimated,
        case list_section
            when 'escaped_poor' then 'poor'
            when 'escaped_near_poor' then 'near_poor'
        end as escaped_from
    from newest
    where escaped_until > period_end

)

select * from final
