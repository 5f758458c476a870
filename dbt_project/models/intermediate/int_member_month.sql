-- grain: one row per month in scope and member row of a household with a review in force
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

review_month as (

    select * from {{ ref('int_review_month') }}

),

members as (

    select * from {{ ref('stg_labour__household_members') }}
    -- Most rows are of other months and households. DuckDB passes over them by a short list of months, and by
    -- a Bloom filter of the keys, which it makes of a relation that has a condition.
    where
        period_month in (select distinct review_month.members_delivered_for from review_month)
        and registration_key in (
            select review_month.registration_key
            from review_month
            where review_month.members_delivered_for is not null
        )

),

card_register as (

    select * from {{ ref('int_card_register') }}

),

card_month as (

    select * from {{ ref('int_card_month') }}

),

attended as (

    select * from {{ ref('education_level') }}

),

completed as (

    select * from {{ ref('education_level') }}

),

-- What the card register of the month, or the last one sent before it, says about the person; null where the
-- form speaks. A register that is older than the form cannot contradict it, and one that is older than the
-- month cannot say no. A number that no register carries may be mistyped. A card that was found by name may
-- be a namesake's, where the form denies one.
judged as (

    select
        members.*,
        review_month.period_month as judged_month,
        review_month.household_key,
        card_month.beneficiary_group,
        case
            when card_month.has_valid_card
                then
                    case
                        when members.is_known_by_name and not members.health_insured then 'unknown'
                        else 'insured'
                    end
            when not members.person_number_usable or card_register.period_month is null then null
            when card_register.register_month < review_month.period_month
                then case when review_month.reviewed_on <= card_register.register_end then 'unknown' end
            when card_month.has_missing_card or card_month.is_set_apart then 'unknown'
            when card_month.person_key is null and members.health_insured then 'unknown'
            when card_register.register_month = review_month.period_month then 'not_insured'
        end as register_answer,
        case
            when card_month.has_valid_card then 'card_of_a_namesake'
            when card_register.register_month < review_month.period_month then 'no_register_of_month'
            when card_month.is_set_apart then 'set_apart'
            when card_month.has_missing_card then 'card_not_on_register'
            else 'number_on_no_register'
        end as register_is_unsure_because
    from review_month
    inner join members
        on
            review_month.registration_key = members.registration_key
            and review_month.members_delivered_for = members.period_month
    left join card_register
        on review_month.period_month = card_register.period_month
    left join card_month
        on
            review_month.period_month = card_month.period_month
            -- A row without a number is somebody by name; of insurance it says what the form declares. As a
            -- condition of its own DuckDB would compare every member with every card.
            and case when members.person_number_usable then members.person_key end = card_month.person_key

),

final as (

    select
        -- identifiers
        judged.judged_month as period_month,
        judged.household_key,
        judged.person_key,
        judged.person_number_usable,
        judged.member_no,
        judged.commune_code,
        -- the person
        judged.sex,
        judged.birth_month,
        judged.relation,
        judged.ethnicity_code,
        -- A birth known by its year alone lies between January (the person is old) and December (young).
        period_in_scope.month_index
        - (judged.birth_year * 12 + coalesce(month(judged.birth_month), 1)) as age_months_if_old,
        period_in_scope.month_index
        - (judged.birth_year * 12 + coalesce(month(judged.birth_month), 12)) as age_months_if_young,
        -- Age on 31 December of the year in which the school year began.
        period_in_scope.school_year - judged.birth_year as schooling_age,
        -- work
        judged.can_work,
        judged.wants_work,
        judged.employed,
        judged.wage_employed,
        judged.has_labour_contract,
        -- school
        judged.attending_school,
        attended.rank as attending_rank,
        completed.rank as completed_rank,
        judged.employer_training_certificate,
        -- health
        judged.stunted,
        judged.underweight,
        judged.monthly_social_allowance,
        judged.is_disabled,
        judged.beneficiary_group,
        judged.register_answer is not null
        and (period_in_scope.cards_speak_first or judged.health_insured is null) as insured_by_register,
        case
            when
                judged.register_answer is not null
                and (period_in_scope.cards_speak_first or judged.health_insured is null)
                then case judged.register_answer when 'insured' then true when 'not_insured' then false end
            else judged.health_insured
        end as insured,
        -- Null where register and form do not both say.
        case judged.register_answer when 'insured' then true when 'not_insured' then false end
        <> judged.health_insured as register_contradicts_form,
        case
            when
                judged.register_answer = 'unknown'
                and (period_in_scope.cards_speak_first or judged.health_insured is null)
                then judged.register_is_unsure_because
        end as insured_unknown_because,
        -- information
        judged.uses_internet,
        judged.uses_digital_service,
        -- provenance
        judged.delivery_id
    from judged
    inner join period_in_scope
        on judged.judged_month = period_in_scope.period_month
    left join attended
        on judged.school_level = attended.level
    left join completed
        on judged.education_level = completed.level

)

select * from final
