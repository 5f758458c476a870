-- grain: one row per month and commune of today and unit
{% set counts = [] -%}
{% set sums = [] -%}
{% for class in ['poor', 'near_poor'] -%}
    {% set groups = [class ~ '_minority', class ~ '_no_working_capacity', class ~ '_with_merit'] -%}
    {% set rest = [class ~ '_in_no_group', class ~ '_counted_again'] -%}
    {% do counts.extend([class ~ '_total'] + groups + rest) -%}
    {% do sums.append({'whole': class ~ '_total', 'rest': rest, 'among': groups}) -%}
{% endfor -%}
{{ protect(
    'official_report_8',
    keys=['period_month', 'commune_code', 'standard_id', 'unit'],
    counts=counts,
    within=['period_month', 'commune_code', 'standard_id'],
    sums=sums
) }}
