-- grain: one row per month, area, standard and basis (legal: as listed, for the standard in force and those
-- of other lists in force; computed)
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

residents as (

    select * from {{ ref('int_area_residents') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

tally as (

    select * from {{ ref('commune_household_tally') }}
    where {{ month_in_scope('period_month') }}

),

ground as (

    select * from {{ ref('int_commune_ground') }}

),

commune_month as (

    select * from {{ ref('int_commune_month') }}

),

standard as (

    select * from {{ ref('standard') }}

),

legal_standard as (

    select * from {{ ref('int_legal_standard') }}

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
        period_in_scope.period_month,
        period_in_scope.period_end,
        standard.standard_id,
        'computed' as basis
    from period_in_scope
    cross join standard

    union all

    select
        period_in_scope.period_month,
        period_in_scope.period_end,
        legal_standard.standard_id,
        'legal' as basis
    from period_in_scope
    inner join legal_standard
        on period_in_scope.period_month = legal_standard.period_month

),

-- Recognised households without a review count in the legal basis only, and there persons are rows of the
-- list.
classed as (

    select
        tally.*,
        'computed' as basis,
        tally.computed_class as class,
        tally.persons as class_persons
    from tally
    where tally.is_reviewed

    union all

    select
        tally.*,
        'legal' as basis,
        -- Of whom no list under the standard could speak, no class is counted.
        case when tally.legal_class = 'none' then 'other' else tally.legal_class end as class,
        tally.listed_persons as class_persons
    from tally

),

grounded as (

    select
        classed.*,
        ground.commune_code is not null as is_counted
    from classed
    left join ground
        on
            classed.period_month = ground.period_month
            and classed.commune_code = ground.commune_code
            and classed.commune_code_then = ground.commune_code_then
            and classed.standard_id = ground.standard_id
            and classed.basis = ground.basis

),

counted as (

    select
        grounded.period_month,
        place_area.area_level,
        place_area.area_code,
        grounded.standard_id,
        grounded.basis,
        sum(case when is_reviewed then households end) as reviewed_households,
        sum(case when is_reviewed then persons end) as reviewed_persons,
        {% for class in ['poor', 'near_poor', 'average'] -%}
            sum(case when class = '{{ class }}' then households end) as {{ class }}_households,
        {% endfor -%}
        sum(case when class = 'other' and is_reviewed then households end) as other_households,
        sum(case when class = 'undetermined' and is_reviewed then households end) as undetermined_households,
        sum(case when class = 'poor' then class_persons end) as poor_persons,
        sum(case when class = 'near_poor' then class_persons end) as near_poor_persons,
        sum(case when class = 'poor' and is_minority then households end) as minority_poor_households,
        -- What can be set against residents.
        coalesce(sum(case when is_counted and class = 'poor' then households end), 0) as poor_counted,
        coalesce(sum(case when is_counted and class = 'near_poor' then households end), 0)
            as near_poor_counted,
        coalesce(sum(case when is_counted and class = 'poor' and is_minority then households end), 0)
            as minority_poor_counted,
        coalesce(sum(case when is_counted and is_reviewed then households end), 0) as reviewed_counted
    from grounded
    inner join place_area
        on
            grounded.period_month = place_area.period_month
            and grounded.commune_code = place_area.commune_code
            and grounded.commune_code_then = place_area.commune_code_then
            and grounded.area_type = place_area.area_type
    group by
        grounded.period_month,
        place_area.area_level,
        place_area.area_code,
        grounded.standard_id,
        grounded.basis

),

ground_of_area as (

    select
        ground.period_month,
        place_area.area_level,
        place_area.area_code,
        ground.standard_id,
        ground.basis,
        count(distinct ground.commune_code) as communes_counted,
        cast(sum(ground.households) as bigint) as households_counted,
        cast(sum(ground.minority_households) as bigint) as minority_households_counted
    from ground
    inner join place_area
        on
            ground.period_month = place_area.period_month
            and ground.commune_code = place_area.commune_code
            and ground.commune_code_then = place_area.commune_code_then
            and ground.area_type = place_area.area_type
    group by
        ground.period_month,
        place_area.area_level,
        place_area.area_code,
        ground.standard_id,
        ground.basis

),

communes_of_area as (

    select
        place_area.period_month,
        place_area.area_level,
        place_area.area_code,
        count(distinct place_area.commune_code) as communes_total
    from place_area
    inner join commune_month
        on
            place_area.period_month = commune_month.period_month
            and place_area.commune_code = commune_month.commune_code
            and place_area.area_type = commune_month.default_area_type
    where place_area.commune_code <> ''
    group by place_area.period_month, place_area.area_level, place_area.area_code

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
        cast(coalesce(counted.reviewed_households, 0) as bigint) as reviewed_households,
        cast(coalesce(counted.reviewed_persons, 0) as bigint) as reviewed_persons,
        -- Where no list was made under the standard, nobody knows how many households are recognised; where
        -- nobody was reviewed, how many there would be.
        case
            when bases.basis = 'legal' then area_with_list.area_code is not null
            else coalesce(counted.reviewed_households, 0) > 0
        end as is_known,
        {% for count in [
            'poor_households', 'near_poor_households', 'average_households', 'other_households',
            'undetermined_households', 'poor_persons', 'near_poor_persons', 'minority_poor_households'
        ] -%}
            case when is_known then cast(coalesce(counted.{{ count }}, 0) as bigint) end as {{ count }},
        {% endfor -%}
        coalesce(counted.poor_counted, 0) as poor_counted,
        coalesce(counted.near_poor_counted, 0) as near_poor_counted,
        coalesce(counted.minority_poor_counted, 0) as minority_poor_counted,
        coalesce(counted.reviewed_counted, 0) as reviewed_counted,
        coalesce(ground_of_area.communes_counted, 0) as communes_counted,
        communes_of_area.communes_total,
        ground_of_area.households_counted,
        ground_of_area.minority_households_counted,
        case when bases.basis = 'legal' then area_with_list.oldest_list_month end as oldest_list_month,
        case when bases.basis = 'legal' then area_with_list.newest_list_month end as newest_list_month
    from residents
    inner join bases
        on residents.period_month = bases.period_month
    left join communes_of_area
        on
            residents.period_month = communes_of_area.period_month
            and residents.area_level = communes_of_area.area_level
            and residents.area_code = communes_of_area.area_code
    left join area_with_list
        on
            residents.period_month = area_with_list.period_month
            and residents.area_level = area_with_list.area_level
            and residents.area_code = area_with_list.area_code
            and bases.standard_id = area_with_list.standard_id
    left join ground_of_area
        on
            residents.period_month = ground_of_area.period_month
            and residents.area_level = ground_of_area.area_level
            and residents.area_code = ground_of_area.area_code
            and bases.standard_id = ground_of_area.standard_id
            and bases.basis = ground_of_area.basis
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
        complete.communes_counted,
        complete.communes_total,
        complete.households_counted,
        complete.oldest_list_month,
        complete.newest_list_month,
        {{ pct('complete.poor_counted', 'complete.households_counted') }} as poor_rate_pct,
        {{ pct('complete.near_poor_counted', 'complete.households_counted') }} as near_poor_rate_pct,
        {{ pct('complete.poor_counted + complete.near_poor_counted', 'complete.households_counted') }}
            as multidimensional_rate_pct,
        {{ pct('complete.minority_poor_counted', 'complete.minority_households_counted') }}
            as minority_poor_rate_pct,
        case
            when complete.basis = 'computed'
                then {{ pct('complete.reviewed_counted', 'complete.households_counted') }}
        end as reviewed_share_pct,
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
