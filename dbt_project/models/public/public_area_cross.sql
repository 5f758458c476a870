-- grain: one row per month, area above the communes, standard, below_income_line and three_or_more
with

-- Where the unknowns decide, the class is undetermined: area_poverty shows how many.
protected as (

    {{ public_rows('area_cross') }}

),

-- Below the line with both answers known is poor and near-poor, which area_poverty shows or withholds.
poverty as (

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        true as below_income_line,
        true as three_or_more,
        poor_households as reviewed_households,
        poor_persons as reviewed_persons
    from {{ ref('public_area_poverty') }}
    where basis = 'computed'

    union all

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        true as below_income_line,
        false as three_or_more,
        near_poor_households as reviewed_households,
        near_poor_persons as reviewed_persons
    from {{ ref('public_area_poverty') }}
    where basis = 'computed'

),

shown as (

    select
        protected.period_month,
        protected.area_level,
        protected.area_code,
        protected.standard_id,
        protected.below_income_line,
        protected.three_or_more,
        case
            when poverty.area_code is null then protected.reviewed_households
            else poverty.reviewed_households
        end
            as reviewed_households,
        case when poverty.area_code is null then protected.reviewed_persons else poverty.reviewed_persons end
            as reviewed_persons
    from protected
    left join poverty
        on
            protected.period_month = poverty.period_month
            and protected.area_level = poverty.area_level
            and protected.area_code = poverty.area_code
            and protected.standard_id = poverty.standard_id
            and protected.below_income_line = poverty.below_income_line
            and protected.three_or_more = poverty.three_or_more

),

-- What is undetermined is few: its parts are shown in all areas or in none.
with_unknown as (

    select
        shown.*,
        below_income_line is null or (below_income_line and three_or_more is null) as is_undetermined
    from shown

),

judged as (

    select
        period_month,
        area_level,
        area_code,
        standard_id,
        below_income_line,
        three_or_more,
        case when not is_gone then reviewed_households end as reviewed_households,
        case when not is_gone then reviewed_persons end as reviewed_persons
    from (
        select
            with_unknown.*,
            is_undetermined and bool_or(reviewed_households is null or reviewed_persons is null) over (
                partition by period_month, standard_id, is_undetermined
            ) as is_gone
        from with_unknown
    ) as with_others

),

final as (

    select
        judged.*,
        nullif(
            concat_ws(
                ', ',
                case when reviewed_households is null then 'reviewed_households' end,
                case when reviewed_persons is null then 'reviewed_persons' end
            ),
            ''
        ) as protected_columns
    from judged

)

select * from final
