-- grain: one row per month in scope and person on the list in force, with the household it belongs to
with

list_in_force as (

    select * from {{ ref('list_in_force') }}
    where {{ month_in_scope('period_month') }}

),

poverty_list as (

    select * from {{ ref('stg_labour__poverty_list') }}

),

review_in_force as (

    select * from {{ ref('review_in_force') }}
    where {{ month_in_scope('period_month') }}

),

form_member as (

    select form_member.*
    from review_in_force
    inner join {{ ref('int_form_member') }} as form_member
        on
            review_in_force.period_month = form_member.period_month
            and review_in_force.household_key = form_member.household_key

),

commune_month as (

    select * from {{ ref('int_commune_month') }}

),

of_the_lists as (

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
        list_in_force.standard_id,
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
        poverty_list.movement,
        poverty_list.decision_date,
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

listed_person as (

    select
        *,
        -- Each unit numbers its households from one: those of two predecessors of a commune share numbers.
        concat_ws(' ', commune_code, listed_by, list_section, household_no) as list_entry
    from of_the_lists

),

-- Any member joins a listed household to its review; of several the one with most members in common.
joined as (

    select
        listed_person.period_month,
        listed_person.list_entry,
        form_member.household_key,
        count(*) as shared_persons,
        count(*) filter (where listed_person.is_head) as shared_heads
    from listed_person
    inner join form_member
        on
            listed_person.period_month = form_member.period_month
            and listed_person.person_key = form_member.person_key
    group by listed_person.period_month, listed_person.list_entry, form_member.household_key
    qualify row_number() over (
        partition by listed_person.period_month, listed_person.list_entry
        order by shared_persons desc, shared_heads desc, form_member.household_key asc
    ) = 1

),

-- A person's key stays the same from list to list; the household's number on the list does not. One made of a
-- number goes before one made of a name, and then the head's before another's.
anchor as (

    select
        period_month,
        list_entry,
        coalesce(
            min(person_key) filter (where person_number_usable and is_head),
            min(person_key) filter (where person_number_usable),
            min(person_key) filter (where is_head),
            min(person_key)
        ) as household_anchor
    from listed_person
    group by period_month, list_entry

),

anchored as (

    select
        listed_person.*,
        anchor.household_anchor
    from listed_person
    inner join anchor
        on
            listed_person.period_month = anchor.period_month
            and listed_person.list_entry = anchor.list_entry

),

person_on_form as (

    select
        period_month,
        household_key,
        person_key,
        bool_or(is_head) as heads_form
    from form_member
    group by period_month, household_key, person_key

),

placed as (

    select
        anchored.*,
        joined.household_key as form_key,
        coalesce(anchored.is_head and person_on_form.heads_form, false) as heads_both,
        person_on_form.person_key is not null as is_on_form
    from anchored
    left join joined
        on
            anchored.period_month = joined.period_month
            and anchored.list_entry = joined.list_entry
    left join person_on_form
        on
            anchored.period_month = person_on_form.period_month
            and joined.household_key = person_on_form.household_key
            and anchored.person_key = person_on_form.person_key

),

-- Two recognised households can stand on one form. The one whose head heads it has its answers, else the one
-- with most members on it; the other is listed without a review.
without_form as (

    select
        period_month,
        form_key,
        household_anchor,
        bool_or(heads_both) as has_head_of_form,
        count(*) filter (where is_on_form) as persons_on_form
    from placed
    where form_key is not null and list_section = 'recognised'
    group by period_month, form_key, household_anchor
    qualify row_number() over (
        partition by period_month, form_key
        order by has_head_of_form desc, persons_on_form desc, household_anchor asc
    ) > 1

),

final as (

    select
        placed.period_month,
        placed.commune_code,
        placed.commune_code_then,
        placed.area_type,
        placed.listed_by,
        placed.list_month,
        placed.standard_id,
        placed.list_section,
        placed.household_no,
        placed.member_no,
        placed.person_key,
        placed.person_number_usable,
        placed.form_key is not null and without_form.form_key is null as has_review,
        case
            when placed.form_key is not null and without_form.form_key is null then placed.form_key
            else md5('listed ' || placed.household_anchor)
        end as household_key,
        placed.is_head,
        placed.birth_month,
        placed.birth_year,
        placed.sex,
        placed.ethnicity_code,
        placed.is_ethnic_minority,
        placed.legal_class,
        placed.score_a,
        placed.no_working_capacity,
        placed.has_merit_member,
        placed.causes,
        placed.movement,
        placed.decision_date,
        placed.delivery_id,
        placed.place,
        placed.row_number
    from placed
    left join without_form
        on
            placed.period_month = without_form.period_month
            and placed.form_key = without_form.form_key
            and placed.household_anchor = without_form.household_anchor

)

select * from final
