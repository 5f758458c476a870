-- grain: one row per month, area, standard, unit, weights and group
{% set kind = [
    'period_month', 'area_level', 'area_code', 'standard_id', 'unit', 'weights', 'k', 'group_kind'
] -%}
{% set weight = weighted('exact_intensity', 'poor_units') -%}
{% set share_max = 'exact_adjusted_headcount_max * exact_units / nullif(exact_poor_units_max, 0)' -%}
{% set weight_max = weighted(share_max, 'poor_units_max') -%}
{# A share of all groups: it is known only where each of them is shown. #}
{% set of_kind = 'over (partition by ' ~ kind | join(', ') ~ ')' -%}
{% set all_units -%}
    case when count(units) {{ of_kind }} = count(*) {{ of_kind }} then sum(units) {{ of_kind }} end
{%- endset -%}
{{ public_rows(
    'area_mpi_group',
    measures={
        'headcount_ratio': fraction('poor_units', 'units'),
        'headcount_ratio_min': fraction('poor_units', 'units'),
        'headcount_ratio_max': fraction('poor_units_max', 'units'),
        'intensity': fraction(weight, 'poor_units'),
        'adjusted_headcount': fraction(weight, 'units'),
        'adjusted_headcount_min': fraction(weight, 'units'),
        'adjusted_headcount_max': fraction(weight_max, 'units'),
        'population_share': fraction('units', all_units)
    }
) }}
