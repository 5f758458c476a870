-- grain: one row per month and household whose recognised class is another than the one computed under the
-- standard in force
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

standard as (

    select * from {{ ref('standard') }}

),

household_deprivation as (

    select * from {{ ref('household_deprivation') }}
    where
        is_reviewed
        and {{ month_in_scope('period_month') }}
        and {{ commune_in_scope('commune_code') }}

),

final as (

    select
        household_deprivation.period_month,
        household_deprivation.household_key,
        household_deprivation.standard_id,
        household_deprivation.commune_code,
        household_deprivation.commune_code_then,
        household_deprivation.area_type,
        household_deprivation.persons,
        household_deprivation.legal_class,
        household_deprivation.computed_class,
        household_deprivation.income_source,
        household_deprivation.deprivation_count,
        household_deprivation.escaped_until
    from period_in_scope
    inner join standard
        on period_in_scope.period_end between standard.valid_from and standard.valid_to
    inner join household_deprivation
        on
            period_in_scope.period_month = household_deprivation.period_month
            and standard.standard_id = household_deprivation.standard_id
    -- Who is undetermined contradicts nobody; average and other are on no list.
    where
        household_deprivation.computed_class <> 'undetermined'
        and household_deprivation.legal_class <> case
            when household_deprivation.computed_class in ('poor', 'near_poor')
                then household_deprivation.computed_class
            else 'none'
        end

)

select * from final
