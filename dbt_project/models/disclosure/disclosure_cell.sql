-- grain: one row per number, month of the build and area that a public row knows
with

cell as (

    select * from {{ ref('disclosure_value') }}

),

bound_number as (

    select
        number_id,
        goes_with_id
    from {{ ref('disclosure_number') }}
    where is_bound

),

-- Of these few units are not counted, and the whole beside it would show them.
counts_nearly_all as (

    select distinct
        cell.number_id,
        cell.period_month,
        cell.area_level,
        cell.area_code
    from {{ ref('disclosure_sum_member') }} as counted
    inner join {{ ref('disclosure_sum_member') }} as whole
        on counted.addends_id = whole.addends_id and whole.role = 'whole'
    inner join cell
        on counted.number_id = cell.number_id and cell.value >= cell.suppress_below
    inner join cell as whole_cell
        on
            whole.number_id = whole_cell.number_id
            and cell.period_month = whole_cell.period_month
            and cell.area_level = whole_cell.area_level
            and cell.area_code = whole_cell.area_code
    where counted.role = 'within' and whole_cell.value - cell.value between 1 and cell.suppress_below - 1

),

bounds_few as (

    select * from {{ ref('disclosure_inside') }}

),

final as (

    select
        cell.number_id,
        coalesce(bound_number.goes_with_id, cell.number_id) as goes_with_id,
        cell.period_month,
        cell.area_level,
        cell.area_code,
        cell.value,
        cell.value between 1 and cell.suppress_below - 1
        or counts_nearly_all.number_id is not null
        or bounds_few.number_id is not null
        or bound_number.number_id is not null
        and coalesce(cell.least_bound < cell.suppress_below, false) as is_small,
        cell.suppress_below,
        cell.round_to
    from cell
    left join bound_number
        on cell.number_id = bound_number.number_id
    left join counts_nearly_all
        on
            cell.number_id = counts_nearly_all.number_id
            and cell.period_month = counts_nearly_all.period_month
            and cell.area_level = counts_nearly_all.area_level
            and cell.area_code = counts_nearly_all.area_code
    left join bounds_few
        on
            cell.number_id = bounds_few.number_id
            and cell.period_month = bounds_few.period_month
            and cell.area_level = bounds_few.area_level
            and cell.area_code = bounds_few.area_code

)

select * from final
