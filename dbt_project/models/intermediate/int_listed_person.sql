-- grain: one row per touched month and person on the list in force, with the household it belongs to
with

list_in_force as (

    select * from {{ ref('int_list_in_force') }}

),

poverty_list as (

    select * from {{ ref('stg_labour__poverty_list') }}

),

member_month as (

    select * from {{ ref('int_member_month') }}

),

commune_month as (

    select * from {{ ref('int_commune_month') }}

),

listed_person as (

    select
        list_in_force.period_month,
        poverty_list.commune_code,
        commune_month.default_area_type as area_type,
        case
            when commune_month.is_in_force then poverty_list.commune_code
            else poverty_list.commune_code_then
        end as commune_code_then,
        list_in_force.listed_by,
        list_in_force.list_month,
        poverty_list.list_section,
        poverty_list.household_no,
        poverty_list.member_no,
        poverty_list.person_key,
        poverty_list.person_number_usable,
        poverty_list.relation = 'head' as is_head,
        poverty_list.birth_month,
        poverty_list.birth_year,
        poverty_list.sex,
        poverty_list.ethnicity_code,
        poverty_list.is_ethnic_minority,
        poverty_list.legal_class,
        poverty_list.score_a,
        poverty_list.no_working_capacity,
        poverty_list.has_merit_member,
        poverty_list.causes,
        poverty_list.delivery_id,
        poverty_list.place,
        poverty_list.row_number
    from list_in_force
    inner join poverty_list
        on
            list_in_force.listed_by = poverty_list.commune_code_then
            and list_in_force.list_month = poverty_list.period_month
    inner join commune_month
        on
            list_in_force.period_month = commune_month.period_month
            and poverty_list.commune_code = commune_month.commune_code

),

-- The number of any member joins a listed household to its review; of several the one with most members in
-- common. Each unit numbers its households from one: those of two predecessors of a commune share numbers.
joined as (

    select
        listed_person.period_month,
        listed_person.commune_code,
        listed_person.listed_by,
        listed_person.list_section,
        listed_person.household_no,
        member_month.household_key
    from listed_person
    inner join member_month
        on
            listed_person.period_month = member_month.period_month
            and listed_person.person_key = member_month.person_key
    where listed_person.person_number_usable and member_month.person_number_usable
    group by
        listed_person.period_month,
        listed_person.commune_code,
        listed_person.listed_by,
        listed_person.list_section,
        listed_person.household_no,
        member_month.household_key
    qualify row_number() over (
        partition by
            listed_person.period_month,
            listed_person.commune_code,
            listed_person.listed_by,
            listed_person.list_section,
            listed_person.household_no
        order by count(*) desc, count_if(listed_person.is_head) desc, member_month.household_key
    ) = 1

),

anchored as (

    select
        *,
        -- A number stays the same from list to list, the household's number does not: the head's,
        -- else any member's.
        first_value(person_key) over (
            partition by period_month, commune_code, listed_by, list_section, household_no
            order by person_number_usable desc, is_head desc, person_key asc
        ) as anchor_key
    from listed_person

),

final as (

    select
        anchored.period_month,
        anchored.commune_code,
        anchored.commune_code_then,
        anchored.area_type,
        anchored.listed_by,
        anchored.list_month,
        anchored.list_section,
        anchored.household_no,
        anchored.member_no,
        anchored.person_key,
        anchored.person_number_usable,
        joined.household_key is not null as has_review,
        coalesce(joined.household_key, md5('listed ' || anchored.anchor_key)) as household_key,
        anchored.is_head,
        anchored.birth_month,
        anchored.birth_year,
        anchored.sex,
        anchored.ethnicity_code,
        anchored.is_ethnic_minority,
        anchored.legal_class,
        anchored.score_a,
        anchored.no_working_capacity,
        anchored.has_merit_member,
        anchored.causes,
        anchored.delivery_id,
        anchored.place,
        anchored.row_number
    from anchored
    left join joined
        on
            anchored.period_month = joined.period_month
            and anchored.commune_code = joined.commune_code
            and anchored.listed_by = joined.listed_by
            and anchored.list_section = joined.list_section
            and anchored.household_no = joined.household_no

)

select * from final
