{{ config(materialized='view') }}
-- grain: one row per poverty standard
with

standard as (

    select * from {{ ref('standard') }}

),

income_line as (

    select * from {{ ref('income_line') }}

),

final as (

    select
        standard.standard_id,
        standard.name_vi,
        standard.name_en,
        standard.valid_from,
        standard.valid_to,
        standard.poor_from_count,
        standard.indicator_count,
        rural.line_vnd as rural_line_vnd,
        urban.line_vnd as urban_line_vnd,
        standard.legal_reference,
        standard.legal_reference_vi,
        standard.known_by
    from standard
    left join income_line as rural
        on standard.standard_id = rural.standard_id and rural.area_type = 'rural'
    left join income_line as urban
        on standard.standard_id = urban.standard_id and urban.area_type = 'urban'

)

select * from final
