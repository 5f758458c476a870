{#
    The months this build replaces, as a condition on `column`; true when it replaces all. Which months stands in the
    session (`orchestration/rebuilding.py`), not in the SQL, so that models are compiled once and not for every build.
    Only touched_period asks; every other model joins touched_period.
#}
{% macro is_touched(column) -%}
    {%- if var('some_months') -%}
        list_contains(getvariable('months'), {{ column }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{# Whether a model adds to what stands: in a build of some months. Overrides dbt's own, which asks the database. #}
{% macro is_incremental() -%}
    {{ return(var('some_months') and config.get('materialized') == 'incremental') }}
{%- endmacro %}


{#
    Tests look at what this build replaced: months before it passed when they were built. Overrides dbt's own, which
    wraps the relation a generic test looks at; singular tests see every month.
#}
{% macro get_where_subquery(relation) -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute and model.attached_node -%}
    {%- if var('some_months') and tested and 'period_month' in tested.columns -%}
        (select * from {{ relation }} where {{ is_touched('period_month') }}) touched_rows
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
