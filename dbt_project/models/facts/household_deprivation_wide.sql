{{ config(materialized='view') }}
-- grain: one row per month, household with a review in force and standard
{# The columns are those that the YAML of this model describes, so that an indicator is named once. #}
{% set keys = ['period_month', 'household_key', 'standard_id'] -%}
{% set indicators = model['columns'].keys() | reject('in', keys) | list -%}

with

household_indicator as (

    select * from {{ ref('household_indicator') }}

),

final as (

    select
        period_month,
        household_key,
        standard_id,
    {%- for indicator in indicators %}
        bool_or(deprived) filter (where indicator_code = '{{ indicator | upper }}')
            as {{ indicator }}{{ ',' if not loop.last }}
    {%- endfor %}
    from household_indicator
    group by period_month, household_key, standard_id

)

select * from final
