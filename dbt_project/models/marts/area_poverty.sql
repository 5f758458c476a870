-- grain: one row per month, area, standard and basis (legal: as listed, for the standard in force; computed)
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

residents as (

    select * from {{ ref('int_area_residents') }}

),

tally as (

    select * from {{ ref('int_tally') }}

),

standard as (

    select * from {{ ref('standard') }}

),

target as (

    select * from {{ ref('target') }}
    where measure = 'poor_rate_pct' and aim = 'rate'

),

area_with_list as (

    select * from {{ ref('int_area_with_list') }}

),

bases as (

    select
        touched_period.period_month,
        touched_period.period_end,
        standard.standard_id,
        'computed' as basis
    from touched_period
    cross join standard

    union all

    select
        touched_period.period_month,
        touched_period.period_end,
        standard.standard_id,
        'legal' as basis
    from touched_period
    inner join standard
        on touched_period.period_end between standard.valid_from and standard.valid_to

),

-- Recognised households without a review count in the legal basis only.
classed as (

    select
        tally.*,
        'computed' as basis,
        tally.computed_class as class
    from tally
    where tally.is_reviewed

    union all

    select
        tally.*,
        'legal' as basis,
        case
            when tally.legal_class = 'none' then 'other'
            else coalesce(tally.legal_class, 'undetermined')
        end as class
    from tally

),

counted as (

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        basis,
        sum(case when is_reviewed then households end) as reviewed_households,
        sum(case when is_reviewed then persons end) as reviewed_persons,
        {% for class in ['poor', 'near_poor', 'average'] -%}
            sum(case when class = '{{ class }}' then households end) as {{ class }}_households,
        {% endfor -%}
        sum(case when class = 'other' and is_reviewed then households end) as other_households,
        sum(case when class = 'undetermined' and is_reviewed then households end) as undetermined_households,
        sum(case when class = 'poor' then persons end) as poor_persons,
        sum(case when class = 'near_poor' then persons end) as near_poor_persons,
        sum(case when class = 'poor' and is_minority then households end) as minority_poor_households
    from classed
    group by period_month, area_level, area_code, standard_id, basis

),

-- Every area has its row, also where nobody is under review.
complete as (

    select
        residents.period_month,
        residents.area_level,
        residents.area_code,
        bases.standard_id,
        bases.basis,
        bases.period_end,
        residents.households,
        residents.persons,
        residents.minority_households,
        {% for count in [
            'reviewed_households', 'reviewed_persons', 'average_households', 'other_households',
            'undetermined_households'
        ] -%}
            cast(coalesce(counted.{{ count }}, 0) as bigint) as {{ count }},
        {% endfor %}
        {% for count in [
            'poor_households', 'near_poor_households', 'poor_persons', 'near_poor_persons',
            'minority_poor_households'
        ] -%}
        -- Where no commune has ever sent a list, nobody knows how many households are recognised.
        case
            when bases.basis = 'computed' or area_with_list.area_code is not null
                then cast(coalesce(counted.{{ count }}, 0) as bigint)
        end as {{ count }}{{ ',' if not loop.last }}
    {% endfor %}
    from residents
    inner join bases
        on residents.period_month = bases.period_month
    left join area_with_list
        on
            residents.period_month = area_with_list.period_month
            and residents.area_level = area_with_list.area_level
            and residents.area_code = area_with_list.area_code
    left join counted
        on
            residents.period_month = counted.period_month
            and residents.area_level = counted.area_level
            and residents.area_code = counted.area_code
            and bases.standard_id = counted.standard_id
            and bases.basis = counted.basis

),

final as (

    select
        complete.period_month,
        complete.area_level,
        complete.area_code,
        complete.standard_id,
        complete.basis,
        complete.households,
        complete.persons,
        complete.reviewed_households,
        complete.reviewed_persons,
        complete.poor_households,
        complete.near_poor_households,
        complete.average_households,
        complete.other_households,
        complete.undetermined_households,
        complete.poor_persons,
        complete.near_poor_persons,
        complete.minority_households,
        complete.minority_poor_households,
        {{ pct('complete.poor_households', 'complete.households') }} as poor_rate_pct,
        {{ pct('complete.near_poor_households', 'complete.households') }} as near_poor_rate_pct,
        {{ pct('complete.poor_households + complete.near_poor_households', 'complete.households') }}
            as multidimensional_rate_pct,
        {{ pct('complete.minority_poor_households', 'complete.minority_households') }}
            as minority_poor_rate_pct,
        target.target as target_rate_pct,
        {{ pct(
            'complete.reviewed_households - complete.undetermined_households',
            'complete.reviewed_households'
        ) }}
            as coverage_pct
    from complete
    left join target
        on
            complete.area_level = target.area_level
            and complete.area_code = target.area_code
            and complete.standard_id = target.standard_id
            and complete.period_end between target.valid_from and target.valid_to

)

select * from final
