{{ config(materialized='view') }}
-- grain: one row per month, household with a review in force and standard
{% set indicator_codes = [
    'EMP_JOB', 'EMP_DEP', 'HLT_NUT', 'HLT_INS', 'EDU_ADULT', 'EDU_CHILD', 'HOU_QUAL', 'HOU_AREA', 'WAT_SRC',
    'WAT_TOI', 'INF_TEL', 'INF_DEV', 'WSE_SRC', 'WSE_TOI', 'WSE_WST'
] -%}

with

household_indicator as (

    select * from {{ ref('household_indicator') }}

),

final as (

    select
        period_month,
        household_key,
        standard_id,
    {%- for code in indicator_codes %}
        bool_or(deprived) filter (where indicator_code = '{{ code }}')
            as {{ code | lower }}{{ ',' if not loop.last }}
    {%- endfor %}
    from household_indicator
    group by period_month, household_key, standard_id

)

select * from final
