{{ config(materialized='view') }}
-- grain: one row per commune or ward of today
with

communes as (

    select * from {{ ref('communes') }}

),

commune_population as (

    select * from {{ ref('commune_population') }}

),

final as (

    select
        communes.code as commune_code,
        communes.name as name_vi,
        communes.name_en,
        communes.type_en as kind,
        communes.former_province_code,
        communes.former_province_name,
        communes.former_districts,
        commune_population.area_km2,
        commune_population.population_registered_2025,
        communes.centre_lat,
        communes.centre_lon,
        communes.effective_from,
        communes.legal_basis
    from communes
    left join commune_population
        on communes.code = commune_population.code

)

select * from final
