-- grain: one row per month, commune of today and standard of the lists and unit
{% set groups = ['total'] -%}
{% for number in range(1, 9) %}{% do groups.append('cause_' ~ number) %}{% endfor -%}
{{ form_of_groups(groups + ['cause_unknown']) }}
