{#
    Who is who, by the match key (commune, name and day of birth) where the number does not say. Decision 26 has the
    rules; `person_link` applies them.
#}


{#
    Under which match keys these feeds have carried a number, and since when. For `person_on_register` and
    `person_on_file` only, as their whole body. What earlier builds found stays: later deliveries move no first month.
#}
{% macro first_months(feeds) -%}
with

numbered as (

    {% for feed in feeds -%}
        select
            period_month,
            commune_code,
            match_key,
            person_key
        from {{ ref(feed) }}
        where person_number_plausible and match_key is not null and {{ month_in_scope('period_month') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

seen as (

    select
        match_key,
        person_key,
        max(commune_code) as commune_code,
        min(period_month) as period_month
    from numbered
    group by match_key, person_key

),

seen_before as (

    {% if var('some_months') -%}
        select
            match_key,
            person_key,
            period_month
        from {{ this }}
        where not ({{ month_in_scope('period_month') }})
    {%- else -%}
        select
            match_key,
            person_key,
            period_month
        from seen
        where false
    {%- endif %}

),

final as (

    select
        seen.period_month,
        seen.commune_code,
        seen.match_key,
        seen.person_key
    from seen
    left join seen_before
        on
            seen.match_key = seen_before.match_key
            and seen.person_key = seen_before.person_key
            and seen.period_month > seen_before.period_month
    where seen_before.person_key is null

)

select * from final
{%- endmacro %}


{# The rows of a feed, each with the key of the person it speaks of. For staging models only, as their whole body. #}
{% macro linked_rows(sent) -%}
select
    {{ all_but('sent', 'person_key') }},
    coalesce(person_link.person_key, sent.person_key) as person_key,
    person_link.person_key is not null as is_known_by_name
from {{ ref(sent) }} as sent
left join {{ ref('person_link') }} as person_link
    on
        sent.period_month = person_link.period_month
        and sent.match_key = person_link.match_key
{%- endmacro %}
