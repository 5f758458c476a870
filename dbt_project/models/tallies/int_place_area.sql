-- grain: one row per month in scope, place (commune of today, unit of that month, area type) and area level
-- it lies in
with

commune_month as (

    select * from {{ ref('int_commune_month') }}

),

communes_before_2025 as (

    select * from {{ ref('communes_before_2025') }}

),

area_level as (

    select * from {{ ref('area_level') }}

),

-- From its first day the commune of today is its own unit; before, each unit that gave to it can stand there.
unit_of_the_month as (

    select
        commune_month.*,
        commune_month.commune_code as commune_code_then
    from commune_month
    where commune_month.is_in_force

    union all

    select distinct
        commune_month.*,
        communes_before_2025.old_code as commune_code_then
    from commune_month
    inner join communes_before_2025
        on commune_month.commune_code = communes_before_2025.new_code
    where not commune_month.is_in_force

),

area_types as (

    select distinct default_area_type as area_type
    from commune_month

),

-- A household's form can name another area type than its commune's.
place as (

    select
        unit_of_the_month.*,
        area_types.area_type
    from unit_of_the_month
    inner join area_types
        on (unit_of_the_month.commune_code = '') = (area_types.area_type = '')

),

leveled as (

    select
        place.period_month,
        place.commune_code,
        place.commune_code_then,
        place.area_type,
        area_level.area_level,
        case area_level.area_level
            when 'city' then place.province_code
            when 'former_province' then place.former_province_code
            when 'area_type' then nullif(place.area_type, '')
            when 'commune' then nullif(place.commune_code, '')
            when 'commune_then' then case when not place.is_in_force then place.commune_code_then end
        end as area_code
    from place
    cross join area_level

),

final as (

    select * from leveled
    where area_code is not null

)

select * from final
