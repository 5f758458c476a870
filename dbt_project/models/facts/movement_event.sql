-- grain: one row per month, standard and household whose recognised class, commune or size changed since the
-- last month's end
with

movement as (

    select * from {{ ref('int_movement') }}

),

changed as (

    select
        *,
        case
            when arrival is not null then arrival
            when departure is not null then departure
            when is_move then 'moved'
            when from_class = 'near_poor' and to_class = 'poor' then 'near_poor_to_poor'
            when from_class = 'poor' and to_class = 'near_poor' then 'poor_to_near_poor'
            when persons_before <> persons_after then 'size_changed'
            when declared_movement is not null then 'declared_only'
        end as flow
    from movement

),

final as (

    select
        period_month,
        standard_id,
        household_key,
        previous_key,
        flow,
        from_class,
        to_class,
        from_commune_code,
        to_commune_code,
        persons_before,
        persons_after,
        declared_movement,
        case when flow = 'rose_above' then escaped_on end as escaped_on,
        case when flow = 'rose_above' then escape_is_estimated end as escape_is_estimated,
        -- A declaration of another change than the states show, or none where one under review leaves its
        -- list; who else declares nothing contradicts nothing.
        leaves_undeclared or coalesce(
            case declared_movement
                when 'new' then flow <> 'newly_arising'
                when 'relapsed' then flow <> 'relapsed'
                when 'poor_to_near_poor' then not (from_class = 'poor' and to_class = 'near_poor')
                when 'near_poor_to_poor' then not (from_class = 'near_poor' and to_class = 'poor')
                when 'escaped_poor' then not (from_class = 'poor' and flow = 'rose_above')
                when 'escaped_near_poor' then not (from_class = 'near_poor' and flow = 'rose_above')
                when 'moved_in' then flow not in ('moved', 'other_increase')
            end,
            declared_movement is not null and declared_movement not in ('split', 'merged', 'moved_out')
        ) as is_conflict
    from changed
    where flow is not null

)

select * from final
