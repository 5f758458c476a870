{# Fails for every combination of `columns` that stands more than once; null is a value like any other. #}
{% test unique_grain(model, columns) %}

    select
        {{ columns | join(', ') }},
        count(*) as times
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1

{% endtest %}


{# Fails for every row of which `that` is not true; say in it what may be null. #}
{% test holds(model, that) %}

    select *
    from {{ model }}
    where not coalesce({{ that }}, false)

{% endtest %}
