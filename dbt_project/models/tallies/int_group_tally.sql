-- grain: one row per month in scope, area, standard, group and pairs of scores: households and persons
-- under review
with

tally as (

    select * from {{ ref('int_tally') }}
    where is_reviewed

),

age_tally as (

    select * from {{ ref('int_age_tally') }}

),

by_household as (

    select
        tally.*,
        'ethnicity' as group_kind,
        case
            when is_minority then 'minority'
            when not is_minority then 'kinh'
            else 'unknown'
        end as group_code
    from tally

    union all

    select
        tally.*,
        'head_sex' as group_kind,
        coalesce(head_sex, 'unknown') as group_code
    from tally

),

final as (

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        group_kind,
        group_code,
        legal_score,
        legal_score_max,
        nested_score,
        nested_score_max,
        cast(sum(households) as bigint) as households,
        cast(sum(persons) as bigint) as persons
    from by_household
    group by all

    union all

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        'age_group' as group_kind,
        group_code,
        legal_score,
        legal_score_max,
        nested_score,
        nested_score_max,
        cast(null as bigint) as households,
        persons
    from age_tally

)

select * from final
