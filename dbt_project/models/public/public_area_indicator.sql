-- grain: one row per month, area, standard, unit, k and indicator; k = 1 to 6 in the city, 3 alone below it
{% set of_all = 'over (partition by period_month, area_level, area_code, standard_id, unit, k)' -%}
{% set all_exact = 'sum(exact_poor_deprived_units) ' ~ of_all -%}
{% set share = fraction(all_exact, 12) ~ ' / nullif(exact_poor_units, 0)' -%}
{# All that the poor lack. Where a withheld count may be large, the total that the area's intensity gives. #}
{% set all_lacks -%}
    case
        when count(poor_deprived_units) {{ of_all }} = count(*) {{ of_all }}
            then sum(poor_deprived_units) {{ of_all }}
        when area_level not in ('commune', 'commune_then') then 12 * {{ weighted(share, 'poor_units') }}
        when area_level = 'commune' and bool_and(
            poor_deprived_units is not null or exact_poor_deprived_units < suppress_below
        ) {{ of_all }} then sum(coalesce(poor_deprived_units, round_to)) {{ of_all }}
    end
{%- endset -%}
with

protected as (

{{ public_rows(
    'area_indicator',
    measures={
        'uncensored_headcount': fraction('deprived_units', 'units'),
        'censored_headcount': fraction('poor_deprived_units', 'units'),
        'contribution_pct': pct('poor_deprived_units', all_lacks),
        'unknown_share': fraction('unknown_units', 'units')
    }
) }}

),

-- Judged for k = 4 too, since area_mpi shows the poor of communes for it. Who lacks nearly all lacks each:
-- the number of the few at a high k would show.
final as (

    select * from protected
    where area_level = 'city' or k = 3

)

select * from final
