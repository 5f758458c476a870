{#
    dbt-duckdb's macro of this name for the tables of this project, with one thing added: a table that keeps months is
    written month by month, and commune by commune where it has them. A build of one month then reads the row groups of
    that month, and one of some communes few of these; written as they come, every row group has rows of all months,
    and a build of one took twice as long after 25 of them.
#}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- set order = ['period_month', 'commune_code'] | select('in', get_columns_in_query(compiled_code)) | list -%}
    create {% if temporary %}temporary {% endif %}table
    {{ relation.include(database=(not temporary), schema=(not temporary)) }} as (
        select * from (
            {{ compiled_code }}
        ) as built
        {% if 'period_month' in order and config.get('materialized') == 'incremental' %}order by {{ order | join(', ') }}{% endif %}
    );
{%- endmacro %}
