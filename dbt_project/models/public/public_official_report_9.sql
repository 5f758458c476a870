-- grain: one row per month and commune of today and unit
{% set counts = [] -%}
{% set sums = [] -%}
{% for class in ['poor', 'near_poor'] -%}
    {% set groups = [class ~ '_ethnic_unknown'] -%}
    {% for number in range(1, 55) %}{% do groups.append(class ~ '_ethnic_%02d' % number) %}{% endfor -%}
    {% do counts.extend([class ~ '_total', class ~ '_minorities'] + groups) -%}
    {% do sums.append({'whole': class ~ '_total', 'rest': groups}) -%}
{% endfor -%}
{{ protect(
    'official_report_9',
    keys=['period_month', 'commune_code', 'unit'],
    counts=counts,
    within=['period_month', 'commune_code'],
    sums=sums
) }}
