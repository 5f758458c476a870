{#
    The months this build replaces, as a condition on `column`; true when it replaces all.
    Only touched_period and forget_touched_months ask; every other model joins touched_period.
#}
{% macro is_touched(column) -%}
    {%- if var('months') -%}
        {{ column }} in ({% for month in var('months') %}date '{{ month }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{#
    Pre-hook of facts and marts: takes the touched months out, so that the model can append them anew. In contrast
    to delete+insert a month whose rows have all vanished goes too. The hook and the model share one transaction.
#}
{% macro forget_touched_months() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ is_touched('period_month') }}
    {%- endif -%}
{%- endmacro %}
