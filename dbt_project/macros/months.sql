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


{#
    Tests look at what this build replaced: months before it passed when they were built. Overrides dbt's own, which
    wraps the relation a generic test looks at; singular tests see every month.
#}
{% macro get_where_subquery(relation) -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute and model.attached_node -%}
    {%- if var('months') and tested and 'period_month' in tested.columns -%}
        (select * from {{ relation }} where {{ is_touched('period_month') }}) touched_rows
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}


{# Comments are written when a relation is made from scratch; a build of some months finds them in place. #}
{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
    {%- if not var('months') -%}
        {{ return(adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns)) }}
    {%- endif -%}
{%- endmacro %}
