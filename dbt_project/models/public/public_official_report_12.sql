-- grain: one row per month and commune of today
with

protected as (

{{ protect(
    'official_report_12',
    keys=['period_month', 'commune_code'],
    open=['households', 'persons', 'minority_households', 'minority_persons'],
    counts=[
        'opening_households', 'opening_persons', 'closing_households', 'closing_persons',
        'closing_minority_households', 'closing_minority_persons', 'female_headed_households', 'female_headed_persons',
        'minority_female_headed_households'
    ],
    measures={
        'rate_pct': pct('closing_households', 'households'),
        'minority_rate_pct': pct('closing_minority_households', 'minority_households')
    }
) }}

),

-- Decrease and increase are sums of flows, and say no more than the flows do.
movement as (

    select
        period_month,
        area_code,
        moved_to_other_class + rose_above + other_decrease as decrease,
        came_from_other_class + relapsed + newly_arising + other_increase as increase,
        protected_columns is not null as withholds
    from {{ ref('public_area_movement') }}
    where area_level = 'commune' and class = 'poor' and unit = 'household'

),

final as (

    select
        protected.period_month,
        protected.commune_code,
        protected.households,
        protected.persons,
        protected.minority_households,
        protected.minority_persons,
        protected.opening_households,
        protected.opening_persons,
        movement.decrease as decrease_households,
        movement.increase as increase_households,
        protected.closing_households,
        protected.closing_persons,
        protected.closing_minority_households,
        protected.closing_minority_persons,
        protected.female_headed_households,
        protected.female_headed_persons,
        protected.minority_female_headed_households,
        protected.rate_pct,
        protected.minority_rate_pct,
        nullif(
            concat_ws(
                ', ',
                protected.protected_columns,
                case when movement.withholds and movement.decrease is null then 'decrease_households' end,
                case when movement.withholds and movement.increase is null then 'increase_households' end
            ),
            ''
        ) as protected_columns
    from protected
    inner join movement
        on
            protected.period_month = movement.period_month
            and protected.commune_code = movement.area_code

)

select * from final
