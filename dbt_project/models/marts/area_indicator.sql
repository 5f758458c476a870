-- grain: one row per month, area, standard, unit, k and indicator (legal weights)
with

area_mpi as (

    select * from {{ ref('area_mpi') }}
    where weights = 'legal'

),

touched_period as (

    select * from {{ ref('touched_period') }}

),

indicator as (

    select * from {{ ref('indicator') }}

),

indicator_tally as (

    select * from {{ ref('int_indicator_tally') }}

),

poverty_cutoff as (

    select * from {{ ref('poverty_cutoff') }}

),

by_unit as (

    select
        indicator_tally.*,
        'household' as unit,
        indicator_tally.households as units
    from indicator_tally

    union all

    select
        indicator_tally.*,
        'person' as unit,
        indicator_tally.persons as units
    from indicator_tally

),

counted as (

    select
        by_unit.period_month,
        by_unit.area_level,
        by_unit.area_code,
        by_unit.standard_id,
        by_unit.unit,
        poverty_cutoff.k,
        by_unit.indicator_code,
        sum(case when not is_unknown then units else 0 end) as deprived_units,
        -- A score is in thirty-sixths, k in twelfths.
        sum(case when not is_unknown and legal_score >= 3 * k then units else 0 end) as poor_deprived_units,
        sum(case when is_unknown then units else 0 end) as unknown_units,
        sum(case when not is_unknown and legal_class = 'poor' then households else 0 end)
            as poor_deprived_households,
        sum(case when not is_unknown and legal_class = 'near_poor' then households else 0 end)
            as near_poor_deprived_households,
        sum(case when is_unknown and legal_class = 'poor' then households else 0 end)
            as poor_unknown_households,
        sum(case when is_unknown and legal_class = 'near_poor' then households else 0 end)
            as near_poor_unknown_households
    from by_unit
    cross join poverty_cutoff
    group by all

),

complete as (

    select
        area_mpi.period_month,
        area_mpi.area_level,
        area_mpi.area_code,
        area_mpi.standard_id,
        area_mpi.unit,
        area_mpi.k,
        indicator.indicator_code,
        indicator.weight_legal,
        area_mpi.units,
        area_mpi.poor_units,
        {% for count in [
            'deprived_units', 'poor_deprived_units', 'unknown_units', 'poor_deprived_households',
            'near_poor_deprived_households', 'poor_unknown_households', 'near_poor_unknown_households'
        ] -%}
        cast(coalesce(counted.{{ count }}, 0) as bigint) as {{ count }}{{ ',' if not loop.last }}
    {% endfor %}
    from area_mpi
    inner join touched_period
        on area_mpi.period_month = touched_period.period_month
    inner join indicator
        on area_mpi.standard_id = indicator.standard_id
    left join counted
        on
            area_mpi.period_month = counted.period_month
            and area_mpi.area_level = counted.area_level
            and area_mpi.area_code = counted.area_code
            and area_mpi.standard_id = counted.standard_id
            and area_mpi.unit = counted.unit
            and area_mpi.k = counted.k
            and indicator.indicator_code = counted.indicator_code

),

with_total as (

    select
        complete.*,
        sum(weight_legal * poor_deprived_units) over (
            partition by period_month, area_level, area_code, standard_id, unit, k
        ) as poor_score
    from complete

),

final as (

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        unit,
        k,
        indicator_code,
        units,
        poor_units,
        deprived_units,
        poor_deprived_units,
        unknown_units,
        {{ fraction('deprived_units', 'units') }} as uncensored_headcount,
        {{ fraction('poor_deprived_units', 'units') }} as censored_headcount,
        {{ pct('weight_legal * poor_deprived_units', 'poor_score') }} as contribution_pct,
        {{ fraction('unknown_units', 'units') }} as unknown_share,
        poor_deprived_households,
        near_poor_deprived_households,
        poor_unknown_households,
        near_poor_unknown_households
    from with_total

)

select * from final
