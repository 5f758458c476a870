"""The models from the feeds to the classes, run as they are over the project's own seeds.

What stands at the edge is made by hand: the forms in force, members, cards, cases and lists. Which households there
are, and what is expected of them, stands in the tables of cases.
"""

import contextlib
import csv
from collections.abc import Generator, Iterable
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import yaml
from declared import columns_of
from rendering import PROJECT, model_path, render

from sources.contracts.feeds import discover
from standard.households import MONTH, Household

# In the order in which each finds what it reads.
MODELS = (
    "int_period",
    "int_period_in_scope",
    "int_rule_set",
    "int_card_register",
    "int_card_month",
    "int_member_month",
    "int_household_head",
    "form_person",
    "int_completed_house",
    "int_household_people",
    "int_household_house",
    "household_condition",
    "household_indicator",
    "household_reading",
    "int_household_count",
    "household_deprivation",
    "commune_concerned_tally",
)
# The last ones are worked out when they are asked, which a mutant that an indicator betrays never is.
VIEWS = (
    "household_indicator", "household_reading", "int_household_count", "household_deprivation",
    "commune_concerned_tally",
)  # fmt: skip
SEEDS = (
    "bound",
    "calendar_month",
    "education_level",
    "ethnic_groups",
    "evidence_order",
    "form_answer",
    "house_status",
    "income_line",
    "indicator",
    "reading",
    "school_level_by_age",
    "standard",
)
SEED_FOLDERS = (PROJECT / "seeds", PROJECT.parent / "sources" / "reference")
# Registers of cards that were accepted: what a register says, and what it can no longer say, depends on its month.
REGISTERS = (
    ("2021-05", "c-2021-05", 1),
    ("2024-03", "c-2024-03", 2),
    ("2026-06", "c-2026-06-first", 3),
    ("2026-06", "c-2026-06-second", 4),
)
# Months in which one more row of evidence_order lets a feed be asked first: it is the row that decides, not the SQL.
ASKED_FIRST = {
    "2021-05": ("insurance", "labour/household_members"),
    "2021-06": ("house_quality", "labour/household_review"),
    "2021-07": ("house_area", "labour/household_review"),
    "2021-08": ("insurance", "health_insurance/cards"),
    "2021-09": ("house_quality", "housing/support_cases"),
    "2021-10": ("house_area", "housing/support_cases"),
}

TEXT, WHOLE, TRUTH, DAY = pa.string(), pa.int64(), pa.bool_(), pa.date32()
KEYED = {"household_key": TEXT, "registration_key": TEXT, "person_key": TEXT, "card_key": TEXT}
SENT = {"delivery_id": TEXT, "seq": WHOLE}
PLACED = {"period_month": DAY, "period_end": DAY, "members_delivered_for": DAY, "commune_code_then": TEXT}
PERSONS = {
    "person_number_usable": TRUTH,
    "is_known_by_name": TRUTH,
    "first_seen": DAY,
    "birth_year": WHOLE,
    "birth_month": DAY,
    "head_person_key": TEXT,
}
FORMS = {"household_size": WHOLE, "review_year": WHOLE, "feed": TEXT}
LISTS = {
    "has_review": TRUTH, "legal_class": TEXT, "is_recognised": TRUTH, "listed_persons": WHOLE, "head_sex": TEXT,
    "head_ethnicity_code": TEXT, "listed_by": TEXT, "list_month": DAY, "standard_id": TEXT,
}  # fmt: skip
ESCAPES = {"escaped_on": DAY, "escaped_until": DAY, "escape_is_estimated": TRUTH, "escaped_from": TEXT}
ESCAPES |= {"escape_listed_in": DAY}
# The columns that are not one of a feed's own.
OWN_COLUMNS = KEYED | SENT | PLACED | PERSONS | FORMS | LISTS | ESCAPES
INPUTS = {
    "stg_deliveries": "period_month",
    "stg_standing_delivery": "feed period_month delivery_id seq",
    "stg_quarantined_rows": "feed period_month person_key delivery_id commune_code",
    "stg_health_insurance__cards": "period_month person_key card_key person_number_usable valid_from valid_to "
    "beneficiary_group",
    "stg_housing__support_cases": "period_month case_code head_person_key status completed_on frame_wall_durable "
    "roof_durable floor_area_m2 funding_source delivery_id",
    "stg_labour__household_members": "period_month registration_key delivery_id member_no person_key "
    "person_number_usable is_known_by_name commune_code birth_year birth_month sex relation ethnicity_code can_work "
    "wants_work employed wage_employed has_labour_contract attending_school school_level education_level "
    "employer_training_certificate stunted underweight health_insured uses_internet uses_digital_service "
    "monthly_social_allowance is_disabled",
    "int_review_month": " ".join(columns_of("int_review_month")),
    "listed_household": "period_month household_key has_review commune_code commune_code_then area_type "
    "legal_class is_recognised score_a listed_persons head_sex head_ethnicity_code standard_id",
    "registration_person": "registration_key person_key first_seen",
    "review_in_force": "period_month household_key registration_key commune_code",
    "int_form_member": "period_month household_key commune_code person_key person_number_usable",
    "int_listed_person": "household_key commune_code person_key person_number_usable",
    "int_household_in_scope": "household_key",
    "list_in_force": "period_month commune_code_then listed_by list_month standard_id",
    "int_escape": "period_month household_key escaped_on escaped_until escape_is_estimated escaped_from "
    "escape_listed_in",
}


class Chain:
    """The models as tables of one database in memory; a change of SQL or seed is undone after it was asked."""

    def __init__(self, households: dict[str, Household]) -> None:
        self.reads: dict[str, list[str]] = {model: [] for model in MODELS}
        self.sql = {
            model: render(model_path(model), lambda name, to=model: self.reads[to].append(name) or name, True)
            for model in MODELS
        }
        self.engine = duckdb.connect(config={"threads": 1})
        months = ", ".join(f"date '{month}-01'" for month in sorted({one.month for one in households.values()}))
        self.engine.execute(f"set variable months = [{months}]")
        communes = PROJECT.parent / "sources" / "reference" / "communes.csv"
        self.engine.execute(
            f"create temp table scope as select code as commune_code from read_csv('{communes}', all_varchar = true)"
        )
        for name in SEEDS:
            self._load_seed(name)
        for month, asked in ASKED_FIRST.items():
            last = _last(_first(month))
            self.engine.execute("insert into evidence_order values (?, ?, 0, ?, ?)", [*asked, last, last])
        rows = _rows(households)
        for name, columns in INPUTS.items():
            self._load_input(name, columns.split(), rows[name])
        self._run(MODELS)
        for model in VIEWS:
            self.engine.execute(f"create view {model} as {self.sql[model]}")

    @contextlib.contextmanager
    def changed(self, name: str, statement: str) -> Generator[None]:
        """The chain after another select for a model, or after a statement on a seed."""
        self.engine.execute("begin")
        try:
            if name in MODELS:
                kind = "view" if name in VIEWS else "table"
                statement = f"create or replace {kind} {name} as {statement}"
            self.engine.execute(statement)
            self._run(self._after(name))
            yield
        finally:
            self.engine.execute("rollback")

    def _run(self, models: Iterable[str]) -> None:
        for model in models:
            if model not in VIEWS:
                self.engine.execute(f"create or replace table {model} as {self.sql[model]}")

    def _after(self, changed: str) -> list[str]:
        """What reads the changed relation, and what reads that."""
        stale, found = {changed}, []
        for model in MODELS:
            if stale & set(self.reads[model]):
                stale.add(model)
                found.append(model)
        return found

    def _load_seed(self, name: str) -> None:
        (path,) = (path for folder in SEED_FOLDERS for path in folder.glob(f"{name}.csv"))
        with path.open(encoding="utf-8") as file:
            header = next(csv.reader(file))
        types = _seed_types()[name]
        columns = ", ".join(f"'{column}': '{types[column]}'" for column in header)
        self.engine.execute(
            f"create table {name} as from read_csv('{path}', header = true, columns = {{{columns}}}, quote = '\"')"
        )

    def _load_input(self, name: str, columns: list[str], rows: list[dict[str, Any]]) -> None:
        types = _feed_types() | OWN_COLUMNS
        schema = pa.schema([(column, types[column]) for column in columns])
        lacking = {column for row in rows for column in row} - set(columns)
        assert not lacking, f"{name} lacks {sorted(lacking)}. Name them in INPUTS (tests/standard/chain.py)."
        self.engine.register("made_by_hand", pa.Table.from_pylist(rows, schema=schema))
        self.engine.execute(f"create table {name} as from made_by_hand")
        self.engine.unregister("made_by_hand")


def _seed_types() -> dict[str, dict[str, str]]:
    described = [
        seed
        for file in ("_rules.yml", "_reference.yml")
        for seed in yaml.safe_load((PROJECT / "seeds" / file).read_text(encoding="utf-8"))["seeds"]
    ]
    return {seed["name"]: seed["config"]["column_types"] for seed in described}


def _feed_types() -> dict[str, pa.DataType]:
    return {
        name: column.arrow_type
        for feed in discover().values()
        for name, column in feed.by_name.items()
        if column.kind != "date_or_year"
    }


def _rows(households: dict[str, Household]) -> dict[str, list[dict[str, Any]]]:
    """The feeds in which these households come."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in INPUTS}
    every = sorted({one.month for one in households.values()} | {register for register, _, _ in REGISTERS})
    rows["stg_deliveries"] = [{"period_month": _first(month)} for month in every]
    # A member row of the commune was set apart in one delivery, a row of another feed in the usual one.
    rows["stg_quarantined_rows"] = [
        {"feed": "labour/household_members", "delivery_id": "broken", "commune_code": "31120"},
        {"feed": "labour/household_members", "delivery_id": "m", "commune_code": "31117"},
        {"feed": "labour/household_review", "delivery_id": "m", "commune_code": "31120"},
    ]
    rows["stg_standing_delivery"] = [
        {"feed": "health_insurance/cards", "period_month": _first(month), "delivery_id": delivery, "seq": seq}
        for month, delivery, seq in REGISTERS
    ] + [{"feed": "labour/poverty_list", "period_month": _first(MONTH), "delivery_id": "l", "seq": 9}]
    # Of two lists of a unit the newer one names the standard.
    rows["list_in_force"] = [
        {
            "period_month": _first(MONTH),
            "commune_code_then": "31120",
            "list_month": _first("2026-09"),
            "standard_id": "S2027",
        },
        {
            "period_month": _first(MONTH),
            "commune_code_then": "31120",
            "list_month": _first(MONTH),
            "standard_id": "S2022",
        },
    ]
    for key, one in households.items():
        if one.form is not None:
            _review(rows, key, one)
        if one.listed is not None:
            rows["listed_household"].append(
                {"period_month": _first(one.month), "household_key": key, "commune_code": "31120"}
                | {"commune_code_then": "31120", "area_type": "rural", "has_review": one.form is not None}
                | {"standard_id": "S2022"}
                | one.listed
            )
        if one.escaped is not None:
            rows["int_escape"].append({"period_month": _first(one.month), "household_key": key} | one.escaped)
    return rows


def _review(rows: dict[str, list[dict[str, Any]]], key: str, one: Household) -> None:
    assert one.form is not None
    month = _first(one.month)
    rows["int_review_month"].append(
        {
            "period_month": month,
            "period_end": _last(month),
            "household_key": key,
            "registration_key": f"r {key}",
            "members_delivered_for": month,
            "commune_code": "31120",
            "delivery_id": "r",
        }
        | one.form
    )
    placed = {"period_month": month, "household_key": key, "commune_code": one.form.get("commune_code", "31120")}
    rows["review_in_force"].append(placed | {"registration_key": f"r {key}"})
    rows["int_household_in_scope"].append({"household_key": key})
    for number, member in enumerate(one.people, start=1):
        year, of_year = member.birth(one.month)
        # Who has no number is linked to the number of the cards, where there are cards.
        is_known = member.said["person_number_usable"] or member.cards
        person_key = f"{key} {number}" if is_known else f"{key} {number} unnumbered"
        rows["stg_labour__household_members"].append(
            {
                "period_month": month,
                "registration_key": f"r {key}",
                "member_no": number,
                "person_key": person_key,
                "birth_year": year,
                "birth_month": of_year,
            }
            | member.said
        )
        usable = member.said["person_number_usable"]
        rows["int_form_member"].append(placed | {"person_key": person_key, "person_number_usable": usable})
        if one.known_since:
            known = {"person_key": f"{key} {number}", "first_seen": _first(one.known_since)}
            rows["registration_person"].append(known | {"registration_key": f"r {key}"})
        for of_person, given in enumerate(member.cards):
            sent = {"period_month": _first(given["register"]), "person_key": person_key}
            dates = {name: day for name, day in given.items() if name != "register"}
            if dates:
                numbered = {"card_key": f"{person_key} {dates['card_key'] or of_person}", "person_number_usable": True}
                rows["stg_health_insurance__cards"].append(sent | dates | numbered)
            else:
                rows["stg_quarantined_rows"].append(sent | {"feed": "health_insurance/cards"})
    for built in one.houses:
        rows["stg_housing__support_cases"].append(
            {"period_month": _first(built["sent"]), "head_person_key": f"{key} 1", "delivery_id": built["sent"]}
            | {name: said for name, said in built.items() if name != "sent"}
            | {"case_code": f"{key} {built['case_code']}"}
        )


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _last(month: date) -> date:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
