-- grain: one row per month, area, standard and basis
{# Rounded apart, the part can exceed the whole; greatest() would make nothing known of what is withheld. #}
{% set determined -%}
    case when undetermined_households > reviewed_households then 0
        else reviewed_households - undetermined_households end
{%- endset -%}
{{ public_rows(
    'area_poverty',
    measures={
        'poor_rate_pct': on_whole_ground('poor_households', 'poor_rate_pct'),
        'near_poor_rate_pct': on_whole_ground('near_poor_households', 'near_poor_rate_pct'),
        'multidimensional_rate_pct': 'case when ' ~ on_whole_ground('poor_households', 'poor_rate_pct') ~ ' is not null and '
        ~ on_whole_ground('near_poor_households', 'near_poor_rate_pct') ~ ' is not null then '
        ~ pct('poor_households + near_poor_households', 'households_counted') ~ ' end',
        'reviewed_share_pct': on_whole_ground('reviewed_households', 'reviewed_share_pct'),
        'minority_poor_rate_pct': pct('minority_poor_households', 'minority_households'),
        'coverage_pct': pct(determined, 'reviewed_households')
    }
) }}
