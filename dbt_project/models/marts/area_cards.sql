-- grain: one row per month, area and beneficiary group (null: not stated) with a valid card
with

card_register as (

    select * from {{ ref('int_card_register') }}

),

cards as (

    select
        period_month,
        commune_code,
        commune_code_then,
        beneficiary_group,
        valid_from,
        valid_to
    from {{ ref('stg_health_insurance__cards') }}

),

commune_month as (

    select * from {{ ref('int_commune_month') }}

),

place_area as (

    select * from {{ ref('int_place_area') }}

),

valid as (

    select
        card_register.period_month,
        coalesce(cards.commune_code, '') as commune_code,
        coalesce(cards.commune_code_then, '') as commune_code_then,
        cards.beneficiary_group,
        count(*) as cards_valid
    from card_register
    inner join cards
        on card_register.register_month = cards.period_month
    where
        cards.valid_from <= card_register.period_end
        and coalesce(cards.valid_to, card_register.period_end) >= card_register.period_end
    group by all

),

placed as (

    select
        valid.period_month,
        valid.commune_code,
        case when commune_month.is_in_force then valid.commune_code else valid.commune_code_then end
            as commune_code_then,
        commune_month.default_area_type as area_type,
        valid.beneficiary_group,
        valid.cards_valid
    from valid
    inner join commune_month
        on
            valid.period_month = commune_month.period_month
            and valid.commune_code = commune_month.commune_code

),

final as (

    select
        placed.period_month,
        place_area.area_level,
        place_area.area_code,
        placed.beneficiary_group,
        cast(sum(placed.cards_valid) as bigint) as cards_valid
    from placed
    inner join place_area
        on
            placed.period_month = place_area.period_month
            and placed.commune_code = place_area.commune_code
            and placed.commune_code_then = place_area.commune_code_then
            and placed.area_type = place_area.area_type
    group by placed.period_month, place_area.area_level, place_area.area_code, placed.beneficiary_group

)

select * from final
