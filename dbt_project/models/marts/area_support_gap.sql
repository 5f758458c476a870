{{ config(materialized='view') }}
-- grain: one row per month, area and programme, from the first month with a known need of the programme
with

support_gap as (

    select * from {{ ref('support_gap') }}
    where programme is not null

),

commune as (

    select * from {{ ref('dim_commune') }}

),

area_poverty as (

    select * from {{ ref('area_poverty') }}

),

need as (

    select
        support_gap.period_month,
        'commune' as area_level,
        support_gap.commune_code as area_code,
        support_gap.programme
    from support_gap
    union all
    select
        support_gap.period_month,
        'former_province' as area_level,
        commune.former_province_code as area_code,
        support_gap.programme
    from support_gap
    inner join commune
        on support_gap.commune_code = commune.commune_code
    union all
    select
        support_gap.period_month,
        'city' as area_level,
        '92' as area_code,
        support_gap.programme
    from support_gap

),

counted as (

    select
        period_month,
        area_level,
        area_code,
        programme,
        count(*) as needs
    from need
    group by
        period_month,
        area_level,
        area_code,
        programme

),

-- Where nobody was reviewed no need is known, and there is no row.
reviewed as (

    select distinct
        period_month,
        area_level,
        area_code
    from area_poverty
    where
        basis = 'computed'
        and reviewed_households > 0
        and area_level in ('city', 'former_province', 'commune')

),

since as (

    select
        programme,
        min(period_month) as first_month
    from support_gap
    group by programme

),

final as (

    select
        reviewed.period_month,
        reviewed.area_level,
        reviewed.area_code,
        since.programme,
        coalesce(counted.needs, 0) as needs
    from reviewed
    inner join since
        on reviewed.period_month >= since.first_month
    left join counted
        on
            reviewed.period_month = counted.period_month
            and reviewed.area_level = counted.area_level
            and reviewed.area_code = counted.area_code
            and since.programme = counted.programme

)

select * from final
