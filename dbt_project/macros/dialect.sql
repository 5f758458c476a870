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


{# The texts of a group in their order, joined by commas. Inside a group by. #}
{% macro enumerated(text) -%}
    {{ return(adapter.dispatch('enumerated')(text)) }}
{%- endmacro %}

{% macro duckdb__enumerated(text) -%}
    string_agg({{ text }}, ', ' order by {{ text }})
{%- endmacro %}

{% macro spark__enumerated(text) -%}
    listagg({{ text }}, ', ') within group (order by {{ text }})
{%- endmacro %}


{# All columns of a relation but one. #}
{% macro all_but(relation, column) -%}
    {{ return(adapter.dispatch('all_but')(relation, column)) }}
{%- endmacro %}

{% macro duckdb__all_but(relation, column) -%}
    {{ relation }}.* exclude ({{ column }})
{%- endmacro %}

{% macro spark__all_but(relation, column) -%}
    {{ relation }}.* except ({{ column }})
{%- endmacro %}
