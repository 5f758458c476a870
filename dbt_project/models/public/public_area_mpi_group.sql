-- grain: one row per month, area, standard, unit, weights and group
{{ protect(
    'area_mpi_group',
    keys=['period_month', 'area_level', 'area_code', 'standard_id', 'unit', 'weights', 'k', 'group_kind', 'group_code'],
    counts=['units', 'poor_units', 'poor_units_max'],
    measures={
        'headcount_ratio': fraction('poor_units', 'units'),
        'headcount_ratio_min': fraction('poor_units', 'units'),
        'headcount_ratio_max': fraction('poor_units_max', 'units'),
        'intensity': 'case when poor_units > 0 and units > 0 then round(exact_intensity, 3) end',
        'adjusted_headcount': 'case when poor_units >= 0 and units > 0 then round(exact_adjusted_headcount, 3) end',
        'adjusted_headcount_min': 'case when poor_units >= 0 and units > 0 then round(exact_adjusted_headcount_min, 3) end',
        'adjusted_headcount_max': 'case when poor_units_max >= 0 and units > 0 then round(exact_adjusted_headcount_max, 3) end',
        'population_share': 'case when units >= 0 then round(exact_population_share, 3) end'
    }
) }}
