{# Where DuckDB and Spark speak differently. Models stay with the SQL both know and call these for the rest. #}


{# `day` moved by whole months; a day that the month lacks becomes its last. #}
{% macro month_add(day, months) -%}
    {{ return(adapter.dispatch('month_add')(day, months)) }}
{%- endmacro %}

{% macro duckdb__month_add(day, months) -%}
    cast({{ day }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{% macro spark__month_add(day, months) -%}
    add_months({{ day }}, cast({{ months }} as int))
{%- endmacro %}


{# Whole part of a division of integers, never by way of a float. #}
{% macro int_div(dividend, divisor) -%}
    {{ return(adapter.dispatch('int_div')(dividend, divisor)) }}
{%- endmacro %}

{% macro duckdb__int_div(dividend, divisor) -%}
    (({{ dividend }}) // ({{ divisor }}))
{%- endmacro %}

{% macro spark__int_div(dividend, divisor) -%}
    (({{ dividend }}) div ({{ divisor }}))
{%- endmacro %}


{# Days from one date to a later one, as an integer. #}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between')(earlier, later)) }}
{%- endmacro %}

{% macro duckdb__days_between(earlier, later) -%}
    date_diff('day', {{ earlier }}, {{ later }})
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    datediff({{ later }}, {{ earlier }})
{%- endmacro %}


{# The values of a group as a list, each once and in order; what is null is left out. #}
{% macro sorted_set(value) -%}
    {{ return(adapter.dispatch('sorted_set')(value)) }}
{%- endmacro %}

{% macro duckdb__sorted_set(value) -%}
    list_sort(list(distinct {{ value }}) filter (where {{ value }} is not null))
{%- endmacro %}

{% macro spark__sorted_set(value) -%}
    sort_array(collect_set({{ value }}))
{%- endmacro %}


{# A row for each value of a list, and one of null where it has none. #}
{% macro each_of(values) -%}
    {{ return(adapter.dispatch('each_of')(values)) }}
{%- endmacro %}

{% macro duckdb__each_of(values) -%}
    unnest(coalesce({{ values }}, [null]))
{%- endmacro %}

{% macro spark__each_of(values) -%}
    explode_outer({{ values }})
{%- endmacro %}
