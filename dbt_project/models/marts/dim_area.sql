{{ config(materialized='view') }}
-- grain: one row per area level and area that the marts know
with

communes as (

    select * from {{ ref('communes') }}

),

communes_before_2025 as (

    select * from {{ ref('communes_before_2025') }}

),

commune_area_type as (

    select * from {{ ref('commune_area_type') }}

),

area_level as (

    select * from {{ ref('area_level') }}

),

area as (

    select distinct
        'city' as area_level,
        province_code as area_code,
        'Toàn thành phố' as name_vi,
        'The whole city' as name_en,
        cast(null as string) as former_province_code
    from communes

    union all

    select distinct
        'former_province' as area_level,
        former_province_code as area_code,
        former_province_name || ' (cũ)' as name_vi,
        case former_province_code
            when '92' then 'Former Can Tho City'
            when '93' then 'Former Hau Giang Province'
            when '94' then 'Former Soc Trang Province'
        end as name_en,
        former_province_code
    from communes

    union all

    select distinct
        'area_type' as area_level,
        area_type as area_code,
        case area_type when 'urban' then 'Khu vực thành thị' else 'Khu vực nông thôn' end as name_vi,
        case area_type when 'urban' then 'Urban areas' else 'Rural areas' end as name_en,
        cast(null as string) as former_province_code
    from commune_area_type

    union all

    select
        'commune' as area_level,
        code as area_code,
        name as name_vi,
        name_en,
        former_province_code
    from communes

    union all

    -- A unit that went to several communes stands there once for each.
    select distinct
        'commune_then' as area_level,
        old_code as area_code,
        old_name as name_vi,
        old_name as name_en,
        old_province_code as former_province_code
    from communes_before_2025

),

final as (

    select
        area.area_level,
        area.area_code,
        area.name_vi,
        area.name_en,
        area.former_province_code,
        area_level.display_order
    from area
    inner join area_level
        on area.area_level = area_level.area_level

)

select * from final
