{#
    The months this build replaces, as a condition on `column`; true when it replaces all. Which months stands in the
    session (`warehouse/build/incremental.py`), not in the SQL, so that models are compiled once and not for every build.
    period_in_scope asks, and every model joins it. Who reads facts that keep other months asks too, where it reads them:
    the first and last month let DuckDB pass over the rest, and the joins do not grow with the years.
#}
{% macro month_in_scope(column) -%}
    {{ month_near_scope(column) }}
    {%- if var('some_months') %} and list_contains(getvariable('months'), {{ column }}){% endif -%}
{%- endmacro %}


{#
    From so many months before the first month this build replaces to so many after the last one; those between that it
    leaves as they are included.
#}
{% macro month_near_scope(column, months_before=0, months_after=0) -%}
    {%- if var('some_months') -%}
        {%- set first, last = "list_min(getvariable('months'))", "list_max(getvariable('months'))" %}
        {{- column }} between {{ month_add(first, -months_before) if months_before else first -}}
        {{- ' and ' }}{{ month_add(last, months_after) if months_after else last -}}
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
    wraps the relation a generic test looks at; singular tests see every month where they do not ask themselves.
#}
{% macro get_where_subquery(relation) -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute and model.attached_node -%}
    {%- if var('some_months') and tested and 'period_month' in tested.columns -%}
        (select * from {{ relation }} where {{ month_in_scope('period_month') }}) rows_in_scope
    {%- elif var('some_months') and tested and 'review_year' in tested.columns -%}
        (
            select * from {{ relation }}
            where review_year between year(list_min(getvariable('months'))) and year(list_max(getvariable('months')))
        ) rows_in_scope
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}


{#
    The communes in which a build of some months replaces rows, as a condition on `column`; true in a build from
    scratch. They stand in a table of the session, to which the build adds every commune in which a row came to differ
    (`warehouse/build/incremental.py`). A model that asks here must have a commune_code, and its rows of one commune
    must follow from rows of the same commune, or from tables that are compared for the whole month.
#}
{% macro commune_in_scope(column) -%}
    {%- if var('some_months') -%}
        {{ column }} in (select scope.commune_code from temp.main.scope as scope)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
