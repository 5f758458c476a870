-- grain: one row per month, commune of today and standard of the lists and unit
{% set groups = ['total', 'minorities'] -%}
{% for number in range(1, 55) %}{% do groups.append('ethnic_%02d' % number) %}{% endfor -%}
{% set minorities = '{0}.total - {0}.ethnic_01 - {0}.ethnic_unknown' -%}
{{ form_of_groups(groups + ['ethnic_unknown'], {'minorities': minorities}) }}
