{#
    Which columns of a mart are public and as what, as its YAML says in `meta.public`:
    - `where`: which rows are. `keys`: grain. `open`: figures that stand as they are. `counts`: protected ones.
    - `adds_up`: what else adds up over areas, as counts do. Not what is public: a test of the marts reads it.
    - `may_lack_a_place`: of both what rows can say that name no commune. They are counted in the city alone.
    - `rows`: keys whose rows are judged together: what one says of a zero, the other must not withhold.
    - `rest_row`: which of these rows is left out beside a small one, where a count adds up over them.
    - `known_sum`: rows with the same value of this have a sum that other tables show.
    - `bound`: two counts that bound each other, and go together.
    - `once`: counts that are one number for all values of key `without`, and taken where `where` holds.
    - `measures`: what the public table computes of protected counts, and of which; a test reads it.
    - `sums`: what adds up to what and could give a withheld count away: a `name`, `because` of what, the `kind`, and
      its `columns` by role. `judged_by_row`: each row is judged for itself, and not with those that `rows` tells apart.
      `apart_row`: in this row the columns are no parts of the whole.
    Kinds and roles are explained in docs/decisions/0011-disclosure-control.md. Not here: how it is protected.
#}


{# `meta.public` of a mart; empty while dbt only parses, when it does not know the models yet. #}
{% macro public_columns(mart) -%}
    {%- set columns = {
        'keys': [], 'rows': [], 'open': [], 'counts': [], 'adds_up': [], 'may_lack_a_place': [], 'where': 'true', 'known_sum': 'null', 'rest_row': 'false',
        'bound': [], 'sums': [], 'once': {'counts': [], 'without': '', 'where': 'true'}
    } -%}
    {%- if execute %}{% do columns.update(graph.nodes['model.' ~ project_name ~ '.' ~ mart].config.meta.public) %}{% endif -%}
    {{ return(columns) }}
{%- endmacro %}


{# Marts with public counts. #}
{% macro protected_marts() -%}
    {{ return([
        'area_cards', 'area_conflict', 'area_cross', 'area_indicator', 'area_movement', 'area_mpi', 'area_mpi_group',
        'area_poverty', 'area_programme', 'official_report_1', 'official_report_8', 'official_report_9',
        'official_report_10', 'official_report_11', 'official_report_12', 'official_report_13'
    ]) }}
{%- endmacro %}


{# The columns of each sum that a mart declares: one row per sum, column and role. #}
{% macro declared_sums() -%}
{%- set rows = [] -%}
{%- for mart in protected_marts() -%}
    {%- for sum in public_columns(mart).sums -%}
        {%- for role, columns in sum['columns'].items() -%}
            {%- for column in columns -%}{%- do rows.append((mart, sum, role, column)) -%}{%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endfor -%}
select * from (
    values
    {% for mart, sum, role, column in rows -%}
    (
        '{{ sum.name }}', '{{ mart }}', '{{ sum.kind }}', {{ 'true' if sum.judged_by_row else 'false' }},
        {{ "'%s'" % sum.apart_row if sum.apart_row else 'null' }}, '{{ column }}', '{{ role }}'
    ){{ ',' if not loop.last }}
    {% endfor %}
) as listed (sum_name, mart, kind, judged_by_row, apart_row, column_name, role)
{%- endmacro %}


{# The public rows of a mart for the months of a build, with their place and their other keys as two texts. #}
{% macro public_rows_of(mart, without='', only='true') -%}
    {%- set relation, public = ref(mart), public_columns(mart) -%}
    select
        *,
        {{ 'area_level' if 'area_level' in public['keys'] else "'form'" }} as cell_level,
        {{ 'area_code' if 'area_level' in public['keys'] else 'commune_code' }} as cell_code,
        {{ shared_keys(mart, without) }} as keys,
        {{ as_text(public.rows) }} as row_of
    from {{ relation }}
    where {{ month_in_scope('period_month') }} and ({{ public.where }}) and {{ only }}
{%- endmacro %}


{# The keys, besides month and area, that rows share that are judged together; `without` one that does not matter. #}
{% macro shared_keys(mart, without='') -%}
    {%- set public = public_columns(mart) -%}
    {%- set others = ['period_month', 'area_level', 'area_code', 'commune_code', without] + public.rows -%}
    {{ as_text(public['keys'] | reject('in', others) | list) }}
{%- endmacro %}


{# Columns as one text that is never null. #}
{% macro as_text(columns) -%}
    {% for column in columns -%}
        coalesce(cast({{ column }} as string), 'unknown'){{ " || ' ' || " if not loop.last }}
    {%- else %}''{% endfor %}
{%- endmacro %}


{# The protected counts of a mart as lists that share their keys: (columns, key they do not depend on, condition). #}
{% macro counts_by_key(mart) -%}
    {%- set public = public_columns(mart) -%}
    {%- set once = public.once -%}
    {%- set lists = [(public.counts | reject('in', once.counts) | list, '', 'true')] -%}
    {%- if once.counts %}{% do lists.append((once.counts, once.without, once.where)) %}{% endif -%}
    {{ return(lists) }}
{%- endmacro %}


{# The protected counts of a mart: the key they do not depend on, and their position among those that share keys. #}
{% macro columns_of(mart) -%}
{%- set bound, relation = public_columns(mart).bound, ref(mart) -%}
select * from (
    values
    {% for counts, without, _ in counts_by_key(mart) -%}
    {%- set is_last_list = loop.last -%}
    {%- for count in counts -%}
    (
        '{{ mart }}', '{{ without }}', '{{ count }}', {{ loop.index }}, {{ 'true' if count in bound else 'false' }},
        {{ counts.index(bound[0]) + 1 if count in bound else loop.index }}
    ){{ ',' if not (is_last_list and loop.last) }}
    {% endfor %}
    {%- endfor %}
) as listed (mart, without_key, column_name, position, is_bound, goes_with_position)
{%- endmacro %}


{# The kinds of row that a mart has in any area, for the months of a build. #}
{% macro row_kinds_of(mart) -%}
{%- set public = public_columns(mart) -%}
{%- for _, without, only in counts_by_key(mart) %}
{{ 'union all' if not loop.first }}
select distinct
    '{{ mart }}' as mart,
    '{{ without }}' as without_key,
    keys,
    row_of,
    cast({{ public.known_sum }} as string) as known_sum,
    {{ public.rest_row }} as is_rest_row
from ({{ public_rows_of(mart, without, only) }}) as public_row
{%- endfor %}
{%- endmacro %}


{# The protected counts of a mart, each in a row of its own, for the months of a build. #}
{% macro cells_of(mart) -%}
{%- set bound = public_columns(mart).bound -%}
{%- for counts, without, only in counts_by_key(mart) %}
{{ 'union all' if not loop.first }}
select
    row_id + cast(substr(position, 2) as bigint) as number_id,
    period_month,
    cell_level as area_level,
    cell_code as area_code,
    value,
    least_bound
from (
    select
        row_kind.row_id,
        {% for count in counts -%}
        cast(public_row.{{ count }} as bigint) as c{{ loop.index }},
        {% endfor -%}
        {{ 'least(nullif(%s, 0), nullif(%s, 0))' % (bound[0], bound[1]) if bound else 'null' }} as least_bound,
        public_row.period_month,
        public_row.cell_level,
        public_row.cell_code
    from ({{ public_rows_of(mart, without, only) }}) as public_row
    inner join (
        select distinct
            row_id,
            keys,
            row_of
        from {{ ref('disclosure_number') }}
        where mart = '{{ mart }}' and without_key = '{{ without }}'
    ) as row_kind
        on public_row.keys = row_kind.keys and public_row.row_of = row_kind.row_of
) as counted
unpivot (value for position in ({% for _ in counts %}c{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}))
{%- endfor %}
{%- endmacro %}
