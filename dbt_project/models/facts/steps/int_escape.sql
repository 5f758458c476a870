-- grain: one row per month in scope and household that left the list within the escape window: its newest
-- escape
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

household_in_scope as (

    select * from {{ ref('int_household_in_scope') }}

),

claimed as (

    select * from {{ ref('household_list_entry') }}
    where household_key in (select household_in_scope.household_key from household_in_scope)

),

known_household as (

    select distinct
        household_key,
        period_month
    from {{ ref('person_month') }}
    where
        {{ month_in_scope('period_month') }}
        and household_key in (select household_in_scope.household_key from household_in_scope)

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
        min(claimed.list_month) over (
            partition by claimed.household_key, episode.recognised_before
        ) as listed_in,
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
        period_in_scope.period_end,
        dated.escaped_on,
        {{ month_add('dated.escaped_on', 'period_in_scope.escape_window_months') }} as escaped_until,
        dated.is_estimated,
        dated.listed_in,
        dated.list_section
    from period_in_scope
    inner join known_household
        on period_in_scope.period_month = known_household.period_month
    inner join dated
        on
            known_household.household_key = dated.household_key
            and period_in_scope.period_month >= dated.list_month
            and period_in_scope.period_end >= dated.escaped_on
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
        listed_in as escape_listed_in,
        case list_section
            when 'escaped_poor' then 'poor'
            when 'escaped_near_poor' then 'near_poor'
        end as escaped_from
    from newest
    where escaped_until > period_end

)

select * from final
