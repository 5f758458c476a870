-- grain: one row per household, list entry and person that a build of some households replaces; none in any other
with recursive

touched_period as (

    select * from {{ ref('touched_period') }}

),

standing_delivery as (

    select * from {{ ref('stg_standing_delivery') }}
    where feed in ('labour/household_review', 'labour/household_members', 'labour/poverty_list')

),

review_in_force as (

    select * from {{ ref('int_review_in_force') }}

),

members as (

    select * from {{ ref('stg_labour__household_members') }}

),

list_in_force as (

    select * from {{ ref('int_list_in_force') }}

),

poverty_list as (

    select * from {{ ref('stg_labour__poverty_list') }}

),

registration as (

    select * from {{ ref('household_registration') }}
    where {{ is_touched('period_month') }}

),

registration_before as (

    select * from {{ ref('int_registration_before') }}

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

    sent_commune as (

        select distinct commune_code
        from standing_delivery
        where {{ is_sent('delivery_id') }}

    ),

    -- Who is on a form or a list in force, and where.
    on_file as (

        select
            'household ' || review_in_force.household_key as node,
            members.person_key,
            members.person_number_usable,
            members.commune_code || ' ' || members.linkage_key as likeness
        from review_in_force
        inner join members
            on
                review_in_force.registration_key = members.registration_key
                and review_in_force.members_delivered_for = members.period_month

        union all

        select
            'list entry ' || {{ list_entry('listed') }} as node,
            listed.person_key,
            listed.person_number_usable,
            listed.commune_code || ' ' || listed.linkage_key as likeness
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

    -- What two nodes have in common: a person; a likeness, where a number is missing on one side; or that the last
    -- build joined them.
    link as (

        select
            node,
            'person ' || person_key as hub
        from on_file

        union

        select
            on_file.node,
            'likeness ' || on_file.likeness as hub
        from on_file
        inner join (select distinct likeness from on_file where not person_number_usable) as unnumbered
            on on_file.likeness = unnumbered.likeness

        union

        select
            'household ' || household_key as node,
            'person ' || person_key as hub
        from person_before

        union

        select
            'household ' || household_key as node,
            'joined ' || list_entry as hub
        from listed_before

        union

        select
            'list entry ' || list_entry as node,
            'joined ' || list_entry as hub
        from listed_before

    ),

    shared as (

        select
            node,
            hub
        from link
        where hub in (select hub from link group by hub having count(*) > 1)

    ),

    -- What the deliveries speak of themselves, and registrations that now belong to another household.
    sent as (

        select 'household ' || household_before.household_key as node
        from household_before
        inner join sent_commune
            on household_before.commune_code = sent_commune.commune_code

        union

        select 'household ' || review_in_force.household_key as node
        from review_in_force
        inner join sent_commune
            on review_in_force.commune_code = sent_commune.commune_code

        union

        select 'list entry ' || listed_before.list_entry as node
        from listed_before
        inner join sent_commune
            on listed_before.commune_code = sent_commune.commune_code

        union

        select on_file.node
        from on_file
        inner join sent_commune
            on on_file.node like 'list entry ' || sent_commune.commune_code || ' %'

        union

        select 'household ' || changed.household_key as node
        from (
            (
                select registration_key, household_key from registration
                except
                select registration_key, household_key from registration_before
            )
            union
            (
                select registration_key, household_key from registration_before
                except
                select registration_key, household_key from registration
            )
        ) as changed

    ),

    reached as (

        select node from sent

        union

        select other.node
        from reached
        inner join shared as own
            on reached.node = own.node
        inner join shared as other
            on own.hub = other.hub

    ),

    final as (

        select
            'household' as kind,
            substring(node, 11) as key
        from reached
        where node like 'household %'

        union all

        select
            'list entry' as kind,
            substring(node, 12) as key
        from reached
        where node like 'list entry %'

        union all

        select distinct
            'person' as kind,
            substring(link.hub, 8) as key
        from reached
        inner join link
            on reached.node = link.node
        where link.hub like 'person %'

    )
{%- else -%}
    final as (

        select
            feed as kind,
            feed as key
        from standing_delivery
        where false

    )
{%- endif %}

select * from final
