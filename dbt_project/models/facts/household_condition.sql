-- grain: one row per month, household with a review in force and rule set: every question of the standards
-- answered
-- once, and which deliveries answered
{% set questions_of_members = ['job', 'nutrition', 'insurance', 'adult_education', 'child_education'] -%}
with

review_month as (

    select * from {{ ref('int_review_month') }}

),

rule_set as (

    select * from {{ ref('int_rule_set') }}

),

people as (

    select * from {{ ref('int_household_people') }}

),

house as (

    select * from {{ ref('int_household_house') }}

),

card_register as (

    select * from {{ ref('int_card_register') }}

),

form_answer as (

    select * from {{ ref('form_answer') }}

),

final as (

    select
        review_month.period_month,
        review_month.household_key,
        review_month.commune_code,
        rule_set.rule_set,
        -- true: deprived, null: not known
        people.job,
        people.dependants,
        people.dependants_without_pension,
        people.nutrition,
        people.insurance,
        people.insurance_of_children,
        people.adult_education,
        people.child_education,
        case
            when house.non_durable_parts_min >= rule_set.non_durable_parts_from then true
            when house.non_durable_parts_max < rule_set.non_durable_parts_from then false
        end as house_quality,
        house.floor_area_m2 < rule_set.floor_area_below_m2 * review_month.household_size as house_area,
        water.is_deprived as water,
        toilet.is_deprived as toilet,
        people.internet,
        people.digital_services,
        not(review_month.has_shared_device or review_month.has_personal_device) as devices,
        waste.is_deprived as waste,
        waste_capacity.is_deprived as waste_capacity,
        -- what was judged
        review_month.household_size,
        people.members_missing,
        {%- for question in questions_of_members + ['internet'] %}
            people.{{ question }}_members,
            people.{{ question }}_members_open,
        {%- endfor %}
        people.dependants_min,
        people.dependants_max,
        people.dependants_members_open,
        people.insurance_unknown_because,
        people.has_rows_set_apart,
        house.non_durable_parts_min,
        house.non_durable_parts_max,
        -- without the zeros of a decimal: people read it
        cast(house.floor_area_m2 as double) as floor_area_m2,
        review_month.water_source,
        review_month.toilet_type,
        review_month.waste_disposal,
        review_month.has_shared_device,
        review_month.has_personal_device,
        -- persons
        people.children,
        people.malnourished_children,
        people.uninsured_children,
        people.unschooled_children,
        -- Where no members were sent, nobody knows of anyone.
        {% for question in questions_of_members -%}
            coalesce(people.{{ question }}_concerned, 0) as {{ question }}_concerned,
            coalesce(people.{{ question }}_concerned_unknown, review_month.household_size)
                as {{ question }}_concerned_unknown,
        {% endfor -%}
        -- evidence
        review_month.period_end,
        review_month.reviewed_on,
        review_month.delivery_id as review_delivery,
        people.delivery_id as members_delivery,
        coalesce(people.insurance_by_register, false) as insurance_by_register,
        card_register.delivery_id as register_delivery,
        card_register.register_end,
        case
            when house.non_durable_parts_min >= rule_set.non_durable_parts_from
                then
                    house.non_durable_parts_min - house.non_durable_parts_of_case
                    < rule_set.non_durable_parts_from
            when house.non_durable_parts_max < rule_set.non_durable_parts_from
                then
                    house.non_durable_parts_max + house.durable_parts_of_case
                    >= rule_set.non_durable_parts_from
            else house.non_durable_parts_of_case + house.durable_parts_of_case > 0
        end as quality_by_case,
        house.area_by_case,
        house.case_delivery,
        house.completed_on
    from review_month
    inner join rule_set
        on review_month.period_month = rule_set.period_month
    inner join house
        on
            review_month.period_month = house.period_month
            and review_month.household_key = house.household_key
    left join people
        on
            review_month.period_month = people.period_month
            and review_month.household_key = people.household_key
            and rule_set.rule_set = people.rule_set
    left join card_register
        on review_month.period_month = card_register.period_month
    left join form_answer as water
        on
            water.question = 'water_source'
            and rule_set.rule_set = water.rule_set
            and review_month.water_source = water.answer
    left join form_answer as toilet
        on
            toilet.question = 'toilet_type'
            and rule_set.rule_set = toilet.rule_set
            and review_month.toilet_type = toilet.answer
    left join form_answer as waste
        on
            waste.question = 'waste_disposal'
            and rule_set.rule_set = waste.rule_set
            and review_month.waste_disposal = waste.answer
    left join form_answer as waste_capacity
        on
            waste_capacity.question = 'waste_capacity'
            and rule_set.rule_set = waste_capacity.rule_set
            and review_month.waste_disposal = waste_capacity.answer

)

select * from final
