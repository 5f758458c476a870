"""The figures of a clean month in DuckDB: one statement after the other over the files."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from tests.peers import files

# Whether a member lacks it; null where the answer is not there.
OF_MEMBERS = {
    "EMP_JOB": """age_months >= 180 and age_months < if(sex = 'male', 738, 684) and can_work
        and ((wants_work and not employed) or (wage_employed and not has_labour_contract))""",
    "HLT_NUT": "age_months < 192 and (stunted or underweight)",
    "HLT_INS": "age_months >= 72 and not insured",
    "EDU_ADULT": """age_months >= 192 and age_months < 372 and not if(age_months < 216,
        attending_school or completed.rank >= 3 or employer_training_certificate,
        if(attending_school, attended.rank >= 4, attending_school)
        or completed.rank >= 4 or employer_training_certificate)""",
    "EDU_CHILD": """age_months >= 36 and age_months < 192
        and not if(attending_school, attended.rank >= expected.rank, attending_school)""",
    "INF_TEL": "uses_internet",
}
OF_HOUSES = {
    # A part that nobody described may be of any material.
    "HOU_QUAL": """case
        when list_count(list_filter([wall, structure, roof], lambda durable: not durable)) >= 2 then true
        when list_count(list_filter([wall, structure, roof], lambda durable: durable)) >= 2 then false
        end""",
    "HOU_AREA": "area < 8 * member_count",
    "WAT_SRC": "water_source = 'other'",
    "WAT_TOI": "toilet_type in ('other', 'none')",
    "INF_DEV": "not (has_shared_device or has_personal_device)",
}
LACKS = ["EMP_JOB", "EMP_DEP", "HLT_NUT", "HLT_INS", "EDU_ADULT", "EDU_CHILD", "INF_TEL", *OF_HOUSES]


def figures(landing: Path, month: date) -> pa.Table:
    """Rows (commune_code, figure, value) of a month's files."""
    with duckdb.connect() as engine:
        engine.register("list_row", pa.table(files.listed(landing)))
        engine.register("loan", pa.table(files.loans(landing, f"{month:%Y-%m}")))
        engine.register("case_row", pa.table(files.cases(landing, f"{month:%Y-%m}")))
        engine.execute(_files(landing, month))
        engine.execute(MEMBERS.format(month=month, asked=_columns(OF_MEMBERS)))
        engine.execute(HOUSEHOLDS.format(month=month, asked=_columns(OF_HOUSES), members=_any_member()))
        engine.execute(CLASSED.format(known=_sum("coalesce({}, false)"), possible=_sum("coalesce({}, true)")))
        return engine.execute(FIGURES.format(month=month, lacks=_counts())).to_arrow_table()


def _files(landing: Path, month: date) -> str:
    labour, end = landing / "labour", f"last_day(date '{month}')"
    codes = "'household_code': 'varchar', 'commune_code': 'varchar'"
    return f"""
        create table review as from read_csv('{labour}/household_review/{month:%Y-%m}.csv', types = {{{codes}}});
        create table member_row as from read_csv('{labour}/household_members/{month:%Y-%m}.csv', sample_size = 200000,
            types = {{{codes}, 'personal_id': 'varchar'}});
        create table card as
            select coalesce(personal_id, insurance_number) as personal_id, commune_code,
                valid_from <= {end} and coalesce(valid_to >= {end}, true) as is_valid
            from '{landing}/health_insurance/cards/{month:%Y-%m}.parquet';
        create table level as from (values ('none', 0), ('preschool', 1), ('primary', 2), ('lower_secondary', 3),
            ('upper_secondary', 4), ('vocational', 5), ('tertiary', 6)) as levels(level, rank);
    """


MEMBERS = """
    create table member as
    with holder as (
        select personal_id, bool_or(is_valid) as is_insured
        from card where personal_id in (select personal_id from member_row) group by all
    ),
    aged as (
        select
            member_row.*, member_count,
            date_diff('month', date_trunc('month', birth_date), date '{month}') as age_months,
            year(date '{month}') - year(birth_date) as schooling_age,
            -- The register says no of whom it knows; of whom it does not, it says nothing against the form.
            case when holder.is_insured is not null then holder.is_insured when health_insured then null else false end
                as insured
        from member_row
        inner join review using (commune_code, household_code)
        left join holder using (personal_id)
    )
    select
        *,
        age_months < 192 or ((age_months >= 720 or is_disabled) and monthly_social_allowance) as is_dependant,
        {asked}
    from aged
    left join level as attended on school_level = attended.level
    left join level as completed on education_level = completed.level
    left join level as expected
        on expected.rank = if(schooling_age < 6, 1, if(schooling_age < 12, 2, 3))
"""
HOUSEHOLDS = """
    create table household as
    with finished as (
        select head_personal_id as personal_id, any_value(frame_wall_durable)::boolean as frame_wall,
            any_value(roof_durable)::boolean as roof_of_case, any_value(floor_area_m2) as area_of_case,
            max(completed_on)::date as completed_on
        from case_row
        where status in ('completed', 'handed_over') and completed_on <= last_day(date '{month}')
        group by head_personal_id
    ),
    house as (
        select
            review.*,
            coalesce(frame_wall, wall_durable) as wall, coalesce(frame_wall, column_durable) as structure,
            coalesce(roof_of_case, roof_durable) as roof, coalesce(area_of_case, floor_area_m2) as area
        from review
        left join lateral (
            select finished.* from member_row inner join finished using (personal_id)
            where member_row.commune_code = review.commune_code and completed_on > reviewed_on
                and member_row.household_code = review.household_code
            order by completed_on desc limit 1
        ) on true
    ),
    answered as (
        select commune_code, household_code, {members},
            case
                when count(*) filter (where is_dependant) * 2 > any_value(member_count) then true
                when count(*) filter (where coalesce(is_dependant, true)) * 2 <= any_value(member_count) then false
            end as EMP_DEP
        from member group by all
    )
    select
        house.*, answered.* exclude (commune_code, household_code),
        {asked},
        coalesce(area_type, area_type_of_commune) = 'urban' as is_urban,
        if(is_urban, 2000000, 1500000) as line,
        coalesce(score_a, score_of_list) as score,
        coalesce(income_per_capita_vnd <= line, score <= if(is_urban, 175, 140)) as is_below_line
    from house
    left join answered using (commune_code, household_code)
    left join (
        select commune_code::varchar as commune_code, area_type as area_type_of_commune
        from 'dbt_project/seeds/commune_area_type.csv'
    ) using (commune_code)
    left join (
        select member_row.commune_code, household_code, max(list_row.score_a) as score_of_list
        from member_row inner join list_row using (personal_id) group by all
    ) using (commune_code, household_code)
"""
CLASSED = """
    create table classed as
    select
        *, {known} as known, {possible} as possible,
        case
            when is_below_line and known >= 3 then 'poor'
            when is_below_line and possible < 3 then 'near_poor'
            when not is_below_line and 2 * income_per_capita_vnd <= 3 * line then 'average'
            when not is_below_line then 'other'
            else 'undetermined'
        end as class
    from household
"""
FIGURES = """
    select commune_code, 'reviewed' as figure, count(*) as value from classed group by all
    union all by name
    select commune_code, class as figure, count(*) as value from classed group by all
    union all by name
    {lacks}
    union all by name
    select commune_code, 'legal_' || legal_class as figure, count(*) as value
    from list_row where legal_class is not null group by all
    union all by name
    select commune_code, 'cards_valid' as figure, count(*) as value from card where is_valid group by all
    union all by name
    select place.commune_code::varchar as commune_code, unnest(['loans_open', 'loan_balance_vnd']) as figure,
        unnest([count(*) filter (where status = 'OPEN'), sum(in_term + overdue + frozen)::bigint]) as value
    from loan inner join 'sources/reference/bank_places.csv' as place on loan.place::int = place.code group by all
    union all by name
    select commune_code, unnest(['houses_completed', 'house_support_vnd']) as figure,
        unnest([
            count(distinct case_code) filter (where status in ('completed', 'handed_over')), sum(amount_vnd)::bigint
        ]) as value
    from case_row where status <> 'cancelled' and approved_on <= last_day(date '{month}') group by all
"""


def _columns(asked: dict[str, str]) -> str:
    return ", ".join(f"{condition} as {name}" for name, condition in asked.items())


def _any_member() -> str:
    """One member who lacks it is enough; that nobody does takes an answer of each."""
    of_members = (
        f"case when bool_or({name}) then true when bool_and({name} is not null) then false end" for name in OF_MEMBERS
    )
    return ", ".join(
        f"{'not ' if name == 'INF_TEL' else ''}({lacks}) as {name}"
        for name, lacks in zip(OF_MEMBERS, of_members, strict=True)
    )


def _sum(condition: str) -> str:
    return " + ".join(f"{condition.format(name)}::int" for name in LACKS)


def _counts() -> str:
    return " union all by name ".join(
        f"select commune_code, '{name}' as figure, count(*) filter (where {name}) as value from classed group by all"
        for name in LACKS
    )
