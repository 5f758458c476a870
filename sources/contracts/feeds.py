"""Contracts: what a department promised, read from the ODCS file in its feed's folder.

`discover` finds the feeds by looking for `<department>/<feed>/contract.odcs.yaml`; nothing lists them by hand. Here
belongs the reading of contracts. Not here: checking rows against them (`rows`) or judging a delivery (`gate`).
"""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
from open_data_contract_standard.model import OpenDataContractStandard

from sources.contracts.refusal import BrokenPromise
from sources.text import fold

FOLDER = Path(__file__).parents[1]
CONTRACT = "contract.odcs.yaml"
# Roles that contracts have: the lists of the recognised, and the forms of the review.
POVERTY_LIST, HOUSEHOLD_REVIEW = "poverty_list", "household_review"

ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.decimal128(18, 4),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "date_or_year": pa.string(),
}


def _custom(described: dict[str, Any]) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in described.get("customProperties") or []}


@dataclass(frozen=True)
class Column:
    """One promised column.

    `kind` is one of text, enum, list, integer, number, boolean, date, date_or_year, personal_number. Of a column in
    zone `identity` only its `pseudonym` passes the identity zone, if it has one. An amount other than zero but below
    `smallest_amount` is in thousands or millions of its unit.
    """

    name: str
    header_vi: str
    kind: str
    required: bool
    zone: str
    description: str
    words: dict[str, list[str]] = field(default_factory=dict)
    unlisted_word: str | None = None
    code_list: str | None = None
    also_headed: tuple[str, ...] = ()
    empty_means: bool | None = None
    pseudonym: str | None = None
    number_also_in: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    smallest_amount: int | None = None

    @property
    def arrow_type(self) -> pa.DataType:
        return ARROW.get(self.kind, pa.string())

    @classmethod
    def of(cls, entry: dict[str, Any]) -> "Column":
        extra, bounds = _custom(entry), entry.get("logicalTypeOptions") or {}
        kind = entry.get("physicalType") or ("text" if entry["logicalType"] == "string" else entry["logicalType"])
        return cls(
            name=entry["name"],
            header_vi=entry["businessName"],
            kind=kind,
            required=entry["required"],
            zone=entry["classification"],
            description=entry["description"],
            words={str(code): [str(word) for word in words] for code, words in extra.get("words", {}).items()},
            unlisted_word=extra.get("unlisted_word"),
            code_list=extra.get("code_list"),
            also_headed=tuple(extra.get("also_headed", ())),
            empty_means=extra.get("empty_means"),
            pseudonym=extra.get("pseudonym"),
            number_also_in=extra.get("number_also_in"),
            minimum=bounds.get("minimum"),
            maximum=bounds.get("maximum"),
            pattern=bounds.get("pattern"),
            smallest_amount=extra.get("smallest_amount"),
        )


@dataclass(frozen=True)
class Tolerances:
    """How much a delivery may be off, in percent of its rows, from `valid_from` on; a dated row of the contract."""

    valid_from: date
    quarantined_pct: int
    duplicate_key_pct: int
    foreign_commune_pct: int
    volume_floor_pct: int
    volume_ceiling_pct: int
    judged_from_rows: int


@dataclass(frozen=True)
class Feed:
    """One feed of one department, as its contract describes it.

    `title_vi` and `title_en` are its names for readers; `role` says which feed it is to code that needs that very one.
    Sealed originals are kept `retention_years` after the month they report, refused files `retention_refused_years`
    after they were refused.
    """

    department: str
    name: str
    folder: Path
    title_vi: str
    title_en: str
    role: str | None
    version: str
    purpose: str
    grain: str
    owner: str
    contact: str
    latency_days: int
    retention_years: int
    retention_refused_years: int
    scope: str
    formats: tuple[str, ...]
    may_be_empty: bool
    refuse_repeated_bytes: bool
    falls_with_head: tuple[str, ...]
    household_registration: tuple[str, ...]
    place_headings: dict[str, list[str]]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    tolerance_rows: tuple[Tolerances, ...]

    @property
    def id(self) -> str:
        return f"{self.department}/{self.name}"

    @property
    def table(self) -> str:
        """Name of the feed's raw table, of its source in dbt and of its asset."""
        return f"{self.department}__{self.name}"

    def next_due(self, newest: date) -> date:
        """The last day on which the month after the `newest` that was sent is in time."""
        after_next = (newest + timedelta(days=31)).replace(day=1) + timedelta(days=31)
        return after_next.replace(day=1) - timedelta(days=1) + timedelta(days=self.latency_days)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def headings(self) -> dict[str, str]:
        """Folded headers to names: a column's own, its Vietnamese one, others in use; parts of a place last."""
        names: dict[str, str] = {}
        for column in self.columns:
            for heading in (column.name, column.header_vi, *column.also_headed):
                names.setdefault(fold(heading), column.name)
        for part, headings in self.place_headings.items():
            for heading in (part, *headings):
                names.setdefault(fold(heading), part)
        return names

    @cached_property
    def heading_ends(self) -> frozenset[str]:
        """Words with which one of the headings ends: what can stand lowest in a header of several rows."""
        headings = [heading.split() for heading in self.headings]
        return frozenset(" ".join(words[at:]) for words in headings for at in range(len(words)))

    @cached_property
    def first_month(self) -> date:
        """The first month that the contract has rules for."""
        return min(row.valid_from for row in self.tolerance_rows)

    def tolerances(self, month: date) -> Tolerances:
        """The tolerances in force in `month`."""
        return max((row for row in self.tolerance_rows if row.valid_from <= month), key=lambda row: row.valid_from)

    def module(self, name: str) -> ModuleType | None:
        """The feed's own `reader` or `suite`, or None where the shared one is enough."""
        if not (self.folder / f"{name}.py").exists():
            return None
        return importlib.import_module(f"sources.{self.department}.{self.name}.{name}")

    def broken(self, file: str, place: str, code: str, **values: object) -> BrokenPromise:
        """A refusal of `file` in the name of this feed; `code` and `values` are of `refusal.PROMISES`."""
        return BrokenPromise(
            file=file, place=place, code=code, owner=f"{self.owner} <{self.contact}>",
            contract=f"{self.id} v{self.version}", **values,
        )  # fmt: skip


def load(folder: Path) -> Feed:
    """The feed whose folder this is."""
    contract = OpenDataContractStandard.from_file(str(folder / CONTRACT)).model_dump(by_alias=True, exclude_none=True)
    department, name = contract["id"].split("/")
    if (department, name) != (folder.parent.name, folder.name):
        raise ValueError(f"{folder / CONTRACT} says it is {contract['id']}; its folder says otherwise.")
    extra, schema = _custom(contract), contract["schema"][0]
    promised = {sla["property"]: sla["value"] for sla in contract["slaProperties"]}
    keys = sorted(
        (entry for entry in schema["properties"] if entry.get("primaryKey")), key=lambda e: e["primaryKeyPosition"]
    )
    return Feed(
        department=department,
        name=name,
        folder=folder,
        title_vi=extra["title"]["vi"],
        title_en=extra["title"]["en"],
        role=extra.get("role"),
        version=contract["version"],
        purpose=contract["description"]["purpose"],
        grain=schema["dataGranularityDescription"],
        owner=contract["team"]["name"],
        contact=contract["support"][0]["channel"],
        latency_days=promised["latency"],
        retention_years=promised["retention"],
        retention_refused_years=promised["retention_refused"],
        scope=extra["scope"],
        formats=tuple(extra["formats"]),
        may_be_empty=extra["may_be_empty"],
        refuse_repeated_bytes=extra["refuse_repeated_bytes"],
        falls_with_head=tuple(extra.get("falls_with_head", ())),
        household_registration=tuple(extra.get("household_registration", ())),
        place_headings=extra.get("place_headings", {}),
        columns=tuple(Column.of(entry) for entry in schema["properties"]),
        key=tuple(entry["name"] for entry in keys),
        tolerance_rows=tuple(Tolerances(**row) for row in extra["tolerances"]),
    )


def _folders(root: Path) -> Iterator[Path]:
    yield from sorted(path.parent for path in root.glob(f"*/*/{CONTRACT}"))


@cache
def discover(root: Path = FOLDER) -> dict[str, Feed]:
    """Every feed below `root` by its id, in order of the id."""
    return {feed.id: feed for feed in map(load, _folders(root))}


def in_role(role: str) -> Feed:
    """The one feed whose contract has this role."""
    (feed,) = (feed for feed in discover().values() if feed.role == role)
    return feed
