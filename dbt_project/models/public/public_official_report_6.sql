-- grain: one row per month and commune of today
{% set indicators = [] -%}
{% for number in range(1, 13) %}{% do indicators.append('indicator_%02d' % number) %}{% endfor -%}
{{ protect(
    'official_report_6',
    keys=['period_month', 'commune_code'],
    open=['standard_id'],
    counts=['households', 'deprivations'] + indicators,
    sums=[{'whole': 'households', 'rest': ['deprivations'], 'among': indicators}]
) }}
