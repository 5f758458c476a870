-- grain: one row per month, household with a review in force or on the list, and standard
with

review_month as (

    select * from {{ ref('int_review_month') }}

),

household_count as (

    select * from {{ ref('int_household_count') }}

),

household_head as (

    select * from {{ ref('int_household_head') }}

),

listed_household as (

    select * from {{ ref('listed_household') }}
    where {{ month_in_scope('period_month') }}

),

list_in_force as (

    select
        period_month,
        commune_code_then,
        max_by(standard_id, list_month) as standard_id
    from {{ ref('list_in_force') }}
    where {{ month_in_scope('period_month') }}
    group by period_month, commune_code_then

),

escape as (

    select * from {{ ref('int_escape') }}

),

standard as (

    select * from {{ ref('standard') }}

),

income_line as (

    select * from {{ ref('income_line') }}

),

ethnic_groups as (

    select * from {{ ref('ethnic_groups') }}

),

reviewed as (

    select
        review_month.period_month,
        review_month.household_key,
        household_count.standard_id,
        -- household
        review_month.commune_code,
        review_month.commune_code_then,
        review_month.household_code,
        review_month.review_year,
        review_month.area_type,
        review_month.household_size,
        review_month.household_size as persons,
        case when listed_household.is_recognised then listed_household.listed_persons end as listed_persons,
        coalesce(household_head.sex, listed_household.head_sex) as head_sex,
        coalesce(household_head.ethnicity_code, listed_household.head_ethnicity_code) as head_ethnicity_code,
        true as is_reviewed,
        -- income: measured, else the score of the form, else the score on the list
        review_month.income_per_capita_vnd,
        coalesce(review_month.score_a, listed_household.score_a) as score_a,
        case
            when review_month.income_per_capita_vnd is not null then 'income'
            when review_month.score_a is not null then 'review_score'
            when listed_household.score_a is not null then 'list_score'
        end as income_source,
        -- deprivations
        household_count.deprivation_count,
        household_count.deprivation_count_max,
        household_count.legal_score,
        household_count.legal_score_max,
        household_count.nested_score,
        household_count.nested_score_max,
        -- recognition; absent from a list that was sent means none
        case
            when listed_household.is_recognised then listed_household.legal_class
            when list_in_force.commune_code_then is not null then 'none'
        end as class_of_list,
        coalesce(listed_household.standard_id, list_in_force.standard_id) as list_standard_id
    from review_month
    inner join household_count
        on
            review_month.period_month = household_count.period_month
            and review_month.household_key = household_count.household_key
    left join household_head
        on
            review_month.period_month = household_head.period_month
            and review_month.household_key = household_head.household_key
    left join listed_household
        on
            review_month.period_month = listed_household.period_month
            and review_month.household_key = listed_household.household_key
    left join list_in_force
        on
            review_month.period_month = list_in_force.period_month
            and review_month.commune_code_then = list_in_force.commune_code_then

),

listed_only as (

    select
        listed_household.period_month,
        listed_household.household_key,
        standard.standard_id,
        listed_household.commune_code,
        listed_household.commune_code_then,
        cast(null as string) as household_code,
        cast(null as bigint) as review_year,
        listed_household.area_type,
        cast(null as bigint) as household_size,
        listed_household.listed_persons as persons,
        case when listed_household.is_recognised then listed_household.listed_persons end as listed_persons,
        listed_household.head_sex,
        listed_household.head_ethnicity_code,
        false as is_reviewed,
        cast(null as bigint) as income_per_capita_vnd,
        cast(null as decimal(18, 4)) as score_a,
        cast(null as string) as income_source,
        cast(null as bigint) as deprivation_count,
        cast(null as bigint) as deprivation_count_max,
        cast(null as bigint) as legal_score,
        cast(null as bigint) as legal_score_max,
        cast(null as bigint) as nested_score,
        cast(null as bigint) as nested_score_max,
        case
            when listed_household.is_recognised then listed_household.legal_class
            else 'none'
        end as class_of_list,
        listed_household.standard_id as list_standard_id
    from listed_household
    cross join standard
    where not listed_household.has_review and {{ commune_in_scope('listed_household.commune_code') }}

),

households as (

    select * from reviewed
    union all
    select * from listed_only

),

compared as (

    select
        households.*,
        standard.poor_from_count,
        case
            when households.income_per_capita_vnd is not null
                then households.income_per_capita_vnd <= income_line.line_vnd
            else households.score_a <= income_line.score_cutoff
        end as below_income_line,
        100 * households.income_per_capita_vnd
        <= standard.average_income_pct * income_line.line_vnd as is_average_income
    from households
    inner join standard
        on households.standard_id = standard.standard_id
    left join income_line
        on
            households.standard_id = income_line.standard_id
            and households.area_type = income_line.area_type

),

final as (

    select
        compared.period_month,
        compared.household_key,
        compared.standard_id,
        compared.commune_code,
        compared.commune_code_then,
        compared.household_code,
        compared.review_year,
        compared.area_type,
        compared.household_size,
        compared.persons,
        compared.listed_persons,
        compared.head_sex,
        compared.head_ethnicity_code,
        ethnic_groups.is_minority,
        compared.is_reviewed,
        compared.income_source,
        compared.income_per_capita_vnd,
        compared.score_a,
        compared.below_income_line,
        compared.deprivation_count,
        compared.deprivation_count_max,
        compared.legal_score,
        compared.legal_score_max,
        compared.nested_score,
        compared.nested_score_max,
        case
            when not compared.below_income_line and compared.is_average_income then 'average'
            when not compared.below_income_line then 'other'
            when
                compared.below_income_line and compared.deprivation_count >= compared.poor_from_count
                then 'poor'
            when
                compared.below_income_line and compared.deprivation_count_max < compared.poor_from_count
                then 'near_poor'
            else 'undetermined'
        end as computed_class,
        -- A class is shown under the standard of its list and no other.
        case when compared.list_standard_id = compared.standard_id then compared.class_of_list end
            as legal_class,
        compared.list_standard_id,
        escape.escaped_on,
        escape.escaped_until,
        escape.escape_is_estimated,
        escape.escape_listed_in,
        escape.escaped_from
    from compared
    left join ethnic_groups
        on compared.head_ethnicity_code = ethnic_groups.code
    left join escape
        on
            compared.period_month = escape.period_month
            and compared.household_key = escape.household_key

)

select * from final
