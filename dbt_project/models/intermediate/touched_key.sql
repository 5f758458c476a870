-- grain: one row per household, list entry, person and commune that a build of some households touches;
-- none in any other
with recursive

sent_commune as (

    select * from {{ ref('stg_sent_commune') }}

),

review_in_force as (

    select * from {{ ref('review_in_force') }}
    where {{ is_touched('period_month') }}

),

members as ( -- noqa: ST03

    select * from {{ ref('stg_labour__household_members') }}
    where {{ is_touched('period_month') }}

),

registration_person as ( -- noqa: ST03

    select * from {{ ref('registration_person') }}

),

list_in_force as ( -- noqa: ST03

    select * from {{ ref('int_list_in_force') }}

),

poverty_list as ( -- noqa: ST03

    select * from {{ ref('stg_labour__poverty_list') }}

),

sent_household as (

    select * from {{ ref('sent_household') }}

),

{% if var('some_households') -%}
    household_before as (

        select distinct
            household_key,
            commune_code
        from {{ as_it_stood('facts', 'household_deprivation') }}
        where {{ is_touched('period_month') }}

    ),

    person_before as (

        select
            household_key,
            person_key
        from {{ as_it_stood('facts', 'person_month') }}
        where {{ is_touched('period_month') }}

    ),

    listed_before as (

        select distinct
            listed_person.household_key,
            listed_person.commune_code,
            {{ list_entry('listed_person') }} as list_entry
        from {{ as_it_stood('facts', 'listed_person') }} as listed_person
        where {{ is_touched('period_month') }}

    ),

    on_list as (

        select
            {{ list_entry('listed') }} as list_entry,
            listed.commune_code,
            listed.person_key,
            listed.person_number_usable,
            {{ likeness('listed') }} as likeness
        from (
            select
                poverty_list.*,
                list_in_force.listed_by
            from list_in_force
            inner join poverty_list
                on
                    list_in_force.listed_by = poverty_list.commune_code_then
                    and list_in_force.list_month = poverty_list.period_month
        ) as listed

    ),

    -- Who is on a form or a list in force, and who was on its registration in another month.
    on_file as (

        select
            review_in_force.household_key as node,
            members.person_key,
            members.person_number_usable,
            {{ likeness('members') }} as likeness
        from review_in_force
        inner join members
            on
                review_in_force.registration_key = members.registration_key
                and review_in_force.members_delivered_for = members.period_month

        union all

        select
            review_in_force.household_key as node,
            registration_person.person_key,
            registration_person.person_number_usable,
            {{ each_of('registration_person.likenesses') }} as likeness
        from review_in_force
        inner join registration_person
            on review_in_force.registration_key = registration_person.registration_key

        union all

        select
            list_entry as node,
            person_key,
            person_number_usable,
            likeness
        from on_list

    ),

    -- Where a number is missing on one side, persons are compared by their likeness within the commune.
    alike as (

        select distinct likeness
        from on_file
        where not person_number_usable and likeness is not null

    ),

    -- What a household or list entry can have in common with another: a person, a likeness, or that the last
    -- build joined them. Keys have no spaces in them; what names an entry or a likeness has.
    link as (

        select
            node,
            person_key as hub
        from on_file

        union all

        select
            on_file.node,
            on_file.likeness as hub
        from on_file
        inner join alike
            on on_file.likeness = alike.likeness

        union all

        select
            household_key as node,
            person_key as hub
        from person_before

        union all

        select
            household_key as node,
            list_entry as hub
        from listed_before

        union all

        select
            list_entry as node,
            list_entry as hub
        from listed_before

    ),

    -- What the deliveries speak of themselves, now or before.
    sent as (

        select household_before.household_key as node
        from household_before
        inner join sent_commune
            on household_before.commune_code = sent_commune.commune_code

        union

        select listed_before.list_entry as node
        from listed_before
        inner join sent_commune
            on listed_before.commune_code = sent_commune.commune_code

        union

        select on_list.list_entry as node
        from on_list
        inner join sent_commune
            on on_list.commune_code = sent_commune.commune_code

        union

        select household_key as node
        from sent_household

    ),

    reached as (

        select node from sent

        union

        select other.node
        from reached
        inner join link as own
            on reached.node = own.node
        inner join link as other
            on own.hub = other.hub

    ),

    final as (

        select
            case when node like '% %' then 'list entry' else 'household' end as kind,
            node as key
        from reached

        union all

        select distinct
            'person' as kind,
            link.hub as key
        from reached
        inner join link
            on reached.node = link.node
        where link.hub not like '% %'

        union all

        select distinct
            'commune' as kind,
            household_before.commune_code as key
        from reached
        inner join household_before
            on reached.node = household_before.household_key

    )
{%- else -%}
    final as (

        select
            commune_code as kind,
            commune_code as key
        from sent_commune

    )
{%- endif %}

select * from final
