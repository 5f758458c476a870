-- grain: one row per month in scope and household with a review in force and a head among its members
with

member_month as (

    select * from {{ ref('int_member_month') }}

),

-- Two heads on one form: the first row stands.
final as (

    select
        period_month,
        household_key,
        min_by(sex, member_no) as sex,
        min_by(ethnicity_code, member_no) as ethnicity_code
    from member_month
    where relation = 'head'
    group by period_month, household_key

)

select * from final
