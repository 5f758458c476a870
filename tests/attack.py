"""Somebody who wants back what the public figures withhold: the least and the most that each withheld count can be.

The attacker knows every definition and rule, has both maps, both standards, all tables and months, and solves linear
programs over all of it. He is told more than anybody is: which withheld counts are small, wherever that is not what
withholding hides. A count is recovered when his interval is 4 or less wide. By hand, at the size of a city:
`cd tests; ../.venv/bin/python -m attack HOME/published/VERSION [--months 2025-06 2025-07] [--linked] [--and VERSION2]`.
What is public and adds up is read where the project declares it; what follows from it is the attacker's own.

Not here: guesses by likelihood.
"""

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from declared import PLACE, public_columns, sums
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

RULE = next(
    csv.DictReader((Path(__file__).parents[1] / "dbt_project" / "seeds" / "disclosure_rule.csv").open(encoding="utf-8"))
)
SUPPRESS_BELOW, ROUND_TO = int(RULE["suppress_below"]), int(RULE["round_to"])
HALF = ROUND_TO // 2
NARROW = 4
# Places that may be otherwise at once in one linear program.
BLOCK = 20
UNITS = {"household": "h", "person": "p"}
CLASSES = ("poor", "near_poor")
LOSSES = ("moved_to_other_class", "rose_above", "other_decrease")
GAINS = ("came_from_other_class", "relapsed", "newly_arising", "other_increase")

# Name of a number: what it counts, then level, area and month. Numbers that are one by definition share a name.
Name = tuple[Any, ...]
# The column of a total (none where the parts have no rest) and of all its parts; None for a rest.
Part = tuple[str | None, tuple[str, ...]] | None


@dataclass
class Knowledge:
    """Numbers with bounds, and linear constraints between them."""

    index: dict[Name, int] = field(default_factory=dict)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    truth: list[int] = field(default_factory=list)
    withheld: dict[int, str] = field(default_factory=dict)
    # Withheld counts that he is told to be small, with the least they can be.
    small: dict[int, int] = field(default_factory=dict)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)
    # (level, code) of communes and units, with one name for those that exchanged something.
    places: dict[Name, str] = field(default_factory=dict)
    untrue: int = 0

    def number(self, name: Name, truth: int) -> int:
        if name not in self.index:
            self.index[name] = len(self.low)
            self.low.append(0)
            self.high.append(np.inf)
            self.truth.append(truth)
        return self.index[name]

    def bound(self, at: int, low: float, high: float) -> None:
        self.low[at], self.high[at] = max(self.low[at], low), min(self.high[at], high)

    def constrain(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> None:
        """low <= sum of terms <= high, unless it is not so in truth: then the definition has exceptions."""
        row: dict[int, float] = defaultdict(float)
        for at, factor in terms:
            row[at] += factor
        value = sum(factor * self.truth[at] for at, factor in row.items())
        if not low - 1e-6 <= value <= high + 1e-6:
            self.untrue += 1
        elif len(row) > 1:
            self.rows.append((dict(row), low, high))

    def relate(self, terms: Iterable[tuple[Name, float]], low: float = 0, high: float = 0) -> None:
        """As `constrain`, by names; says nothing where a number is not in any table."""
        found = [(self.index.get(name), factor) for name, factor in terms]
        if all(at is not None for at, _ in found):
            self.constrain([(at, factor) for at, factor in found if at is not None], low, high)


@dataclass(frozen=True)
class Table:
    """A public table, and what each of its counts is called."""

    name: str
    named: Callable[[dict[str, Any]], dict[str, Name]]
    # Counts that may be withheld as zeros too, with those of other rows: columns, the keys that such rows differ in,
    # and the values of the row that is left out with any of them.
    rows: tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[Any, ...], ...]] = ((), (), ())
    # The mart that declares what adds up, where this table shows what that one says.
    declared_by: str | None = None
    # Counts of which he is not told that they are small.
    untold: tuple[str, ...] = ()

    @cached_property
    def parts(self) -> dict[str, list[Part]]:
        """Counts that may be withheld as zeros too: the totals they are parts of. A rest has no total here."""
        found: dict[str, list[Part]] = defaultdict(list)
        for kind, roles in sums().get(self.declared_by or self.name, []):
            parts = tuple(roles.get("part", []) + roles.get("all", []))
            for column in parts:
                if kind != "known":
                    found[column].append((roles["whole"][0] if kind == "columns" else None, parts))
            for column in roles.get("rest", []):
                found[column].append(None)
        return found

    @cached_property
    def alike(self) -> list[str]:
        """Counts withheld together, the lesser first: small, or for the other's smallness."""
        return public_columns().get(self.name, {}).get("bound", [])


def _poverty(row: dict[str, Any]) -> dict[str, Name]:
    basis = ("computed", row["standard_id"]) if row["basis"] == "computed" else ("legal",)
    named: dict[str, Name] = {"reviewed_households": ("reviewed", "h"), "reviewed_persons": ("reviewed", "p")}
    for unit, letter in UNITS.items():
        named |= {f"{kind}_{unit}s": (*basis, kind, letter) for kind in CLASSES}
    named |= {f"{kind}_households": (*basis, kind, "h") for kind in ("average", "other", "undetermined")}
    return named | {
        "minority_households": ("minority", "h"),
        "minority_poor_households": (*basis, "poor", "h", "minority"),
    }


def _mpi(row: dict[str, Any]) -> dict[str, Name]:
    own = (row["standard_id"], UNITS[row["unit"]], row["weights"], row["k"])
    return {
        "units": ("reviewed", UNITS[row["unit"]]),
        "poor_units": ("n", *own),
        "poor_units_max": ("n_max", *own),
    }


def _indicator(row: dict[str, Any]) -> dict[str, Name]:
    standard, unit, k, code = row["standard_id"], UNITS[row["unit"]], row["k"], row["indicator_code"]
    return {
        "units": ("reviewed", unit),
        "poor_units": ("n", standard, unit, "legal", k),
        "deprived_units": ("deprived", standard, unit, code),
        "unknown_units": ("unknown", standard, unit, code),
        "poor_deprived_units": ("poor_deprived", standard, unit, k, code),
        "poor_deprived_households": ("lacks", "poor", standard, code),
        "near_poor_deprived_households": ("lacks", "near_poor", standard, code),
    }


def _group(row: dict[str, Any]) -> dict[str, Name]:
    own = (row["standard_id"], UNITS[row["unit"]], row["weights"], row["group_kind"], row["group_code"])
    return {
        "units": ("group", UNITS[row["unit"]], row["group_kind"], row["group_code"]),
        "poor_units": ("group_n", *own),
        "poor_units_max": ("group_n_max", *own),
    }


def _cross(row: dict[str, Any]) -> dict[str, Name]:
    at = (row["below_income_line"], row["three_or_more"])
    classes = {(True, True): "poor", (True, False): "near_poor"}
    return {
        f"reviewed_{unit}s": (
            ("computed", row["standard_id"], classes[at], letter)
            if at in classes
            else ("cross", row["standard_id"], letter, *at)
        )
        for unit, letter in UNITS.items()
    }


def _movement(row: dict[str, Any]) -> dict[str, Name]:
    own = (row["class"], UNITS[row["unit"]])
    return {name: ("flow", *own, name) for name in (*LOSSES, *GAINS)} | {
        "opening": ("opening", *own),
        "closing": ("legal", *own),
    }


def _cards(row: dict[str, Any]) -> dict[str, Name]:
    return {"cards_valid": ("cards", row["beneficiary_group"])}


def _conflict(row: dict[str, Any]) -> dict[str, Name]:
    return {name: ("conflict", row["subject"], name) for name in ("compared", "contradicted")}


PROGRAMME = {
    "poor_persons_insured": "poor_persons_on_file", "near_poor_persons_insured": "near_poor_persons_on_file",
    "poor_households_with_loan": "poor_households", "houses_completed": "houses_supported",
    "trained_persons_with_job": "trained_persons", "loans_open": "loans_open",
}  # fmt: skip


def _programme(_: dict[str, Any]) -> dict[str, Name]:
    return {name: ("programme", name) for name in dict.fromkeys([*PROGRAMME, *PROGRAMME.values()])}


def _form_1(_: dict[str, Any]) -> dict[str, Name]:
    return {f"{kind}_{unit}s": ("legal", kind, UNITS[unit]) for kind in CLASSES for unit in UNITS}


def _form_4(kind: str, codes: dict[str, list[str]]) -> Callable[[dict[str, Any]], dict[str, Name]]:
    def named(row: dict[str, Any]) -> dict[str, Name]:
        standard = row["standard_id"]
        return {
            f"indicator_{number:02d}": ("lacks", kind, standard, code)
            for number, code in enumerate(codes[standard], start=1)
        } | {"households": ("legal", kind, "h")}

    return named


def _classes(columns: dict[str, str | None], form: int) -> Callable[[dict[str, Any]], dict[str, Name]]:
    """Columns of a form with both classes: None is the total, a name that several forms share says so itself."""

    def named(row: dict[str, Any]) -> dict[str, Name]:
        unit = UNITS[row["unit"]]
        return {
            f"{kind}_{column}": ("legal", kind, unit, *([of] if of else []))
            if of is None or of == "minority"
            else (f"form_{form}", kind, unit, of)
            for kind in CLASSES
            for column, of in columns.items()
        }

    return named


GROUPS = ("minority", "no_working_capacity", "with_merit")
INDICATORS = [f"indicator_{number:02d}" for number in range(1, 13)]
ETHNIC = [f"ethnic_{number:02d}" for number in range(1, 55)]
CAUSES = [f"cause_{number}" for number in range(1, 9)]
FORM_8 = {"total": None, **{name: name for name in (*GROUPS, "in_no_group", "counted_again")}}
FORM_9 = {"total": None, "minorities": "minority", **{name: name for name in (*ETHNIC, "ethnic_unknown")}}
FORM_10 = {"total": None, **{name: name for name in (*CAUSES, "cause_unknown")}}
CHILDREN = ("uninsured", "malnourished", "unschooled")


def _form_11(_: dict[str, Any]) -> dict[str, Name]:
    return {f"{kind}_children": ("children", kind) for kind in CLASSES} | {
        f"{kind}_{what}_children": ("children", kind, what) for kind in CLASSES for what in CHILDREN
    }


def _form_12(kind: str) -> Callable[[dict[str, Any]], dict[str, Name]]:
    def named(_: dict[str, Any]) -> dict[str, Name]:
        found: dict[str, Name] = {}
        for unit, letter in UNITS.items():
            found |= {
                f"minority_{unit}s": ("minority", letter),
                f"opening_{unit}s": ("opening", kind, letter),
                f"closing_{unit}s": ("legal", kind, letter),
                f"closing_minority_{unit}s": ("legal", kind, letter, "minority"),
                f"female_headed_{unit}s": ("female", kind, letter),
            }
        return found | {"minority_female_headed_households": ("minority_female", kind)}

    return named


def public_tables(codes: dict[str, list[str]] | None = None) -> list[Table]:
    """The tables with counts; the names of the numbers in forms 4 and 6 need the codes of the indicators."""
    codes = codes or defaultdict(lambda: [""] * 12)
    groups = (_columns_of_rows("area_mpi_group"), ("group_code",), (("kinh",), ("male",), ("16-59",)))
    lacks = (("poor_deprived_units",), ("indicator_code",), ())
    lines = ("below_income_line", "three_or_more")
    unknown = (False, None)
    crossed = (_columns_of_rows("area_cross"), lines, tuple((below, three) for below in unknown for three in unknown))
    return [
        Table("area_poverty", _poverty),
        Table("area_mpi", _mpi),
        Table("area_indicator", _indicator, lacks),
        Table("area_mpi_group", _group, groups),
        Table("area_cross", _cross, crossed),
        Table("area_movement", _movement),
        Table("area_programme", _programme),
        Table("area_cards", _cards),
        Table("area_conflict", _conflict),
        Table("official_report_1", _form_1),
        Table("official_report_2", lambda row: _movement(row | {"class": "poor"}), declared_by="area_movement"),
        Table("official_report_3", lambda row: _movement(row | {"class": "near_poor"}), declared_by="area_movement"),
        Table("official_report_4", _form_4("poor", codes), untold=tuple(INDICATORS)),
        Table("official_report_6", _form_4("near_poor", codes), untold=tuple(INDICATORS)),
        Table("official_report_8", _classes(FORM_8, 8)),
        Table("official_report_9", _classes(FORM_9, 9)),
        Table("official_report_10", _classes(FORM_10, 10)),
        Table("official_report_11", _form_11),
        Table("official_report_12", _form_12("poor")),
        Table("official_report_13", _form_12("near_poor")),
    ]


def _columns_of_rows(mart: str) -> tuple[str, ...]:
    """Counts of a mart that add up over its rows."""
    return tuple(column for kind, roles in sums()[mart] if kind == "rows" for column in roles["each_row"])


def learn(public: Path, restricted: Path, months: list[str], plain: bool = False) -> Knowledge:
    """All that the public database says of these months (YYYY-MM-01), and what the attacker is told besides.

    `plain` says that a count is withheld for its own smallness alone.
    """
    known = Knowledge()
    with duckdb.connect() as engine:
        engine.execute(f"attach '{public}' as public (read_only)")
        engine.execute(f"attach '{restricted}' as exact (read_only)")
        codes: dict[str, list[str]] = defaultdict(list)
        for standard, code in engine.execute(
            "select standard_id, indicator_code from exact.marts.dim_indicator order by standard_id, display_order"
        ).fetchall():
            codes[standard].append(code)
        places = {
            code: {"city": city, "former_province": province, "area_type": kind}
            for code, city, province, kind in engine.execute(
                "select code, province_code, former_province_code, area_type from exact.reference.communes "
                "inner join exact.reference.commune_area_type on code = commune_code "
                "where ? between valid_from and valid_to",
                [months[0]],
            ).fetchall()
        }
        maps = engine.execute("select old_code, new_code from exact.reference.communes_before_2025").fetchall()
        for table in public_tables(codes):
            _read(known, engine, table, months, plain)
    areas = sorted({name[-3:] for name in known.index}, key=str)
    for area in areas:
        _identities(known, area, codes)
    _hierarchy(known, places, plain)
    _maps(known, maps)
    _link_months(known)
    not_withheld(known)
    return known


def _read(known: Knowledge, engine: duckdb.DuckDBPyConnection, table: Table, months: list[str], plain: bool) -> None:
    keys, counts = columns_of(engine, table)
    asked = ", ".join(f"date '{month}'" for month in months)
    found = engine.execute(f"select p, e from {both_tables(table, keys)} where p.period_month in ({asked})").fetchall()
    columns, differing, rests = table.rows

    def beside(shown: dict[str, Any], column: str) -> Name:
        return (column, *(shown[key] for key in keys if key not in differing))

    def is_rest(shown: dict[str, Any]) -> bool:
        return tuple(shown[key] for key in differing) in rests

    open_rows = {
        beside(shown, column)
        for shown, _ in found
        for column in columns
        if shown[column] is not None and not is_rest(shown)
    }
    for shown, exact in found:
        month = shown["period_month"].isoformat()
        level, code = (
            (shown["area_level"], shown["area_code"]) if "area_level" in keys else ("commune", shown["commune_code"])
        )
        # A count that he has no name for stands in no other table.
        own = tuple(shown[key] for key in keys if key not in PLACE)
        unnamed: dict[str, Name] = {column: (table.name, column, *own) for column in counts}
        for column, what in (unnamed | table.named(shown)).items():
            truth, value = exact[column], shown[column]
            if truth is None:
                continue
            at = known.number((*what, level, code, month), truth)
            if value is not None:
                known.bound(at, max(value - HALF, SUPPRESS_BELOW) if value else 0, value + HALF if value else 0)
                continue
            known.withheld.setdefault(at, f"{table.name}.{column}")
            # Units from before a merger are withheld with those they merged with, small or not.
            told = level != "commune_then" and _is_small_for_sure(table, shown, column)
            if column in columns:
                told = told and not is_rest(shown) and beside(shown, column) in open_rows
            if told and not plain and column in table.alike[1:]:
                known.bound(at, min(truth, 1), np.inf)
            elif (told or plain) and truth < SUPPRESS_BELOW:
                least = 0 if column in table.alike and not plain else 1
                if truth >= least:
                    known.small[at] = least


def _is_small_for_sure(table: Table, shown: dict[str, Any], column: str) -> bool:
    """Whether a withheld count is told apart from a zero or a larger one that is withheld with others in its row."""
    if column in table.untold:
        return False
    if column not in table.parts or shown.get("basis") == "legal":
        return column != "other_households"
    return all(_is_told_apart(shown, part_of) for part_of in table.parts[column])


def _is_told_apart(shown: dict[str, Any], part_of: Part) -> bool:
    if part_of is None:
        return False
    whole, parts = part_of
    one_is_shown = any(shown[part] is not None for part in parts)
    if whole is None:
        return one_is_shown
    room = (shown[whole] or 0) - HALF - (SUPPRESS_BELOW - 1) * len(parts) >= SUPPRESS_BELOW
    return shown[whole] is not None and (room or one_is_shown)


def _identities(known: Knowledge, area: Name, codes: dict[str, list[str]]) -> None:  # noqa: C901 - a list of facts
    """What the definitions say of the numbers of one area and month."""

    def relate(*terms: tuple[Name, float], low: float = 0, high: float = 0) -> None:
        known.relate([((*name, *area), factor) for name, factor in terms], low, high)

    def at_most(part: Name, *whole: Name) -> None:
        relate((part, -1), *((name, 1) for name in whole), high=np.inf)

    def adds_up(whole: Name, parts: list[Name]) -> None:
        relate((whole, -1), *((name, 1) for name in parts))

    def fit_in(whole: Name, parts: Iterable[Name]) -> None:
        relate((whole, 1), *((name, -1) for name in parts), high=np.inf)

    at_most(("reviewed", "h"), ("reviewed", "p"))
    for standard, indicators in codes.items():
        basis = ("computed", standard)
        adds_up(
            ("reviewed", "h"),
            [(*basis, kind, "h") for kind in ("poor", "near_poor", "average", "other", "undetermined")],
        )
        fit_in(("reviewed", "p"), [(*basis, kind, "p") for kind in CLASSES])
        crossed = [(True, None), *((below, three) for below in (False, None) for three in (True, False, None))]
        for unit in "hp":
            adds_up(
                ("reviewed", unit),
                [(*basis, kind, unit) for kind in CLASSES] + [("cross", standard, unit, *at) for at in crossed],
            )
        not_below = [("cross", standard, "h", False, three) for three in (True, False, None)]
        relate(((*basis, "average", "h"), 1), ((*basis, "other", "h"), 1), *((name, -1) for name in not_below))
        unsure = [("cross", standard, "h", *at) for at in crossed if None in at and at[0] is not False]
        adds_up((*basis, "undetermined", "h"), unsure)
        for at in crossed:
            at_most(("cross", standard, "h", *at), ("cross", standard, "p", *at))
        _alkire_foster(at_most, adds_up, relate, standard, indicators)
        for kind in CLASSES:
            at_most((*basis, kind, "h"), (*basis, kind, "p"))
            for code in indicators:
                at_most(("lacks", kind, standard, code), ("legal", kind, "h"))
        for code in indicators:
            fit_in(("deprived", standard, "h", code), [("lacks", kind, standard, code) for kind in CLASSES])
        at_most((*basis, "poor", "h", "minority"), (*basis, "poor", "h"))
    for kind in CLASSES:
        _recognised(at_most, adds_up, relate, fit_in, kind)
    relate(
        (("reviewed", "h"), -1),
        *((("legal", kind, "h"), 1) for kind in (*CLASSES, "other", "undetermined")),
        high=np.inf,
    )
    for unit in "hp":
        relate((("flow", "poor", unit, LOSSES[0]), 1), (("flow", "near_poor", unit, GAINS[0]), -1))
        relate((("flow", "near_poor", unit, LOSSES[0]), 1), (("flow", "poor", unit, GAINS[0]), -1))
    for part, whole in PROGRAMME.items():
        if part != whole:
            at_most(("programme", part), ("programme", whole))
    for subject in ("insurance", "class", "movement", "score", "size", "work"):
        at_most(("conflict", subject, "contradicted"), ("conflict", subject, "compared"))


GROUP_CODES = {
    "ethnicity": ("kinh", "minority", "unknown"),
    "head_sex": ("male", "female", "unknown"),
    "age_group": ("0-15", "16-59", "60+", "unknown"),
}


def _alkire_foster(  # noqa: C901 - a list of facts
    at_most: Callable[..., None],
    adds_up: Callable[..., None],
    relate: Callable[..., None],
    standard: str,
    indicators: list[str],
) -> None:
    for unit in "hp":
        for weights in ("legal", "nested"):
            own = (standard, unit, weights)
            for k in range(1, 13):
                at_most(("n", *own, k), ("n_max", *own, k))
                at_most(("n_max", *own, k), ("reviewed", unit))
                for less in range(1, k):
                    at_most(("n", *own, k), ("n", *own, less))
                    at_most(("n_max", *own, k), ("n_max", *own, less))
            for kind, group_codes in GROUP_CODES.items():
                groups = [(*own, kind, code) for code in group_codes]
                adds_up(("reviewed", unit), [("group", unit, kind, code) for code in group_codes])
                adds_up(("n", *own, 3), [("group_n", *group) for group in groups])
                adds_up(("n_max", *own, 3), [("group_n_max", *group) for group in groups])
                for group in groups:
                    at_most(("group_n", *group), ("group_n_max", *group))
                    at_most(("group_n_max", *group), ("group", unit, *group[3:]))
        for k in range(1, 13):
            poor = ("n", standard, unit, "legal", k)
            lacks = [(("poor_deprived", standard, unit, k, code), 1.0) for code in indicators]
            more = [(("n", standard, unit, "legal", other), -1.0) for other in range(k + 1, 13)]
            # Who is poor at k lacks k things, and one more for each higher cut-off he is poor at.
            relate(*lacks, (poor, -k), *more)
            relate(*lacks, (poor, -k), high=np.inf)
            if k == 3:
                relate(*lacks, (poor, -3), (("n", standard, unit, "legal", 4), -1), high=np.inf)
            relate(*lacks, (poor, -12), low=-np.inf)
            for code in indicators:
                deprived = ("deprived", standard, unit, code)
                poor_deprived = ("poor_deprived", standard, unit, k, code)
                at_most(poor_deprived, poor)
                at_most(poor_deprived, deprived)
                at_most(deprived, poor_deprived, ("reviewed", unit))
                relate((deprived, 1), (poor, 1), (poor_deprived, -1), (("reviewed", unit), -1), low=-np.inf)
                at_most(("poor_deprived", standard, unit, k + 1, code), poor_deprived)
        for code in indicators:
            relate(
                (("deprived", standard, unit, code), 1),
                (("unknown", standard, unit, code), 1),
                (("reviewed", unit), -1),
                low=-np.inf,
            )
    for code in indicators:
        at_most(("deprived", standard, "h", code), ("deprived", standard, "p", code))
        at_most(("unknown", standard, "h", code), ("unknown", standard, "p", code))
        at_most(("poor_deprived", standard, "h", 3, code), ("poor_deprived", standard, "p", 3, code))
    for weights in ("legal", "nested"):
        for k in range(1, 13):
            for what in ("n", "n_max"):
                at_most((what, standard, "h", weights, k), (what, standard, "p", weights, k))


def _recognised(
    at_most: Callable[..., None],
    adds_up: Callable[..., None],
    relate: Callable[..., None],
    fit_in: Callable[..., None],
    kind: str,
) -> None:
    at_most(("legal", kind, "h"), ("legal", kind, "p"))
    for unit in "hp":
        own = (kind, unit)
        relate(
            (("opening", *own), 1),
            *((("flow", *own, name), -1) for name in LOSSES),
            *((("flow", *own, name), 1) for name in GAINS),
            (("legal", *own), -1),
        )
        fit_in(("opening", *own), [("flow", *own, name) for name in LOSSES])
        fit_in(("legal", *own), [("flow", *own, name) for name in GAINS])
        groups = [("legal", *own, "minority"), *(("form_8", *own, name) for name in GROUPS[1:])]
        relate(
            (("legal", *own), -1),
            *((group, 1) for group in groups),
            (("form_8", *own, "in_no_group"), 1),
            (("form_8", *own, "counted_again"), -1),
        )
        ethnic = [("form_9", *own, name) for name in ETHNIC]
        adds_up(("legal", *own), [*ethnic, ("form_9", *own, "ethnic_unknown")])
        adds_up(("legal", *own, "minority"), ethnic[1:])
        at_most(("legal", *own, "minority"), ("minority", unit))
        causes = [("form_10", *own, name) for name in CAUSES]
        unknown = ("form_10", *own, "cause_unknown")
        relate((("legal", *own), -1), (unknown, 1), *((cause, 1) for cause in causes), high=np.inf)
        for part in (*groups, unknown):
            at_most(part, ("legal", *own))
        for cause in causes:
            relate((("legal", *own), 1), (cause, -1), (unknown, -1), high=np.inf)
        at_most(("female", *own), ("legal", *own))
    for what in [*LOSSES, *GAINS]:
        at_most(("flow", kind, "h", what), ("flow", kind, "p", what))
    for form, names in ((8, (*GROUPS[1:], "in_no_group")), (9, ETHNIC), (10, (*CAUSES, "cause_unknown"))):
        for name in names:
            at_most((f"form_{form}", kind, "h", name), (f"form_{form}", kind, "p", name))
    at_most(("legal", kind, "h", "minority"), ("legal", kind, "p", "minority"))
    at_most(("minority", "h"), ("minority", "p"))
    at_most(("minority_female", kind), ("female", kind, "h"))
    at_most(("minority_female", kind), ("legal", kind, "h", "minority"))
    for what in CHILDREN:
        at_most(("children", kind, what), ("children", kind))
    at_most(("children", kind), ("legal", kind, "p"))


def _hierarchy(known: Knowledge, places: dict[str, dict[str, str]], plain: bool) -> None:
    """Areas add up: communes to each area above them, former provinces and the two kinds of area to the city.

    Of an area in which n small counts are withheld he is told no more than that it is below n and the least that is
    shown: whether it is small or would show them is what withholding it hides.
    """
    parts: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for name, at in known.index.items():
        *what, level, code, month = name
        above = (
            places[code] if level == "commune" else {"city": "92"} if level in ("former_province", "area_type") else {}
        )
        for wider, place in above.items():
            whole = known.index.get((*what, wider, place, month))
            if whole is not None:
                parts[whole][level].append(at)
    for whole, ways in parts.items():
        for members in ways.values():
            known.constrain([(whole, -1), *((at, 1) for at in members)], 0, 0)
    for at in known.small:
        few = sum(one in known.withheld and 0 < known.truth[one] < SUPPRESS_BELOW for one in parts[at]["commune"])
        known.bound(at, known.small[at], SUPPRESS_BELOW - 1 + (few if few > 1 and not plain else 0))


def _maps(known: Knowledge, maps: list[tuple[str, str]]) -> None:
    """Before July 2025 a commune of today is made of units, and a few units went to two communes."""
    units_of, communes_of = defaultdict(set), defaultdict(set)
    for old, new in maps:
        units_of[new].add(old)
        communes_of[old].add(new)
    for *what, level, new, month in [name for name in known.index if name[-3] == "commune"]:
        at = known.index[(*what, level, new, month)]
        units = {old: known.index.get((*what, "commune_then", old, month)) for old in units_of[new]}
        news, olds = {new}, set(units)
        while len(more := {to for old in olds for to in communes_of[old]}) > len(news):
            news, olds = more, {old for to in more for old in units_of[to]}
        known.places[level, new] = min(news)
        known.places |= {("commune_then", old): min(news) for old in units}
        if not units or any(unit is None for unit in units.values()):
            continue
        whole = [(unit, 1.0) for old, unit in units.items() if unit is not None and len(communes_of[old]) == 1]
        known.constrain([(at, -1), *whole], 0 if len(whole) == len(units) else -np.inf, 0)
        known.constrain([(at, -1), *((unit, 1.0) for unit in units.values() if unit is not None)], 0, np.inf)
        # All that exchanged something add up to the same on both maps.
        if len(news) > 1 and new == min(news):
            known.relate(
                [((*what, level, one, month), -1.0) for one in news]
                + [((*what, "commune_then", one, month), 1.0) for one in olds]
            )


def _link_months(known: Knowledge) -> None:
    """A month opens with the closing of the month before."""
    for name, at in known.index.items():
        if name[0] == "opening":
            _, kind, unit, level, code, month = name
            year, number = int(month[:4]), int(month[5:7])
            before = f"{year - (number == 1)}-{(number - 2) % 12 + 1:02d}-01"
            closing = known.index.get(("legal", kind, unit, level, code, before))
            if closing is not None:
                known.constrain([(at, 1), (closing, -1)], 0, 0)


@dataclass(frozen=True)
class Recovered:
    """A withheld count that the attacker has pinned down to `low` .. `high`."""

    name: Name
    column: str
    truth: int
    low: int
    high: int


def not_withheld(known: Knowledge) -> None:
    """What another table shows is public, whatever stands in its own place: as zero, part of such, or a shown total.

    A part whose other parts are all zero is the total.
    """
    known.withheld = {at: column for at, column in known.withheld.items() if known.high[at] > 0}
    found = {-1}
    while found:
        found = set()
        for row, low, high in known.rows:
            for bound, sign in ((low, 1), (high, -1)):
                if bound == 0 and all(known.high[at] == 0 for at, factor in row.items() if factor * sign > 0):
                    found |= {at for at, factor in row.items() if factor * sign < 0 and known.high[at] > 0}
        for at in found:
            known.bound(at, 0, 0)
            known.withheld.pop(at, None)
    for row, low, high in known.rows:
        left = [at for at in row if known.high[at] > 0]
        if low == high == 0 and len(left) == 2 and sum(row[at] for at in left) == 0:
            shown = [at for at in left if at not in known.withheld]
            if len(shown) == 1:
                (at,) = (at for at in left if at not in shown)
                known.bound(at, known.low[shown[0]], known.high[shown[0]])
                known.withheld.pop(at, None)


def both(before: Knowledge, after: Knowledge) -> Knowledge:
    """Two versions at once, by somebody who is told which communes changed: the numbers of all others are the same."""

    def of_communes(known: Knowledge) -> dict[Name, dict[Name, int]]:
        found: dict[Name, dict[Name, int]] = defaultdict(dict)
        for name, at in known.index.items():
            if name[-3] in ("commune", "commune_then"):
                found[name[-3:]][name] = known.truth[at]
        return found

    earlier, later = of_communes(before), of_communes(after)
    same = {area for area, numbers in later.items() if earlier.get(area) == numbers}
    known, place = deepcopy(before), {}
    for name, at in after.index.items():
        place[at] = to = known.number(name if name[-3:] in same else ("later", *name), after.truth[at])
        known.bound(to, after.low[at], after.high[at])
        if at in after.withheld:
            known.withheld.setdefault(to, after.withheld[at])
    known.places |= after.places
    known.rows += [({place[at]: factor for at, factor in row.items()}, low, high) for row, low, high in after.rows]
    return known


def _asked(known: Knowledge) -> np.ndarray:
    """The withheld numbers to ask for; of peoples withheld alike in one row of form 9 one stands for all."""
    alike: dict[Any, int] = {}
    for name, at in known.index.items():
        if at in known.withheld:
            is_people = name[0] == "form_9" and name[3] not in ("ethnic_01", "ethnic_unknown")
            key = (name[:3], name[4:], known.truth[at], known.low[at], known.high[at]) if is_people else name
            alike.setdefault(key, at)
    return np.array(sorted(alike.values()), dtype=int)


class Worlds:
    """Worlds that look the same in public, and what has been seen in them of the numbers asked for."""

    def __init__(self, known: Knowledge) -> None:
        sizes = np.cumsum([0] + [len(row) for row, _, _ in known.rows])
        at = np.fromiter((at for row, _, _ in known.rows for at in row), int, sizes[-1])
        factors = np.fromiter((factor for row, _, _ in known.rows for factor in row.values()), float, sizes[-1])
        self._rows = csr_matrix((factors, at, sizes), shape=(len(known.rows), len(known.low)))
        self._by_number = self._rows.tocsc()
        self._added, self._taken = self._rows.maximum(0), self._rows.minimum(0)
        self._lows = np.array([low for _, low, _ in known.rows])
        self._highs = np.array([high for *_, high in known.rows])
        # Nothing withheld is above all households of the city.
        self._low, self._high = np.array(known.low), np.minimum(known.high, 10 * max(known.truth) + 1000)
        self._truth = np.array(known.truth, dtype=float)
        self.asked = _asked(known)
        self.least = self._truth[self.asked].astype(int)
        self.most = self.least.copy()

    def narrow(self, free: np.ndarray) -> np.ndarray:
        """Of the numbers that are free, those asked for of which no two values more than 4 apart were seen."""
        return self.asked[(self.most - self.least <= NARROW) & free[self.asked]]

    def look(self, pulls: np.ndarray, free: np.ndarray) -> None:
        """See the two worlds at the ends of what is pulled, where numbers that are not free are as they truly are."""
        for way in (pulls, -pulls):
            seen = self._solve(way, free, self._truth, self._truth)[self.asked]
            np.minimum(self.least, np.ceil(seen - 1e-5).astype(int), out=self.least)
            np.maximum(self.most, np.floor(seen + 1e-5).astype(int), out=self.most)

    def bounds(self, at: int, free: np.ndarray) -> tuple[int, int]:
        """No less and no more than this is a number, whatever in their own bounds the numbers are that are not free."""
        alone = np.zeros(len(self._truth))
        alone[at] = 1
        low, high = (self._solve(way, free, self._low, self._high)[at] for way in (alone, -alone))
        return int(np.ceil(low - 1e-5)), int(np.floor(high + 1e-5))

    def _solve(
        self, pulls: np.ndarray, free: np.ndarray, others_low: np.ndarray, others_high: np.ndarray
    ) -> np.ndarray:
        is_moved = free & (self._low < self._high)
        moved = np.flatnonzero(is_moved)
        rows = np.unique(self._by_number[:, moved].indices)
        low, high = np.where(is_moved, 0, others_low), np.where(is_moved, 0, others_high)
        least = self._added[rows] @ low + self._taken[rows] @ high
        most = self._added[rows] @ high + self._taken[rows] @ low
        done = milp(
            pulls[moved],
            constraints=LinearConstraint(
                self._rows[rows][:, moved], self._lows[rows] - most, self._highs[rows] - least
            ),
            bounds=Bounds(self._low[moved], self._high[moved]),
        )
        assert done.status == 0, done.message
        world = self._truth.copy()
        world[moved] = done.x
        return world


def attack(
    known: Knowledge,
    sample: int | None = None,
    of_each_table: int | None = None,
    say: Callable[[str], object] = lambda _: None,
) -> Iterator[Recovered]:
    """The withheld counts that are recovered, of all areas above the communes and of all places, or a `sample` of them.

    Two worlds that look the same in public prove that a count is not recovered; its least and its most are not needed.
    So worlds are looked at in bulk, each with random pulls at the counts of some places that are still narrow. When
    that settles fewer counts than asking for each would, the rest are asked one by one, in ever larger blocks of
    places. What is narrow even if each number elsewhere were anything in its bounds is recovered. With `of_each_table`,
    so many of each table are asked so, drawn at random among all places, in one block each.
    """
    worlds, chance, names = Worlds(known), np.random.default_rng(7), list(known.index)
    place = np.array([known.places.get(name[-3:-1], "") for name in names])
    everywhere = np.unique(place[place != ""])
    targets = chance.permutation(everywhere)[:sample]
    is_target = np.isin(place, [*targets, ""])

    def block(some: Iterable[str], size: int) -> np.ndarray:
        others = chance.permutation(np.setdiff1d(everywhere, list(some)))
        return np.isin(place, ["", *some, *others[: max(size - len(list(some)), 0)]])

    left, programs = np.inf, 0
    while left - len(worlds.narrow(is_target)) >= programs:
        left, programs = len(worlds.narrow(is_target)), 0
        say(f"{np.sum(is_target[worlds.asked])} withheld counts asked for, {left} of them narrow")
        targets = chance.permutation(targets)
        for first in range(0, len(targets), BLOCK):
            free = block(targets[first : first + BLOCK], BLOCK)
            at = worlds.narrow(free & is_target)
            # A few strong pulls and many weak ones: counts that share a total cannot all be large in one world.
            pulls = np.zeros(len(names))
            pulls[at] = chance.choice([-1.0, 1.0], len(at)) * np.minimum(chance.random(len(at)) ** -1.5, 1e4)
            worlds.look(pulls, free)
            programs += 2
    rest = set(worlds.narrow(is_target).tolist())
    if of_each_table is not None:
        rest = set(_drawn(known, worlds.asked, chance, of_each_table))
    for size in (BLOCK, 3 * BLOCK, len(everywhere)) if of_each_table is None else (BLOCK,):
        for at in sorted(rest):
            free = block([place[at]] if place[at] else [], size)
            pulls = np.zeros(len(names))
            pulls[at] = 1
            if at in worlds.narrow(free):
                worlds.look(pulls, free)
            if at not in worlds.narrow(free):
                rest.remove(at)
                continue
            low, high = worlds.bounds(at, free)
            if high - low <= NARROW:
                rest.remove(at)
                yield Recovered(names[at], known.withheld[at], known.truth[at], low, high)
        say(f"{len(rest)} narrow where {size} places may be otherwise")


def _drawn(known: Knowledge, asked: np.ndarray, chance: np.random.Generator, of_each_table: int) -> Iterator[int]:
    """So many of the numbers asked for of each table, or all that it withholds."""
    of_table: dict[str, list[int]] = defaultdict(list)
    for at in chance.permutation(asked).tolist():
        of_table[known.withheld[at].split(".")[0]].append(at)
    for numbers in of_table.values():
        yield from numbers[:of_each_table]


def weaken(public: Path, restricted: Path, out: Path) -> None:
    """The public tables under the plain rule: small counts withheld, the others rounded, and nothing else."""
    with duckdb.connect(str(out)) as engine:
        engine.execute(f"attach '{public}' as public (read_only)")
        engine.execute(f"attach '{restricted}' as exact (read_only)")
        engine.execute("create schema marts")
        for table in public_tables():
            keys, counts = columns_of(engine, table)
            protected = [
                f"case when e.{column} = 0 or e.{column} >= {SUPPRESS_BELOW} "
                f"then (2 * e.{column} + {ROUND_TO}) // {2 * ROUND_TO} * {ROUND_TO} end as {column}"
                for column in counts
            ]
            engine.execute(
                f"create table marts.{table.name} as select {', '.join(f'p.{key}' for key in keys)}, "
                f"{', '.join(protected)} from {both_tables(table, keys)}"
            )


def columns_of(engine: duckdb.DuckDBPyConnection, table: Table) -> tuple[list[str], list[str]]:
    """(keys, counts) of a public table."""
    if declared := public_columns().get(table.name):
        return declared["keys"], declared["counts"]
    # Forms that show what public area marts do; deprivations are a sum of what is shown.
    types = {row[0]: row[1] for row in engine.execute(f"describe public.marts.{table.name}").fetchall()}
    keys = [name for name in types if name in ("unit", "standard_id", *PLACE)]
    return keys, [name for name, kind in types.items() if kind == "BIGINT" and name not in (*keys, "deprivations")]


def both_tables(table: Table, keys: Iterable[str]) -> str:
    on = " and ".join(f"p.{key} is not distinct from e.{key}" for key in keys)
    return f"public.marts.{table.name} as p inner join exact.marts.{table.name} as e on {on}"


def utility(public: Path, restricted: Path, months: list[str]) -> list[tuple[Any, ...]]:
    """Rows (table or level, counts, per cent withheld, mean error of what is shown; both under the plain rule)."""
    asked = ", ".join(f"date '{month}'" for month in months)
    with duckdb.connect() as engine:
        engine.execute(f"attach '{public}' as public (read_only)")
        engine.execute(f"attach '{restricted}' as exact (read_only)")
        parts = []
        for table in public_tables():
            keys, counts = columns_of(engine, table)
            level = "p.area_level" if "area_level" in keys else "'forms'"
            parts += [
                f"select '{table.name}' as name, {level} as level, e.{column} as exact, p.{column} as shown "
                f"from {both_tables(table, keys)} where p.period_month in ({asked}) and e.{column} is not null"
                for column in counts
            ]
        return engine.execute(
            f"""
            select coalesce(name, level), count(*), 100 * avg((shown is null)::int), avg(abs(shown - exact)),
                100 * avg((exact between 1 and {SUPPRESS_BELOW - 1})::int),
                avg(abs((2 * exact + {ROUND_TO}) // {2 * ROUND_TO} * {ROUND_TO} - exact))
                    filter (where exact = 0 or exact >= {SUPPRESS_BELOW})
            from ({" union all ".join(parts)}) group by grouping sets (name, level) order by name, level
            """
        ).fetchall()


def main() -> None:
    say = sys.stdout.write
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", type=Path, help="folder of a published version")
    parser.add_argument("--months", nargs="*", help="YYYY-MM; else all")
    parser.add_argument("--linked", action="store_true", help="each month together with the one before")
    parser.add_argument("--and", dest="later", type=Path, help="folder of a version that came after")
    given = parser.parse_args()
    databases = [(one / "public.duckdb", one / "restricted.duckdb") for one in (given.version, given.later) if one]
    with duckdb.connect(str(databases[0][0]), read_only=True) as engine:
        published = engine.execute(
            "select distinct period_month::varchar from marts.area_poverty order by 1"
        ).fetchall()
    months = [f"{month}-01" for month in given.months] if given.months else [month for (month,) in published]
    say("table or level | counts | withheld % | mean error | plain rule: withheld % | mean error\n")
    for name, *figures in utility(*databases[0], months):
        shown = [f"{figure:,.2f}" if isinstance(figure, float) else f"{figure:,}" for figure in figures]
        say(" | ".join([name, *shown]) + "\n")
    for seen in pairwise(months) if given.linked else [(month,) for month in months]:
        known, *later = (learn(*pair, list(seen)) for pair in databases)
        for one in later:
            known = both(known, one)
        found = []
        for one in attack(known, say=lambda text: say(f"  {text}\n")):
            found.append(one)
            say(f"  recovered: {one}\n")
        say(
            f"{' '.join(seen)}: {len(known.withheld)} withheld, {len(found)} recovered; {len(known.rows)} constraints, "
            f"{known.untrue} definitions with exceptions left out\n"
        )


if __name__ == "__main__":
    main()
