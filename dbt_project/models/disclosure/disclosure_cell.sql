-- grain: one row per protected count of a mart's row that is public, for the months of the build
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

disclosure_rule as (

    select * from {{ ref('disclosure_rule') }}

),

cell as (

    {% for mart in [
        'area_cards', 'area_conflict', 'area_cross', 'area_indicator', 'area_movement', 'area_mpi', 'area_mpi_group',
        'area_poverty', 'area_programme', 'official_report_1', 'official_report_8', 'official_report_9',
        'official_report_10', 'official_report_11', 'official_report_12', 'official_report_13'
    ] -%}
    {{ cells_of(mart) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        cell.mart,
        cell.period_month,
        cell.area_level,
        cell.area_code,
        cell.keys,
        cell.row_of,
        cell.is_rest_row,
        cell.known_sum,
        cell.column_name,
        cell.column_group,
        cell.value,
        cell.value between 1 and disclosure_rule.suppress_below - 1
        or coalesce(cell.other_bound between 1 and disclosure_rule.suppress_below - 1, false) as is_small,
        disclosure_rule.suppress_below,
        disclosure_rule.round_to
    from cell
    inner join touched_period
        on cell.period_month = touched_period.period_month
    inner join disclosure_rule
        on cell.period_month between disclosure_rule.valid_from and disclosure_rule.valid_to

)

select * from final
