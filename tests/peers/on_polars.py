"""The figures of a clean month in Polars: expressions over lazy frames, run by both processors."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa

from tests.peers import files

LEVELS = {
    "none": 0,
    "preschool": 1,
    "primary": 2,
    "lower_secondary": 3,
    "upper_secondary": 4,
    "vocational": 5,
    "tertiary": 6,
}
OF_MEMBERS = ["EMP_JOB", "HLT_NUT", "HLT_INS", "EDU_ADULT", "EDU_CHILD", "INF_TEL"]
OF_HOUSES = ["HOU_QUAL", "HOU_AREA", "WAT_SRC", "WAT_TOI", "INF_DEV"]
LACKS = ["EMP_DEP", *OF_MEMBERS, *OF_HOUSES]
HOUSEHOLD = ["commune_code", "household_code"]
COMPLETED = ["completed", "handed_over"]
DAYS = {"birth_date", "reviewed_on"}
NUMBERS = {
    "member_count": pl.Int32,
    "score_a": pl.Float64,
    "income_per_capita_vnd": pl.Int64,
    "floor_area_m2": pl.Float64,
}
WORDS = {
    "household_code", "commune_code", "hamlet", "area_type", "head_name", "head_personal_id", "member_no", "full_name",
    "personal_id", "sex", "relation", "ethnicity_code", "school_level", "education_level", "water_source",
    "toilet_type", "waste_disposal", "score_b",
}  # fmt: skip
col = pl.col


def figures(landing: Path, month: date) -> pa.Table:
    """Rows (commune_code, figure, value) of a month's files."""
    (end,) = pl.select(pl.lit(month).dt.month_end()).to_series()
    review = _csv(landing / "labour" / "household_review" / f"{month:%Y-%m}.csv")
    members = _csv(landing / "labour" / "household_members" / f"{month:%Y-%m}.csv")
    cards = pl.scan_parquet(landing / "health_insurance" / "cards" / f"{month:%Y-%m}.parquet").select(
        "commune_code",
        pl.coalesce("personal_id", "insurance_number").alias("personal_id"),
        ((col("valid_from") <= end) & (col("valid_to") >= end).fill_null(True)).alias("is_valid"),
    )
    listed = pl.LazyFrame(files.listed(landing))
    loans = pl.LazyFrame(files.loans(landing, f"{month:%Y-%m}"), infer_schema_length=None)
    cases = pl.LazyFrame(files.cases(landing, f"{month:%Y-%m}"), infer_schema_length=None)
    answers = _of_members(members, cards, review, end)
    households = _of_houses(review, members, cases, listed, end).join(answers, HOUSEHOLD, "left")
    classed = _classed(households).collect().lazy()
    counted = pl.concat(_counts(classed, listed, cards, loans, cases, end)).collect()
    return counted.to_arrow()


def _csv(path: Path) -> pl.LazyFrame:
    """The columns by their names: days, numbers, words, and yes or no."""
    texts = pl.read_csv(path, infer_schema=False)
    return texts.lazy().with_columns(
        col(name).str.to_date() if name in DAYS
        else col(name).cast(NUMBERS[name]) if name in NUMBERS
        else col(name) == "true"
        for name in texts.columns if name not in WORDS
    )  # fmt: skip


def _of_members(members: pl.LazyFrame, cards: pl.LazyFrame, review: pl.LazyFrame, end: date) -> pl.LazyFrame:
    """Per household: the questions that its members answer."""
    holders = cards.join(members, "personal_id", "semi").group_by("personal_id").agg(col("is_valid").any())
    birth, age, schooling = col("birth_date"), col("age"), end.year - col("birth_date").dt.year()
    level = {name: col(name).replace_strict(LEVELS, default=None) for name in ("school_level", "education_level")}
    expected = pl.when(schooling < 6).then(1).when(schooling < 12).then(2).otherwise(3)
    # The register says no of whom it knows; of whom it does not, it says nothing against the form.
    insured = pl.coalesce("is_valid", pl.when(col("health_insured")).then(None).otherwise(False))
    attending, certified = col("attending_school"), col("employer_training_certificate")

    def attends(at_level: pl.Expr) -> pl.Expr:
        return pl.when(attending).then(at_level).otherwise(attending)

    junior = attending | (level["education_level"] >= 3) | certified
    senior = attends(level["school_level"] >= 4) | (level["education_level"] >= 4) | certified
    without_work = (col("wants_work") & ~col("employed")) | (col("wage_employed") & ~col("has_labour_contract"))
    retired_from = pl.when(col("sex") == "male").then(738).otherwise(684)
    dependant = (age < 192) | (((age >= 720) | col("is_disabled")) & col("monthly_social_allowance"))
    rows = members.join(review.select(*HOUSEHOLD, "member_count"), HOUSEHOLD).join(holders, "personal_id", "left")
    asked = rows.with_columns(
        age=end.year * 12 + end.month - birth.dt.year().cast(pl.Int32) * 12 - birth.dt.month()
    ).select(
        *HOUSEHOLD,
        "member_count",
        dependant.alias("is_dependant"),
        ((age >= 180) & (age < retired_from) & col("can_work") & without_work).alias("EMP_JOB"),
        ((age < 192) & (col("stunted") | col("underweight"))).alias("HLT_NUT"),
        ((age >= 72) & ~insured).alias("HLT_INS"),
        ((age >= 192) & (age < 372) & ~pl.when(age < 216).then(junior).otherwise(senior)).alias("EDU_ADULT"),
        ((age >= 36) & (age < 192) & ~attends(level["school_level"] >= expected)).alias("EDU_CHILD"),
        col("uses_internet").alias("INF_TEL"),
    )
    size, is_dependant = col("member_count").first(), col("is_dependant")
    return asked.group_by(HOUSEHOLD).agg(
        # One member is enough; that nobody does takes an answer of each.
        *(col(name).any(ignore_nulls=False) for name in OF_MEMBERS),
        pl.when(2 * is_dependant.sum() > size).then(True)
        .when(2 * is_dependant.fill_null(True).sum() <= size).then(False).alias("EMP_DEP"),
    ).with_columns(~col("INF_TEL"))  # fmt: skip


def _of_houses(
    review: pl.LazyFrame, members: pl.LazyFrame, cases: pl.LazyFrame, listed: pl.LazyFrame, end: date
) -> pl.LazyFrame:
    """The reviewed households with the questions that their houses answer, and whether they are below the line."""
    number = members.select(*HOUSEHOLD, "personal_id")
    finished = (
        cases.filter(col("status").is_in(COMPLETED) & (col("completed_on") <= end))
        .unique("head_personal_id")
        .select(
            "completed_on",
            col("head_personal_id").alias("personal_id"),
            (col("frame_wall_durable") == "true").alias("frame_wall"),
            (col("roof_durable") == "true").alias("roof_of_case"),
            col("floor_area_m2").cast(pl.Float64, strict=False).alias("area_of_case"),
        )
    )
    newest = (
        number.join(finished, "personal_id")
        .join(review.select(*HOUSEHOLD, "reviewed_on"), HOUSEHOLD)
        .filter(col("completed_on") > col("reviewed_on"))
        .sort("completed_on")
        .unique(HOUSEHOLD, keep="last", maintain_order=True)
        .drop("personal_id", "reviewed_on")
    )
    scores = number.join(listed, "personal_id").group_by(HOUSEHOLD).agg(col("score_a").max().alias("score_of_list"))
    places = pl.scan_csv("dbt_project/seeds/commune_area_type.csv", infer_schema=False).select(
        "commune_code", col("area_type").alias("area_type_of_commune")
    )
    parts = [
        pl.coalesce("frame_wall", "wall_durable"), pl.coalesce("frame_wall", "column_durable"),
        pl.coalesce("roof_of_case", "roof_durable"),
    ]  # fmt: skip
    bad, perhaps_bad = (sum((~part.fill_null(other)).cast(pl.Int8) for part in parts) for other in (True, False))
    is_urban = pl.coalesce("area_type", "area_type_of_commune") == "urban"
    income, score = col("income_per_capita_vnd"), pl.coalesce("score_a", "score_of_list")
    house = review.join(newest, HOUSEHOLD, "left").join(scores, HOUSEHOLD, "left").join(places, "commune_code", "left")
    return house.with_columns(line=pl.when(is_urban).then(2_000_000).otherwise(1_500_000)).with_columns(
        pl.when(bad >= 2).then(True).when(perhaps_bad < 2).then(False).alias("HOU_QUAL"),
        (pl.coalesce("area_of_case", "floor_area_m2") < 8 * col("member_count")).alias("HOU_AREA"),
        (col("water_source") == "other").alias("WAT_SRC"),
        col("toilet_type").is_in(["other", "none"]).alias("WAT_TOI"),
        (~(col("has_shared_device") | col("has_personal_device"))).alias("INF_DEV"),
        pl.coalesce(income <= col("line"), score <= pl.when(is_urban).then(175).otherwise(140)).alias("is_below_line"),
    )


def _classed(house: pl.LazyFrame) -> pl.LazyFrame:
    known, possible = (
        pl.sum_horizontal(col(name).fill_null(other).cast(pl.Int8) for name in LACKS) for other in (False, True)
    )
    below, income = col("is_below_line"), col("income_per_capita_vnd")
    return house.with_columns(
        pl.when(below & (known >= 3)).then(pl.lit("poor"))
        .when(below & (possible < 3)).then(pl.lit("near_poor"))
        .when(~below & (2 * income <= 3 * col("line"))).then(pl.lit("average"))
        .when(~below).then(pl.lit("other"))
        .otherwise(pl.lit("undetermined")).alias("class")
    )  # fmt: skip


def _counts(
    house: pl.LazyFrame, listed: pl.LazyFrame, cards: pl.LazyFrame, loans: pl.LazyFrame, cases: pl.LazyFrame, end: date
) -> Iterable[pl.LazyFrame]:
    """Each figure as rows of one long table."""

    def summed(rows: pl.LazyFrame, figure: pl.Expr, value: pl.Expr) -> pl.LazyFrame:
        counted = rows.group_by(col("commune_code"), figure.alias("figure")).agg(value.cast(pl.Int64).alias("value"))
        return counted.select("commune_code", "figure", "value")

    places = pl.scan_csv("sources/reference/bank_places.csv", infer_schema=False)
    placed = loans.join(places, left_on="place", right_on="code")
    supported = cases.filter((col("status") != "cancelled") & (col("approved_on") <= end))
    yield summed(house, pl.lit("reviewed"), pl.len())
    yield summed(house, col("class"), pl.len())
    for name in LACKS:
        yield summed(house, pl.lit(name), col(name).sum())
    yield summed(listed.drop_nulls("legal_class"), "legal_" + col("legal_class"), pl.len())
    yield summed(cards.filter(col("is_valid")), pl.lit("cards_valid"), pl.len())
    yield summed(placed, pl.lit("loans_open"), (col("status") == "OPEN").sum())
    yield summed(placed, pl.lit("loan_balance_vnd"), (col("in_term") + col("overdue") + col("frozen")).sum())
    finished = supported.filter(col("status").is_in(COMPLETED))
    yield summed(finished, pl.lit("houses_completed"), col("case_code").n_unique())
    yield summed(supported, pl.lit("house_support_vnd"), col("amount_vnd").sum())
