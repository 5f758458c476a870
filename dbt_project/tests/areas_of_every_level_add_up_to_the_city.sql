-- Whatever the boundaries, the same households stand within them.
with

added as (

    select
        period_month,
        area_level,
        standard_id,
        basis,
        sum(households) as households,
        sum(reviewed_households) as reviewed_households,
        sum(poor_households) as poor_households,
        sum(poor_persons) as poor_persons
    from {{ ref('area_poverty') }}
    group by period_month, area_level, standard_id, basis

)

select added.*
from added
inner join added as city
    on
        added.period_month = city.period_month
        and added.standard_id = city.standard_id
        and added.basis = city.basis
        and city.area_level = 'city'
where
    added.households <> city.households
    or added.reviewed_households <> city.reviewed_households
    or added.poor_households <> city.poor_households
    or added.poor_persons <> city.poor_persons
