{# The keys of tables, as their unique_grain tests state them: what `dim_key` lists. #}


{# The keys of facts and marts: one row per table and column; a row of nothing while dbt only parses. #}
{% macro key_columns() -%}
    {%- set rows, listed = [], [] -%}
    {%- for test in (graph.nodes.values() if execute else []) | selectattr('resource_type', 'eq', 'test')
        | selectattr('test_metadata') | sort(attribute='unique_id') -%}
        {%- set table = graph.nodes[test.attached_node] if test.test_metadata.name == 'unique_grain' else {} -%}
        {#- A second key of a table is a test and not how it is joined. -#}
        {%- if table.schema in ('facts', 'marts') and table.name not in listed -%}
            {%- do listed.append(table.name) -%}
            {%- for column in test.test_metadata.kwargs['columns'] -%}
                {%- do rows.append("('%s', '%s', %d, '%s')" % (table.schema, table.name, loop.index, column)) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
select * from (
    values
    {{ rows | sort | join(',\n    ') if rows else "(null, null, null, null)" }}
) as listed (table_schema, table_name, column_position, column_name)
{%- endmacro %}


{# The names of public tables, quoted. #}
{% macro public_tables() -%}
    {%- set names = [] -%}
    {%- for model in (graph.nodes.values() if execute else []) | selectattr('schema', 'eq', 'public') -%}
        {%- do names.append("'%s'" % model.alias) -%}
    {%- endfor -%}
    {{ names | sort | join(', ') if names else 'null' }}
{%- endmacro %}
