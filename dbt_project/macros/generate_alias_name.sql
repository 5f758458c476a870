{#
    A model of the public schema bears the name of the mart it protects; models need names of their own, so its file is
    called public_<mart>.
#}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name -%}
        {{ custom_alias_name | trim }}
    {%- elif node.config.schema == 'public' -%}
        {{ node.name | replace('public_', '', 1) }}
    {%- else -%}
        {{ node.name }}
    {%- endif -%}
{%- endmacro %}
