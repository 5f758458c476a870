-- grain: one row per month in scope, unit, standard and basis whose recognised (legal) or reviewed (computed)
-- households can be set against residents
with

residents as (

    select * from {{ ref('int_commune_residents') }}

),

list_in_force as (

    select distinct
        period_month,
        commune_code,
        commune_code_then,
        standard_id
    from {{ ref('list_in_force') }}
    where {{ month_in_scope('period_month') }}

),

reviewed as (

    select distinct
        period_month,
        commune_code,
        commune_code_then,
        standard_id
    from {{ ref('commune_household_tally') }}
    where is_reviewed and {{ month_in_scope('period_month') }}

),

answered as (

    select
        list_in_force.*,
        'legal' as basis
    from list_in_force

    union all

    select
        reviewed.*,
        'computed' as basis
    from reviewed

),

final as (

    select
        answered.period_month,
        answered.commune_code,
        answered.commune_code_then,
        answered.standard_id,
        answered.basis,
        residents.area_type,
        residents.households,
        residents.persons,
        residents.minority_households
    from answered
    inner join residents
        on
            answered.period_month = residents.period_month
            and answered.commune_code = residents.commune_code
            and answered.commune_code_then = residents.commune_code_then

)

select * from final
