-- grain: one row per month, household and indicator of the standard in force that it is deprived in, where
-- the programme for it has not reached it or none is in force
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where {{ month_in_scope('period_month') }} and {{ commune_in_scope('commune_code') }}

),

household_month as (

    select * from {{ ref('household_month') }}
    where {{ month_in_scope('period_month') }} and {{ commune_in_scope('commune_code') }}

),

standard as (

    select * from {{ ref('standard') }}

),

indicator as (

    select * from {{ ref('indicator') }}

),

programme_need as (

    select * from {{ ref('programme_need') }}

),

person_month as (

    select * from {{ ref('person_month') }}
    where {{ month_in_scope('period_month') }}

),

house_case as (

    select * from {{ ref('house_case') }}
    where {{ month_in_scope('period_month') }}

),

loan_month as (

    select * from {{ ref('loan_month') }}
    where {{ month_in_scope('period_month') }}

),

trained_person as (

    select * from {{ ref('trained_person') }}
    where {{ month_in_scope('period_month') }}

),

eligible as (

    select
        household_deprivation.period_month,
        household_deprivation.household_key,
        household_deprivation.standard_id,
        household_deprivation.commune_code,
        household_deprivation.deprivation_count,
        indicator.indicator_code,
        programme_need.programme,
        programme_need.precedence,
        programme_need.loan_programme_code,
        period_in_scope.period_end between programme_need.valid_from and programme_need.valid_to
            as is_in_force
    from period_in_scope
    inner join standard
        on period_in_scope.period_end between standard.valid_from and standard.valid_to
    inner join household_deprivation
        on
            period_in_scope.period_month = household_deprivation.period_month
            and standard.standard_id = household_deprivation.standard_id
    inner join household_month
        on
            household_deprivation.period_month = household_month.period_month
            and household_deprivation.household_key = household_month.household_key
    inner join programme_need
        on
            period_in_scope.period_end >= programme_need.valid_from
            and programme_need.recognised_as = case
                -- As its list says, under whatever standard that was made.
                when household_month.legal_class in ('poor', 'near_poor') then household_month.legal_class
                when household_deprivation.escaped_until is not null then 'escaped'
            end
            and coalesce(programme_need.area_type, household_deprivation.area_type)
            = household_deprivation.area_type
    inner join indicator
        on
            standard.standard_id = indicator.standard_id
            and programme_need.predicate = indicator.predicate
    -- The programme in force, else the last one before.
    qualify row_number() over (
        partition by
            household_deprivation.period_month,
            household_deprivation.household_key,
            indicator.indicator_code
        order by programme_need.valid_from desc, programme_need.programme asc
    ) = 1

),

household_indicator as (

    {{ indicator_answers(
        month_in_scope('period_month') ~ ' and household_key in (select one.household_key from eligible as one)'
    ) }}

),

in_need as (

    select
        eligible.*,
        household_indicator.evidence_age_days
    from eligible
    inner join household_indicator
        on
            eligible.period_month = household_indicator.period_month
            and eligible.household_key = household_indicator.household_key
            and eligible.standard_id = household_indicator.standard_id
            and eligible.indicator_code = household_indicator.indicator_code
    where household_indicator.deprived

),

household_in_need as (

    select distinct
        period_month,
        household_key
    from in_need

),

-- Whom each programme has reached. A card reaches a household when it reaches every member on file.
reached as (

    select
        person_month.period_month,
        person_month.household_key,
        'insurance_card' as programme,
        cast(null as string) as loan_programme_code
    from household_in_need
    inner join person_month
        on
            household_in_need.period_month = person_month.period_month
            and household_in_need.household_key = person_month.household_key
    group by person_month.period_month, person_month.household_key
    having count(*) filter (where not coalesce(person_month.insured, false)) = 0

    union all

    select distinct
        period_month,
        household_key,
        'house_support' as programme,
        cast(null as string) as loan_programme_code
    from house_case
    where is_completed

    union all

    select distinct
        person_month.period_month,
        person_month.household_key,
        'vocational_training' as programme,
        cast(null as string) as loan_programme_code
    from household_in_need
    inner join person_month
        on
            household_in_need.period_month = person_month.period_month
            and household_in_need.household_key = person_month.household_key
    inner join trained_person
        on
            person_month.period_month = trained_person.period_month
            and person_month.person_key = trained_person.person_key

    union all

    select distinct
        loan_month.period_month,
        loan_month.household_key,
        'water_and_sanitation_loan' as programme,
        loan_month.programme_code as loan_programme_code
    from household_in_need
    inner join loan_month
        on
            household_in_need.period_month = loan_month.period_month
            and household_in_need.household_key = loan_month.household_key
    where loan_month.is_open

),

final as (

    select
        in_need.period_month,
        in_need.household_key,
        in_need.indicator_code,
        in_need.commune_code,
        -- Between two programmes the gap stands, and the next step is nobody's.
        case when in_need.is_in_force then in_need.programme end as programme,
        -- Within commune and programme: whom the law puts first, then who lacks most, then fresh evidence.
        row_number() over (
            partition by in_need.period_month, in_need.commune_code, in_need.programme
            order by
                in_need.precedence asc,
                in_need.deprivation_count desc,
                in_need.evidence_age_days asc nulls last,
                in_need.household_key asc,
                in_need.indicator_code asc
        ) as priority,
        in_need.evidence_age_days
    from in_need
    left join reached
        on
            in_need.period_month = reached.period_month
            and in_need.household_key = reached.household_key
            and in_need.programme = reached.programme
            and coalesce(in_need.loan_programme_code, '') = coalesce(reached.loan_programme_code, '')
    where reached.household_key is null

)

select * from final
