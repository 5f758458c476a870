-- grain: one row per month, area, standard, unit, weights and k; below the city k = 3 and 4 only
{% set weight = weighted('exact_intensity', 'poor_units') -%}
{% set share_max = 'exact_adjusted_headcount_max * exact_units / nullif(exact_poor_units_max, 0)' -%}
{% set weight_max = weighted(share_max, 'poor_units_max') -%}
{{ public_rows(
    'area_mpi',
    measures={
        'headcount_ratio': fraction('poor_units', 'units'),
        'headcount_ratio_min': fraction('poor_units', 'units'),
        'headcount_ratio_max': fraction('poor_units_max', 'units'),
        'intensity': fraction(weight, 'poor_units'),
        'adjusted_headcount': fraction(weight, 'units'),
        'adjusted_headcount_min': fraction(weight, 'units'),
        'adjusted_headcount_max': fraction(weight_max, 'units')
    }
) }}
