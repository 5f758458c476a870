-- grain: one row per month in scope and unit with totals sent by then: residents by its newest totals
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

commune_totals as (

    select * from {{ ref('stg_labour__commune_totals') }}

),

commune_month as (

    select * from {{ ref('int_commune_month') }}

),

final as (

    select
        period_in_scope.period_month,
        commune_totals.commune_code,
        case
            when commune_month.is_in_force then commune_totals.commune_code
            else commune_totals.commune_code_then
        end as commune_code_then,
        commune_month.default_area_type as area_type,
        commune_totals.households,
        commune_totals.persons,
        commune_totals.minority_households,
        commune_totals.minority_persons
    from period_in_scope
    inner join commune_totals
        on period_in_scope.period_month >= commune_totals.period_month
    inner join commune_month
        on
            period_in_scope.period_month = commune_month.period_month
            and commune_totals.commune_code = commune_month.commune_code
    -- Units of the day that make up one commune of today send in the same month.
    qualify dense_rank() over (
        partition by period_in_scope.period_month, commune_totals.commune_code
        order by commune_totals.period_month desc
    ) = 1

)

select * from final
