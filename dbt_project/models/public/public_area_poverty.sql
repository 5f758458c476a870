-- grain: one row per month, area, standard and basis
{# Rounded apart, the part can exceed the whole; greatest() would make nothing known of what is withheld. #}
{% set determined -%}
    case when undetermined_households > reviewed_households then 0
        else reviewed_households - undetermined_households end
{%- endset -%}
{{ protect(
    'area_poverty',
    keys=['period_month', 'area_level', 'area_code', 'standard_id', 'basis'],
    open=[
        'households', 'persons', 'target_rate_pct', 'communes_counted', 'communes_total', 'households_counted',
        'oldest_list_month', 'newest_list_month'
    ],
    counts=[
        'reviewed_households', 'reviewed_persons', 'poor_households', 'near_poor_households', 'average_households',
        'other_households', 'undetermined_households', 'poor_persons', 'near_poor_persons', 'minority_households',
        'minority_poor_households'
    ],
    measures={
        'poor_rate_pct': on_whole_ground('poor_households', 'poor_rate_pct'),
        'near_poor_rate_pct': on_whole_ground('near_poor_households', 'near_poor_rate_pct'),
        'multidimensional_rate_pct': 'case when ' ~ on_whole_ground('poor_households', 'poor_rate_pct') ~ ' is not null and '
        ~ on_whole_ground('near_poor_households', 'near_poor_rate_pct') ~ ' is not null then '
        ~ pct('poor_households + near_poor_households', 'households_counted') ~ ' end',
        'reviewed_share_pct': on_whole_ground('reviewed_households', 'reviewed_share_pct'),
        'minority_poor_rate_pct': pct('minority_poor_households', 'minority_households'),
        'coverage_pct': pct(determined, 'reviewed_households')
    },
    sums=[
        {
            'whole': 'reviewed_households',
            'parts': ['poor_households', 'near_poor_households', 'average_households', 'undetermined_households'],
            'rest': ['other_households'],
            'apart': "basis = 'legal'"
        },
        {'whole': 'reviewed_persons', 'parts': ['poor_persons', 'near_poor_persons'], 'apart': "basis = 'legal'"},
        {'whole': 'reviewed_households', 'few': ['poor_persons', 'near_poor_persons'], 'apart': "basis = 'legal'"}
    ]
) }}
