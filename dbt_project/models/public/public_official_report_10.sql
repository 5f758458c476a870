-- grain: one row per month and commune of today and unit
{% set counts = [] -%}
{% set sums = [] -%}
{% for class in ['poor', 'near_poor'] -%}
    {% set causes = [] -%}
    {% for number in range(1, 9) %}{% do causes.append(class ~ '_cause_%d' % number) %}{% endfor -%}
    {% do counts.extend([class ~ '_total'] + causes + [class ~ '_cause_unknown']) -%}
    {% do sums.append({'whole': class ~ '_total', 'rest': [class ~ '_cause_unknown'], 'among': causes}) -%}
{% endfor -%}
{{ protect(
    'official_report_10',
    keys=['period_month', 'commune_code', 'standard_id', 'unit'],
    counts=counts,
    within=['period_month', 'commune_code', 'standard_id'],
    sums=sums
) }}
