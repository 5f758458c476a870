-- grain: one row per public row that withholds something
with

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
        mart,
        period_month,
        area_level,
        area_code,
        keys,
        row_of,
        array_agg(column_group) as columns
    from withheld
    group by mart, period_month, area_level, area_code, keys, row_of

)

select * from final
