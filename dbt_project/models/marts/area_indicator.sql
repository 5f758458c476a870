-- grain: one row per month, area, standard, unit, k and indicator (legal weights)
with

area_mpi as (

    select * from {{ ref('area_mpi') }}
    where weights = 'legal'

),

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

indicator as (

    select * from {{ ref('indicator') }}

),

area_with_list as (

    select * from {{ ref('int_area_with_list') }}

),

indicator_tally as (

    select * from {{ ref('int_indicator_tally') }}

),

concerned_tally as (

    select * from {{ ref('int_concerned_tally') }}

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
        period_month,
        area_level,
        area_code,
        standard_id,
        unit,
        indicator_code,
        sum(case when not is_unknown then units else 0 end) as deprived_units,
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
    group by period_month, area_level, area_code, standard_id, unit, indicator_code

),

by_score as (

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        unit,
        indicator_code,
        legal_score,
        sum(units) as deprived_units
    from by_unit
    where not is_unknown
    group by period_month, area_level, area_code, standard_id, unit, indicator_code, legal_score

),

-- A score is in thirty-sixths, k in twelfths.
counted_among_poor as (

    select
        by_score.period_month,
        by_score.area_level,
        by_score.area_code,
        by_score.standard_id,
        by_score.unit,
        poverty_cutoff.k,
        by_score.indicator_code,
        sum(by_score.deprived_units) as poor_deprived_units
    from by_score
    inner join poverty_cutoff
        on by_score.legal_score >= 3 * poverty_cutoff.k
    group by
        by_score.period_month,
        by_score.area_level,
        by_score.area_code,
        by_score.standard_id,
        by_score.unit,
        poverty_cutoff.k,
        by_score.indicator_code

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
        concerned_tally.households_concerned,
        concerned_tally.households_concerned_unknown,
        concerned_tally.persons_concerned,
        concerned_tally.persons_concerned_unknown,
        -- Where nobody was reviewed, nobody knows what is lacked; without a list under the standard, by whom.
        case
            when area_mpi.units > 0 then cast(coalesce(counted_among_poor.poor_deprived_units, 0) as bigint)
        end
            as poor_deprived_units,
        {% for count in ['deprived_units', 'unknown_units'] -%}
            case when area_mpi.units > 0 then cast(coalesce(counted.{{ count }}, 0) as bigint) end
                as {{ count }},
        {% endfor -%}
        {% for count in [
            'poor_deprived_households', 'near_poor_deprived_households', 'poor_unknown_households',
            'near_poor_unknown_households'
        ] -%}
        case
            when area_with_list.area_code is not null then cast(coalesce(counted.{{ count }}, 0) as bigint)
        end as {{ count }}{{ ',' if not loop.last }}
    {% endfor %}
    from area_mpi
    inner join period_in_scope
        on area_mpi.period_month = period_in_scope.period_month
    inner join indicator
        on area_mpi.standard_id = indicator.standard_id
    left join area_with_list
        on
            area_mpi.period_month = area_with_list.period_month
            and area_mpi.area_level = area_with_list.area_level
            and area_mpi.area_code = area_with_list.area_code
            and area_mpi.standard_id = area_with_list.standard_id
    left join counted
        on
            area_mpi.period_month = counted.period_month
            and area_mpi.area_level = counted.area_level
            and area_mpi.area_code = counted.area_code
            and area_mpi.standard_id = counted.standard_id
            and area_mpi.unit = counted.unit
            and indicator.indicator_code = counted.indicator_code
    left join concerned_tally
        on
            area_mpi.period_month = concerned_tally.period_month
            and area_mpi.area_level = concerned_tally.area_level
            and area_mpi.area_code = concerned_tally.area_code
            and area_mpi.standard_id = concerned_tally.standard_id
            and indicator.indicator_code = concerned_tally.indicator_code
    left join counted_among_poor
        on
            area_mpi.period_month = counted_among_poor.period_month
            and area_mpi.area_level = counted_among_poor.area_level
            and area_mpi.area_code = counted_among_poor.area_code
            and area_mpi.standard_id = counted_among_poor.standard_id
            and area_mpi.unit = counted_among_poor.unit
            and area_mpi.k = counted_among_poor.k
            and indicator.indicator_code = counted_among_poor.indicator_code

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
        near_poor_unknown_households,
        households_concerned,
        households_concerned_unknown,
        persons_concerned,
        persons_concerned_unknown
    from with_total

)

select * from final
