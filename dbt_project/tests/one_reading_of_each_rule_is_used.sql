{{ config(meta={'dagster': {'ref': {'name': 'reading'}}}) }}
-- One row per reading in use that another one in use contradicts, or that the income lines do not follow; and
-- per unsettled rule of which no reading is in use.
with

reading as (

    select * from {{ ref('reading') }}

),

income_line as (

    select * from {{ ref('income_line') }}

),

contradicted as (

    select reading.reading_id
    from reading
    inner join reading as other
        on
            reading.standard_id = other.standard_id
            and reading.subject = other.subject
            and reading.reading_id <> other.reading_id
            and reading.valid_from <= other.valid_to
            and reading.valid_to >= other.valid_from
    where reading.is_used and other.is_used

    union all

    select reading.reading_id
    from reading
    inner join income_line
        on reading.standard_id = income_line.standard_id
    where
        reading.is_used
        and reading.subject = 'income'
        and income_line.line_vnd
        <> case income_line.area_type when 'rural' then reading.rural_line_vnd else reading.urban_line_vnd end

    union all

    select standard_id || ' ' || subject as reading_id
    from reading
    group by standard_id, subject
    having count(*) filter (where is_used) = 0

)

select * from contradicted
