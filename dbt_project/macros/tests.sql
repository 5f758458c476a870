{# Fails for every combination of `columns` that stands more than once, or lacks a column that is not `nullable`. #}
{% test unique_grain(model, columns, nullable=[]) %}

    select
        {{ columns | join(', ') }},
        count(*) as times
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {%- for column in columns if column not in nullable %}
        or {{ column }} is null
        {%- endfor %}

{% endtest %}


{# Fails for every row of which `that` is not true; say in it what may be null. #}
{% test holds(model, that) %}

    select *
    from {{ model }}
    where not coalesce({{ that }}, false)

{% endtest %}
