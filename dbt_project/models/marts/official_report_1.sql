-- grain: one row per month, commune of today and standard of the lists
with

area_poverty as (

    select * from {{ ref('area_poverty') }}
    where area_level = 'commune' and basis = 'legal'

),

final as (

    select
        area_poverty.period_month,
        area_poverty.area_code as commune_code,
        area_poverty.standard_id,
        households,
        persons,
        poor_households,
        poor_rate_pct,
        near_poor_households,
        near_poor_rate_pct,
        -- No feed tells which farm households the communes recognise as of average standard.
        cast(null as bigint) as average_farm_households,
        cast(null as double) as average_farm_rate_pct,
        poor_persons,
        {{ pct('poor_persons', 'persons') }} as poor_persons_pct,
        near_poor_persons,
        {{ pct('near_poor_persons', 'persons') }} as near_poor_persons_pct,
        cast(null as bigint) as average_farm_persons,
        cast(null as double) as average_farm_persons_pct
    from area_poverty
    inner join {{ ref('int_period_in_scope') }} as period_in_scope
        on area_poverty.period_month = period_in_scope.period_month

)

select * from final
