{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
-- grain: one row per month and person who has finished a class by then, at the newest one
with

period_in_scope as (

    select * from {{ ref('int_period_in_scope') }}

),

vocational_training as (

    select * from {{ ref('stg_labour__vocational_training') }}

),

final as (

    select
        period_in_scope.period_month,
        vocational_training.person_key,
        vocational_training.commune_code,
        vocational_training.commune_code_then,
        vocational_training.finished_on,
        vocational_training.job_after <> 'none' as has_job,
        vocational_training.finished_on >= period_in_scope.period_month as is_of_this_month
    from period_in_scope
    inner join vocational_training
        on period_in_scope.period_month >= vocational_training.period_month
    where vocational_training.finished_on <= period_in_scope.period_end
    qualify row_number() over (
        partition by period_in_scope.period_month, vocational_training.person_key
        order by
            vocational_training.finished_on desc,
            vocational_training.period_month desc,
            vocational_training.class_code asc
    ) = 1

)

select * from final
