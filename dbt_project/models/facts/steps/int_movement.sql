-- grain: one row per month in scope, standard and household that is, or at the last month's end was,
-- recognised as poor or near-poor under it
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

state as (

    select * from {{ ref('household_month') }}
    where {{ month_near_scope('period_month', months_before=1) }}

),

recognised as (

    select
        period_month,
        household_key,
        legal_class,
        escaped_from
    from {{ ref('household_month') }}
    where legal_class in ('poor', 'near_poor') or escaped_from is not null

),

person_month as (

    select * from {{ ref('person_month') }}
    where {{ month_near_scope('period_month', months_before=1) }}

),

commune_month as (

    select * from {{ ref('int_commune_month') }}

),

listed_person as (

    select * from {{ ref('listed_person') }}
    where {{ month_in_scope('period_month') }}

),

list_in_force as (

    select
        period_month,
        commune_code,
        standard_id,
        max(list_month) as list_month
    from {{ ref('list_in_force') }}
    where {{ month_in_scope('period_month') }}
    group by period_month, commune_code, standard_id

),

standard as (

    select * from {{ ref('standard') }}

),

-- The first list of each commune under each standard.
first_list as (

    select
        standing_delivery.commune_code,
        standard.standard_id,
        min(standing_delivery.period_month) as first_month
    from {{ ref('stg_standing_delivery') }} as standing_delivery
    inner join standard
        on last_day(standing_delivery.period_month) between standard.valid_from and standard.valid_to
    where standing_delivery.feed = 'labour/poverty_list' and not standing_delivery.is_supplement
    group by standing_delivery.commune_code, standard.standard_id

),

-- Whether the list of this very month is the first one: then it opens with itself.
with_list as (

    select
        list_in_force.period_month,
        list_in_force.commune_code,
        list_in_force.standard_id,
        list_in_force.period_month = first_list.first_month as opens
    from list_in_force
    inner join first_list
        on
            list_in_force.commune_code = first_list.commune_code
            and list_in_force.standard_id = first_list.standard_id

),

-- What the last month's end left, and what a first list opens with. A commune whose list has come under
-- another standard has left the old one without a flow.
stood_anywhere as (

    select
        period_in_scope.period_month as judged_month,
        false as opens,
        state.*
    from period_in_scope
    inner join state
        on state.period_month = {{ month_add('period_in_scope.period_month', -1) }}
    inner join with_list
        on
            period_in_scope.period_month = with_list.period_month
            and state.commune_code = with_list.commune_code
            and state.list_standard_id = with_list.standard_id
    where not with_list.opens

    union all

    select
        period_in_scope.period_month as judged_month,
        true as opens,
        state.*
    from period_in_scope
    inner join state
        on period_in_scope.period_month = state.period_month
    inner join with_list
        on
            period_in_scope.period_month = with_list.period_month
            and state.commune_code = with_list.commune_code
            and state.list_standard_id = with_list.standard_id
    where with_list.opens

),

-- Who was recognised elsewhere and is now in a commune with its first list has moved; else the first list
-- opens.
stood as (

    select *
    from stood_anywhere
    qualify row_number() over (
        partition by judged_month, list_standard_id, household_key
        order by (not opens and legal_class in ('poor', 'near_poor')) desc, opens desc
    ) = 1

),

before as (

    select
        stood.judged_month as period_month,
        stood.list_standard_id as standard_id,
        stood.household_key,
        stood.commune_code,
        case
            when commune_month.is_in_force then stood.commune_code
            else stood.commune_code_then
        end as commune_code_then,
        stood.area_type,
        coalesce(stood.listed_persons, stood.persons) as persons,
        stood.legal_class
    from stood
    inner join commune_month
        on
            stood.judged_month = commune_month.period_month
            and stood.commune_code = commune_month.commune_code

),

after as (

    select
        state.period_month,
        state.list_standard_id as standard_id,
        state.household_key,
        state.commune_code,
        state.commune_code_then,
        state.area_type,
        coalesce(state.listed_persons, state.persons) as persons,
        state.legal_class,
        state.is_reviewed,
        state.escape_listed_in,
        state.escaped_on,
        state.escape_is_estimated
    from period_in_scope
    inner join state
        on period_in_scope.period_month = state.period_month
    where state.list_standard_id is not null

),

-- Who was known at the last month's end, on whatever list or none.
known_before as (

    select
        {{ month_add('state.period_month', 1) }} as period_month,
        state.household_key,
        state.legal_class,
        state.list_standard_id
    from state

),

-- A household known from the list alone changes its key when its review comes, or ends: its persons tell.
without_successor as (

    select
        before.period_month,
        before.standard_id,
        before.household_key
    from before
    left join after
        on
            before.period_month = after.period_month
            and before.standard_id = after.standard_id
            and before.household_key = after.household_key
    where after.household_key is null and before.legal_class in ('poor', 'near_poor')

),

candidate as (

    select
        without_successor.period_month,
        without_successor.standard_id,
        without_successor.household_key as previous_key,
        person_after.household_key,
        count(*) as shared_persons
    from without_successor
    inner join person_month as person_before
        on
            person_before.period_month = {{ month_add('without_successor.period_month', -1) }}
            and without_successor.household_key = person_before.household_key
    inner join person_month as person_after
        on
            without_successor.period_month = person_after.period_month
            and person_before.person_key = person_after.person_key
    group by
        without_successor.period_month,
        without_successor.standard_id,
        without_successor.household_key,
        person_after.household_key
    qualify row_number() over (
        partition by
            without_successor.period_month,
            without_successor.standard_id,
            without_successor.household_key
        order by shared_persons desc, person_after.household_key asc
    ) = 1

),

-- Only a household that was not there before carries another one on, and only one.
successor as (

    select
        candidate.period_month,
        candidate.standard_id,
        candidate.previous_key,
        candidate.household_key
    from candidate
    left join before
        on
            candidate.period_month = before.period_month
            and candidate.standard_id = before.standard_id
            and candidate.household_key = before.household_key
    where before.household_key is null or before.legal_class = 'none'
    qualify row_number() over (
        partition by candidate.period_month, candidate.standard_id, candidate.household_key
        order by candidate.shared_persons desc, candidate.previous_key asc
    ) = 1

),

before_under_new_key as (

    select
        before.*,
        coalesce(successor.household_key, before.household_key) as carried_key
    from before
    left join successor
        on
            before.period_month = successor.period_month
            and before.standard_id = successor.standard_id
            and before.household_key = successor.previous_key
    -- Of two keys that become one, the one that was recognised speaks.
    qualify row_number() over (
        partition by
            before.period_month,
            before.standard_id,
            coalesce(successor.household_key, before.household_key)
        order by (successor.household_key is not null) desc, before.household_key asc
    ) = 1

),

-- Only what the list of this very month declares: a carried list declares nothing new.
declared as (

    select
        listed_person.period_month,
        listed_person.household_key,
        max(nullif(listed_person.movement, 'none')) as declared_movement
    from listed_person
    inner join period_in_scope
        on listed_person.period_month = period_in_scope.period_month
    where
        listed_person.list_month = listed_person.period_month
        and listed_person.movement is not null
    group by listed_person.period_month, listed_person.household_key

),

paired as (

    select
        coalesce(after.period_month, before.period_month) as period_month,
        coalesce(after.standard_id, before.standard_id) as standard_id,
        coalesce(after.household_key, before.carried_key) as household_key,
        before.household_key as previous_key,
        before.household_key is not null as was_known,
        after.household_key is not null as is_known,
        before.legal_class as from_class,
        before.commune_code as from_commune_code,
        before.commune_code_then as from_commune_code_then,
        before.area_type as from_area_type,
        before.persons as persons_before,
        after.legal_class as to_class,
        after.commune_code as to_commune_code,
        after.commune_code_then as to_commune_code_then,
        after.area_type as to_area_type,
        after.persons as persons_after,
        after.is_reviewed,
        after.escape_listed_in,
        after.escaped_on,
        after.escape_is_estimated
    from before_under_new_key as before
    full outer join after
        on
            before.period_month = after.period_month
            and before.standard_id = after.standard_id
            and before.carried_key = after.household_key
    where
        before.legal_class in ('poor', 'near_poor')
        or after.legal_class in ('poor', 'near_poor')

),

-- Whose class came from none: for them alone all months are asked.
arrived as (

    select household_key from paired
    where coalesce(from_class, 'none') not in ('poor', 'near_poor')

    union

    select previous_key as household_key from paired
    where coalesce(from_class, 'none') not in ('poor', 'near_poor')

),

history as (

    select
        recognised.household_key,
        min(
            case
                when recognised.legal_class = 'poor' or recognised.escaped_from = 'poor'
                    then recognised.period_month
            end
        ) as first_poor_month,
        min(recognised.period_month) as first_listed_month
    from recognised
    inner join arrived
        on recognised.household_key = arrived.household_key
    group by recognised.household_key

),

final as (

    select
        paired.period_month,
        paired.standard_id,
        paired.household_key,
        paired.previous_key,
        paired.from_class,
        paired.from_commune_code,
        paired.from_commune_code_then,
        paired.from_area_type,
        paired.persons_before,
        paired.to_class,
        paired.to_commune_code,
        paired.to_commune_code_then,
        paired.to_area_type,
        paired.persons_after,
        coalesce(
            paired.from_commune_code <> paired.to_commune_code
            or paired.from_commune_code_then <> paired.to_commune_code_then,
            false
        ) as is_move,
        -- How a class comes to a household that had none; null for the others.
        case
            when paired.from_class in ('poor', 'near_poor') then null
            -- It came from a commune without a list, or from a list of another standard.
            when
                not paired.was_known
                and known_before.household_key is not null
                and coalesce(known_before.legal_class, 'poor') <> 'none'
                then 'other_increase'
            when not paired.was_known and declared.declared_movement in ('moved_in', 'split', 'merged')
                then 'other_increase'
            -- A short record does not know who was poor before it began: there the declaration does.
            when
                least(
                    case
                        when paired.to_class = 'poor' then history.first_poor_month else
                            history.first_listed_month
                    end,
                    case
                        when paired.to_class = 'poor' then previous_history.first_poor_month
                        else previous_history.first_listed_month
                    end
                ) < paired.period_month
                or declared.declared_movement = 'relapsed'
                then 'relapsed'
            else 'newly_arising'
        end as arrival,
        -- How a class leaves a household for none; null for the others. Nobody has escaped of whom no list of
        -- this month says so.
        case
            when paired.to_class in ('poor', 'near_poor') then null
            when paired.to_class = 'none' and paired.escape_listed_in = paired.period_month then 'rose_above'
            else 'other_decrease'
        end as departure,
        coalesce(
            paired.to_class = 'none'
            and paired.is_reviewed
            and paired.escape_listed_in is distinct from paired.period_month,
            false
        ) as leaves_undeclared,
        declared.declared_movement,
        paired.escaped_on,
        paired.escape_is_estimated
    from paired
    left join declared
        on
            paired.period_month = declared.period_month
            and paired.household_key = declared.household_key
    left join known_before
        on
            paired.period_month = known_before.period_month
            and coalesce(paired.previous_key, paired.household_key) = known_before.household_key
    left join history
        on paired.household_key = history.household_key
    left join history as previous_history
        -- One equality: with a condition beside it DuckDB compares every row with every row.
        on nullif(paired.previous_key, paired.household_key) = previous_history.household_key

)

select * from final
