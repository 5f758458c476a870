-- grain: one row per public row that withholds something, with the names of all counts that it withholds
with

disclosure_number as (

    select * from {{ ref('disclosure_number') }}

),

part as (

    select * from {{ ref('disclosure_withheld_part') }}

),

total as (

    select * from {{ ref('disclosure_withheld_total') }}

),

withheld as (

    select * from part
    union all
    select * from total

),

final as (

    select
        disclosure_number.mart,
        disclosure_number.keys,
        disclosure_number.row_of,
        withheld.period_month,
        withheld.area_level,
        withheld.area_code,
        array_sort(array_agg(disclosure_number.column_name)) as columns
    from withheld
    inner join disclosure_number
        on withheld.goes_with_id = disclosure_number.goes_with_id
    group by
        disclosure_number.mart,
        disclosure_number.keys,
        disclosure_number.row_of,
        withheld.period_month,
        withheld.area_level,
        withheld.area_code

)

select * from final
