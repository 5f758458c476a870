-- grain: one row per month and commune of today and unit
{% set counts = [] -%}
{% for class in ['poor', 'near_poor'] -%}
    {% do counts.append(class ~ '_total') -%}
    {% do counts.append(class ~ '_minorities') -%}
    {% for number in range(1, 55) -%}
        {% do counts.append(class ~ '_ethnic_%02d' % number) -%}
    {% endfor -%}
    {% do counts.append(class ~ '_ethnic_unknown') -%}
{% endfor -%}
{{ protect(
    'official_report_9',
    keys=['period_month', 'commune_code', 'unit'],
    counts=counts
) }}
