-- grain: one row per number, month of the build and area that a public row knows
with

touched_period as (

    select * from {{ ref('touched_period') }}

),

disclosure_rule as (

    select * from {{ ref('disclosure_rule') }}

),

row_kind as (

    select distinct
        row_id,
        mart,
        without_key,
        keys,
        row_of
    from {{ ref('disclosure_number') }}

),

cell as (

    {% for mart in protected_marts() -%}
        {%- set outer, relation = loop, ref(mart) -%}
        {%- set bound = public_columns(mart).bound -%}
        {%- for counts, without, only in counts_by_key(mart) -%}
            {%- set positions = [counts.index(bound[0]) + 1, counts.index(bound[1]) + 1] if bound else [] %}
            select
                row_id + cast(substr(position, 2) as bigint) as number_id,
                row_id + cast(substr({{ "case position when 'c%d' then 'c%d' else position end" % (positions[1], positions[0]) if bound else 'position' }}, 2) as bigint)
                    as goes_with_id,
                period_month,
                cell_level as area_level,
                cell_code as area_code,
                value,
                {{ "case when position in ('c%d', 'c%d') then least_bound else nullif(value, 0) end" % (positions[0], positions[1]) if bound else 'nullif(value, 0)' }}
                    as smallest
            from (
                select
                    row_kind.row_id,
                    {% for count in counts -%}
                        cast(public_row.{{ count }} as bigint) as c{{ loop.index }},
                    {% endfor -%}
                    {% if bound -%}
                        least(nullif(public_row.{{ bound[0] }}, 0), nullif(public_row.{{ bound[1] }}, 0)) as least_bound,
                    {% endif -%}
                    public_row.period_month,
                    public_row.cell_level,
                    public_row.cell_code
                from ({{ public_rows_of(mart, without, only) }}) as public_row
                inner join row_kind
                    on
                        row_kind.mart = '{{ mart }}'
                        and row_kind.without_key = '{{ without }}'
                        and public_row.keys = row_kind.keys
                        and public_row.row_of = row_kind.row_of
            ) as counted
            unpivot (
                value for position in ({% for _ in counts %}c{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %})
            )
            {{ '' if outer.last and loop.last else 'union all' }}
        {% endfor -%}
    {%- endfor %}

),

final as (

    select
        cell.number_id,
        cell.goes_with_id,
        cell.period_month,
        cell.area_level,
        cell.area_code,
        cell.value,
        coalesce(cell.smallest < disclosure_rule.suppress_below, false) as is_small,
        disclosure_rule.suppress_below,
        disclosure_rule.round_to
    from cell
    inner join touched_period
        on cell.period_month = touched_period.period_month
    inner join disclosure_rule
        on cell.period_month between disclosure_rule.valid_from and disclosure_rule.valid_to

)

select * from final
