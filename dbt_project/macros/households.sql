{#
    Some builds replace one month, and of it no more than the households that a commune's forms or list can touch
    (`touched_key` finds them, `orchestration/rebuilding.py` decides when). The models are the same; those that read
    forms, lists, cards, cases or loans ask here which of them belong to it.
#}

{# Whether `column` names something touched: a 'household', a 'list entry' or a 'person'; true in any other build. #}
{% macro is_touched_key(kind, column) -%}
    {%- set touched = ref('touched_key') -%}
    {%- if var('some_households') -%}
        {{ column }} in (select touched_key.key from {{ touched }} as touched_key where touched_key.kind = '{{ kind }}')
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{# Whether `column` names a touched household, or one that stands in the place of such; true in any other build. #}
{% macro is_touched_household(column) -%}
    {{- _is_among('touched_household', column) -}}
{%- endmacro %}


{# Whether any row of `relation` with this row's `key` names something touched in `column`. #}
{% macro is_touched_by(kind, column, relation, key) -%}
    {%- set is_touched = is_touched_key(kind, column) -%}
    {%- if var('some_households') -%}
        {{ key }} in (select either.{{ key }} from {{ relation }} as either where {{ is_touched }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{# What names a household on the lists in force. Each unit numbers its households from one: those of two predecessors
   of a commune share numbers. #}
{% macro list_entry(listed) -%}
    concat_ws(
        ' ', {{ listed }}.commune_code, {{ listed }}.listed_by, {{ listed }}.list_section, {{ listed }}.household_no
    )
{%- endmacro %}


{# What persons without a usable number are compared by: within a commune, name, sex and year of birth; null when one of
   them is not known. #}
{% macro likeness(person) -%}
    {{ person }}.commune_code || ' ' || {{ person }}.linkage_key
{%- endmacro %}


{# A table of an incremental model as earlier builds left it, to be read before this one replaces rows of it. #}
{% macro as_it_stood(schema, name) -%}
    {{ target.database }}.{{ schema }}.{{ name }}
{%- endmacro %}


{# Whether a build of some households was started for this delivery; no delivery is in any other build. #}
{% macro is_sent(delivery_id) -%}
    {%- if var('some_households') -%}
        list_contains(getvariable('sent'), {{ delivery_id }})
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}


{# Whether `column` names a commune whose forms or list were sent; true in any other build. #}
{% macro is_sent_commune(column) -%}
    {{- _is_among('stg_sent_commune', column) -}}
{%- endmacro %}


{# Whether `column` names a household that the deliveries speak of themselves; true in any other build. #}
{% macro is_sent_household(column) -%}
    {{- _is_among('sent_household', column) -}}
{%- endmacro %}


{# Whether `column` names a commune in which a touched household is or was; true in any other build. #}
{% macro is_touched_commune(column) -%}
    {{- _is_among('touched_commune', column) -}}
{%- endmacro %}


{# Whether `column` is among what the model `name` lists in its column of that name; true in any other build. #}
{% macro _is_among(name, column) -%}
    {%- set listed = ref(name) -%}
    {%- if var('some_households') -%}
        {{ column }} in (select listed.{{ column.split('.')[-1] }} from {{ listed }} as listed)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
