-- grain: one row per month, area, standard, unit, weights and group (a group of ages has persons only)
-- k is the cut-off of the standard.
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

standard as (

    select * from {{ ref('standard') }}

),

area_mpi as (

    select area_mpi.*
    from {{ ref('area_mpi') }} as area_mpi
    inner join standard
        on
            area_mpi.standard_id = standard.standard_id
            and area_mpi.k = standard.poor_from_count

),

population_group as (

    select * from {{ ref('population_group') }}

),

group_tally as (

    select * from {{ ref('int_group_tally') }}

),

by_weights as (

    select
        group_tally.*,
        'legal' as weights,
        legal_score as score,
        legal_score_max as score_max
    from group_tally

    union all

    select
        group_tally.*,
        'nested' as weights,
        nested_score as score,
        nested_score_max as score_max
    from group_tally

),

by_unit as (

    select
        by_weights.*,
        -- A cut-off counts twelfths, scores are thirty-sixths.
        3 * standard.poor_from_count as poor_from_score,
        'household' as unit,
        by_weights.households as units
    from by_weights
    inner join standard
        on by_weights.standard_id = standard.standard_id

    union all

    select
        by_weights.*,
        3 * standard.poor_from_count as poor_from_score,
        'person' as unit,
        by_weights.persons as units
    from by_weights
    inner join standard
        on by_weights.standard_id = standard.standard_id

),

measured as (

    select
        by_unit.period_month,
        by_unit.area_level,
        by_unit.area_code,
        by_unit.standard_id,
        by_unit.unit,
        by_unit.weights,
        by_unit.group_kind,
        by_unit.group_code,
        sum(units) as units,
        sum(case when score >= poor_from_score then units else 0 end) as poor_units,
        sum(case when score_max >= poor_from_score then units else 0 end) as poor_units_max,
        sum(case when score >= poor_from_score then units * score else 0 end) as poor_score,
        sum(case when score_max >= poor_from_score then units * score_max else 0 end) as poor_score_max
    from by_unit
    group by all

),

complete as (

    select
        area_mpi.period_month,
        area_mpi.area_level,
        area_mpi.area_code,
        area_mpi.standard_id,
        area_mpi.unit,
        area_mpi.weights,
        area_mpi.k,
        population_group.group_kind,
        population_group.group_code,
        area_mpi.units as area_units,
    {% for count in ['units', 'poor_units', 'poor_units_max', 'poor_score', 'poor_score_max'] -%}
        cast(coalesce(measured.{{ count }}, 0) as bigint) as {{ count }}{{ ',' if not loop.last }}
    {% endfor %}
    from area_mpi
    inner join period_in_scope
        on area_mpi.period_month = period_in_scope.period_month
    inner join population_group
        on population_group.group_kind <> 'age_group' or area_mpi.unit = 'person'
    left join measured
        on
            area_mpi.period_month = measured.period_month
            and area_mpi.area_level = measured.area_level
            and area_mpi.area_code = measured.area_code
            and area_mpi.standard_id = measured.standard_id
            and area_mpi.unit = measured.unit
            and area_mpi.weights = measured.weights
            and population_group.group_kind = measured.group_kind
            and population_group.group_code = measured.group_code

),

final as (

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        unit,
        weights,
        k,
        group_kind,
        group_code,
        units,
        poor_units,
        poor_units_max,
        {{ fraction('poor_units', 'units') }} as headcount_ratio,
        {{ fraction('poor_units', 'units') }} as headcount_ratio_min,
        {{ fraction('poor_units_max', 'units') }} as headcount_ratio_max,
        {{ fraction('poor_score', '36 * poor_units') }} as intensity,
        {{ fraction('poor_score', '36 * units') }} as adjusted_headcount,
        {{ fraction('poor_score', '36 * units') }} as adjusted_headcount_min,
        {{ fraction('poor_score_max', '36 * units') }} as adjusted_headcount_max,
        {{ fraction('units', 'area_units') }} as population_share
    from complete

)

select * from final
