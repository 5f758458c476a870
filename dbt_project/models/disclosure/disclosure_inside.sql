-- grain: one row per number inside a part of a sum, month of the build and area, where it would bound a few
with

cell as (

    select * from {{ ref('disclosure_value') }}

),

-- A part is at least as large as the count inside it. So another part is at most what the whole leaves over.
inside_part as (

    select
        inside_cell.number_id,
        inside.addends_id,
        inside_number.column_name,
        inside_cell.period_month,
        inside_cell.area_level,
        inside_cell.area_code,
        inside_cell.suppress_below,
        part_cell.value as part,
        sum(part_cell.value) over one_sum as whole,
        sum(part_cell.value) over one_sum - sum(inside_cell.value) over one_sum + inside_cell.value as room
    from {{ ref('disclosure_sum_member') }} as inside
    inner join {{ ref('disclosure_number') }} as inside_number
        on inside.number_id = inside_number.number_id
    inner join {{ ref('disclosure_number') }} as part_number
        on inside_number.row_id = part_number.row_id
    inner join {{ ref('disclosure_sum_member') }} as part
        on
            part_number.number_id = part.number_id
            and inside.addends_id = part.addends_id
            and part.role in ('part', 'rest')
    inner join cell as inside_cell
        on inside.number_id = inside_cell.number_id
    inner join cell as part_cell
        on
            part.number_id = part_cell.number_id
            and inside_cell.period_month = part_cell.period_month
            and inside_cell.area_level = part_cell.area_level
            and inside_cell.area_code = part_cell.area_code
    where inside.role = 'inside'
    window one_sum as (
        partition by
            inside.addends_id,
            inside_number.column_name,
            inside_cell.period_month,
            inside_cell.area_level,
            inside_cell.area_code
    )

),

-- Where a part is few and has no room to be more, all that is counted inside the parts goes. A small whole is
-- withheld, and leaves room.
final as (

    select
        number_id,
        period_month,
        area_level,
        area_code
    from inside_part
    where whole >= suppress_below
    qualify bool_or(part > 0 and room < suppress_below) over (
        partition by addends_id, column_name, period_month, area_level, area_code
    )

)

select * from final
