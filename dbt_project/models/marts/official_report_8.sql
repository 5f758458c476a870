-- grain: one row per month, commune of today and standard of the lists and unit
{% set groups = [
    'total', 'minority', 'no_working_capacity', 'with_merit', 'in_no_group', 'counted_again'
] -%}
{{ form_of_groups(groups) }}
