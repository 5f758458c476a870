-- grain: one row per month and household within the escape window that is not recognised again
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

household_month as (

    select * from {{ ref('household_month') }}
    where
        {{ month_in_scope('period_month') }}
        and escaped_until is not null
        and coalesce(legal_class, 'none') = 'none'
        and {{ commune_in_scope('commune_code') }}

),

household_indicator as (

    {{ indicator_answers(
        month_in_scope('period_month') ~ ' and household_key in (select one.household_key from household_month as one)'
    ) }}

),

standard as (

    select * from {{ ref('standard') }}

),

indicator as (

    select * from {{ ref('indicator') }}

),

person_month as (

    select * from {{ ref('person_month') }}
    where {{ month_in_scope('period_month') }}

),

card_month as (

    select * from {{ ref('int_card_month') }}

),

loan_month as (

    select * from {{ ref('loan_month') }}
    where {{ month_in_scope('period_month') }}

),

fallback_signal as (

    select * from {{ ref('fallback_signal') }}

),

lacking as (

    select
        household_indicator.period_month,
        household_indicator.household_key,
        indicator.predicate
    from period_in_scope
    inner join standard
        on period_in_scope.period_end between standard.valid_from and standard.valid_to
    inner join indicator
        on standard.standard_id = indicator.standard_id
    inner join household_indicator
        on
            period_in_scope.period_month = household_indicator.period_month
            and indicator.standard_id = household_indicator.standard_id
            and indicator.indicator_code = household_indicator.indicator_code
    inner join household_month
        on
            household_indicator.period_month = household_month.period_month
            and household_indicator.household_key = household_month.household_key
    where
        household_indicator.deprived
        and case indicator.predicate
            -- Who had no work before the escape either has lost none since.
            when 'job' then household_indicator.evidence_date >= household_month.escaped_on
            when 'house_quality' then true
        end

),

signs as (

    -- A card that has run out while no other is valid. Of a quarantined row nobody knows that, and a card yet
    -- to begin has not lapsed.
    select distinct
        person_month.period_month,
        person_month.household_key,
        'lapsed_card' as signal
    from person_month
    inner join card_month
        on
            person_month.period_month = card_month.period_month
            and person_month.person_key = card_month.person_key
    where card_month.has_expired_card and not card_month.has_valid_card

    union all

    select
        period_month,
        household_key,
        case predicate
            when 'job' then 'lost_job'
            when 'house_quality' then 'damaged_house'
        end as signal
    from lacking

    union all

    select distinct
        period_month,
        household_key,
        'overdue_loan' as signal
    from loan_month
    where is_open and overdue_vnd > 0

),

counted as (

    select
        signs.period_month,
        signs.household_key,
        {{ enumerated('signs.signal') }} as signals,
        sum(fallback_signal.points) as score
    from signs
    inner join period_in_scope
        on signs.period_month = period_in_scope.period_month
    inner join fallback_signal
        on
            signs.signal = fallback_signal.signal
            and period_in_scope.period_end between fallback_signal.valid_from and fallback_signal.valid_to
    group by signs.period_month, signs.household_key

),

final as (

    select
        household_month.period_month,
        household_month.household_key,
        household_month.commune_code,
        counted.signals,
        cast(coalesce(counted.score, 0) as bigint) as score,
        household_month.escaped_on,
        household_month.escaped_until
    from household_month
    left join counted
        on
            household_month.period_month = counted.period_month
            and household_month.household_key = counted.household_key

)

select * from final
