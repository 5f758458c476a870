-- grain: one row per month in scope and commune of today, and one ('') for what cannot be placed below the
-- city
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

communes as (

    select * from {{ ref('communes') }}

),

commune_area_type as (

    select * from {{ ref('commune_area_type') }}

),

placed as (

    select
        period_in_scope.period_month,
        communes.code as commune_code,
        communes.province_code,
        communes.former_province_code,
        commune_area_type.area_type as default_area_type,
        communes.effective_from,
        period_in_scope.period_month >= communes.effective_from as is_in_force
    from period_in_scope
    cross join communes
    inner join commune_area_type
        on
            communes.code = commune_area_type.commune_code
            and period_in_scope.period_end between commune_area_type.valid_from and commune_area_type.valid_to

),

final as (

    select * from placed
    union all
    select distinct
        period_month,
        '' as commune_code,
        province_code,
        cast(null as string) as former_province_code,
        '' as default_area_type,
        cast(null as date) as effective_from,
        true as is_in_force
    from placed

)

select * from final
