-- grain: one row per month and commune of today and unit
{% set counts = [] -%}
{% set sums = [] -%}
{% for class in ['poor', 'near_poor'] -%}
    {% set peoples = [] -%}
    {% for number in range(1, 55) %}{% do peoples.append(class ~ '_ethnic_%02d' % number) %}{% endfor -%}
    {% set total, minorities, unknown = class ~ '_total', class ~ '_minorities', class ~ '_ethnic_unknown' -%}
    {% do counts.extend([total, minorities, unknown] + peoples) -%}
    {% set rest, among = peoples[:1], [minorities, unknown] -%}
    {% do sums.append({'whole': total, 'rest': rest, 'among': among, 'alone': true}) -%}
    {% do sums.append({'whole': minorities, 'all': peoples[1:]}) -%}
{% endfor -%}
{{ protect(
    'official_report_9',
    keys=['period_month', 'commune_code', 'standard_id', 'unit'],
    counts=counts,
    within=['period_month', 'commune_code', 'standard_id'],
    sums=sums
) }}
