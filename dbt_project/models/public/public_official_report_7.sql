-- grain: one row per month and commune of today
with

counted as (

    select * from {{ ref('public_official_report_6') }}

),

final as (

    select
        counted.period_month,
        counted.commune_code,
        counted.standard_id,
        counted.households,
        counted.deprivations,
        {% for number in range(1, 13) -%}
            {%- set indicator = 'indicator_%02d' % number -%}
            {{ pct('counted.' ~ indicator, 'counted.households') }} as {{ indicator }}_pct,
        {% endfor -%}
        counted.protected_columns
    from counted
    inner join {{ ref('touched_period') }} as touched_period
        on counted.period_month = touched_period.period_month

)

select * from final
