{#
    Three-valued "any member": true once one is known, false only when every member is on file and none is unknown.
    `condition` may be null per row; `members` counts the household's persons, on file or not. Inside a group by.
#}
{% macro any_member(condition, members) -%}
    case
        when count(*) filter (where {{ condition }}) > 0 then true
        when count(*) filter (where ({{ condition }}) is null) = 0 and count(*) >= {{ members }} then false
    end
{%- endmacro %}


{# A value that holds whichever month of the birth year is meant; null where the two readings differ. #}
{% macro agreed(name) -%}
    case when {{ name }}_if_old = {{ name }}_if_young then {{ name }}_if_old end
{%- endmacro %}


{# 100 * part / whole; null for an empty whole. Both are integers until here. #}
{% macro pct(part, whole) -%}
    cast(100 * ({{ part }}) as double) / nullif({{ whole }}, 0)
{%- endmacro %}


{# part / whole as a fraction; null for an empty whole. Both are integers until here. #}
{% macro fraction(part, whole) -%}
    cast({{ part }} as double) / nullif({{ whole }}, 0)
{%- endmacro %}


{# Whether `feed` is the first to be asked about `predicate`. Inside a group by over evidence_order. #}
{% macro speaks_first(predicate, feed) -%}
    min(case when predicate = '{{ predicate }}' and feed = '{{ feed }}' then priority end)
        = min(case when predicate = '{{ predicate }}' then priority end)
{%- endmacro %}
