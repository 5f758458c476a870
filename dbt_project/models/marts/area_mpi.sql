-- grain: one row per month, area, standard, unit, weights and k
with

area as (

    select * from {{ ref('int_area') }}

),

standard as (

    select * from {{ ref('standard') }}

),

poverty_cutoff as (

    select * from {{ ref('poverty_cutoff') }}

),

unit as (

    select 'household' as unit
    union all
    select 'person' as unit

),

weights as (

    select 'legal' as weights
    union all
    select 'nested' as weights

),

score_tally as (

    select * from {{ ref('int_score_tally') }}

),

-- A score is in thirty-sixths, k in twelfths. Known deprivations decide; what is unknown only raises the
-- maximum.
measured as (

    select
        score_tally.period_month,
        score_tally.area_level,
        score_tally.area_code,
        score_tally.standard_id,
        score_tally.unit,
        score_tally.weights,
        poverty_cutoff.k,
        sum(score_tally.units) as units,
        sum(case when score >= 3 * k then units else 0 end) as poor_units,
        sum(case when score_max >= 3 * k then units else 0 end) as poor_units_max,
        sum(case when score >= 3 * k then units * score else 0 end) as poor_score,
        sum(case when score_max >= 3 * k then units * score_max else 0 end) as poor_score_max
    from score_tally
    cross join poverty_cutoff
    group by all

),

complete as (

    select
        area.period_month,
        area.area_level,
        area.area_code,
        standard.standard_id,
        unit.unit,
        weights.weights,
        poverty_cutoff.k,
        cast(coalesce(measured.units, 0) as bigint) as units,
        -- Where nobody was reviewed, nobody knows how many would be poor.
        case when measured.units > 0 then cast(measured.poor_units as bigint) end as poor_units,
        case when measured.units > 0 then cast(measured.poor_units_max as bigint) end as poor_units_max,
        cast(coalesce(measured.poor_score, 0) as bigint) as poor_score,
        cast(coalesce(measured.poor_score_max, 0) as bigint) as poor_score_max
    from area
    cross join standard
    cross join unit
    cross join weights
    cross join poverty_cutoff
    left join measured
        on
            area.period_month = measured.period_month
            and area.area_level = measured.area_level
            and area.area_code = measured.area_code
            and standard.standard_id = measured.standard_id
            and unit.unit = measured.unit
            and weights.weights = measured.weights
            and poverty_cutoff.k = measured.k

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
        units,
        poor_units,
        poor_units_max,
        {{ fraction('poor_units', 'units') }} as headcount_ratio,
        {{ fraction('poor_units', 'units') }} as headcount_ratio_min,
        {{ fraction('poor_units_max', 'units') }} as headcount_ratio_max,
        {{ fraction('poor_score', '36 * poor_units') }} as intensity,
        {{ fraction('poor_score', '36 * units') }} as adjusted_headcount,
        {{ fraction('poor_score', '36 * units') }} as adjusted_headcount_min,
        {{ fraction('poor_score_max', '36 * units') }} as adjusted_headcount_max
    from complete

)

select * from final
