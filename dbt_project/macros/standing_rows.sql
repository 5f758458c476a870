{#
    The rows of a feed that count: of each commune's newest delivery of the month, with supplements added; of rows with
    one key the newest. A key can come twice only where more than one delivery counts (`is_shared`): those few rows are
    compared, the many stream by. Every relation is named once per branch: DuckDB keeps a CTE that is used twice, and
    reads all its columns.
    For staging models only, as their whole body; `key` lists the contract's key columns as raw has them. A view reads
    the files at each question; an incremental model keeps what it read and reads those of months in scope again, which
    pays for feeds that come in thousands of small files.
#}
{% macro standing_rows(feed, key) -%}
{%- set is_shared = 'is_shared_in_commune' if 'commune_code' in key else 'is_shared_in_month' -%}
with

from_one_delivery as (

    select
        sent.*,
        standing_delivery.seq
    from {{ raw_files(feed) }} as sent
    inner join {{ ref('stg_standing_delivery') }} as standing_delivery
        on
            sent.delivery_id = standing_delivery.delivery_id
            and coalesce(sent.commune_code_then, '') = standing_delivery.commune_code_then
    where
        standing_delivery.feed = '{{ feed }}'
        and not standing_delivery.{{ is_shared }}

),

from_several as (

    select
        sent.*,
        standing_delivery.seq
    from {{ raw_files(feed) }} as sent
    inner join {{ ref('stg_standing_delivery') }} as standing_delivery
        on
            sent.delivery_id = standing_delivery.delivery_id
            and coalesce(sent.commune_code_then, '') = standing_delivery.commune_code_then
    where
        standing_delivery.feed = '{{ feed }}'
        and standing_delivery.{{ is_shared }}
    qualify row_number() over (
        partition by sent.period_month, sent.{{ key | join(', sent.') }}
        order by standing_delivery.seq desc
    ) = 1

),

final as (

    select * from from_one_delivery
    union all
    select * from from_several

)

select * from final
{%- endmacro %}


{# The accepted rows of a feed as files: all of them, or for an incremental model those of the months in scope. #}
{% macro raw_files(feed) -%}
    {%- set files = source('raw', feed | replace('/', '__')) | string -%}
    {%- if is_incremental() -%}
        {%- set before, everything, after = files.split("'")[:3] -%}
        {%- set folder, names = everything.split('/**/') -%}
        {{ before }}list_transform(
            getvariable('months'), lambda one: '{{ folder }}/month=' || strftime(one, '%Y-%m') || '/{{ names }}'
        ){{ after }}
    {%- else -%}
        {{ files }}
    {%- endif -%}
{%- endmacro %}
