-- grain: one row per month, area, standard, unit, weights and k; below the city k = 3 and 4 only
{% set weight = weighted('exact_intensity', 'poor_units') -%}
{% set share_max = 'exact_adjusted_headcount_max * exact_units / nullif(exact_poor_units_max, 0)' -%}
{% set weight_max = weighted(share_max, 'poor_units_max') -%}
{{ protect(
    'area_mpi',
    where="area_level = 'city' or k in (3, 4)",
    keys=['period_month', 'area_level', 'area_code', 'standard_id', 'unit', 'weights', 'k'],
    counts=['units', 'poor_units', 'poor_units_max'],
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
