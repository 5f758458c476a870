"""The gate: Great Expectations suites over figures about a delivery.

A suite judges what no contract can: volume against the last delivery, places covered, duplicates, columns that
contradict each other. DuckDB measures table by table (`Tallies`, `compare`), GX judges (`unmet`): it sees one row of
figures per delivery and no row of a department, so its results cannot hold a personal value. A feed's own measures and
expectations stand in its `suite.py`; the ones here hold for all feeds. GX is imported only when something is judged: it
takes seconds.
"""

import itertools
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from sources import offline
from sources.contracts.feeds import Feed
from sources.contracts.refusal import Wording
from sources.reading.delivery import Delivery
from sources.reading.rows import COMMUNE, RowCounts
from sources.reading.table import PIECE_ROWS

Measures = Mapping[str, float | None]

# Percent of the last delivery's sum: a lost or added digit is outside, growth and corrections are inside.
DRIFT = (20, 500)

# Of each table so many personal numbers are counted on: one on a tenth of all rows is far more common in some of them.
COMMONEST_KEPT = 1000

# Single rows err in sex and birth now and then; so many show that columns have changed places or codes their meaning.
NUMBERS = {
    "unreadable_number_pct": (20, "personal numbers cannot be read", "nhiều số định danh không đọc được"),
    "commonest_number_pct": (10, "one personal number stands on many rows", "một số định danh lặp lại ở nhiều dòng"),
    "number_unlike_sex_pct": (
        20, "personal numbers contradict the sex", "số định danh không khớp với giới tính",
    ),
    "number_unlike_birth_pct": (
        20, "personal numbers contradict the year of birth", "số định danh không khớp với năm sinh",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Previous:
    """What is known of the last accepted delivery of the same feed and commune; a measure `..._total` may not jump."""

    rows: int
    communes: int
    measures: Measures = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """A figure about a delivery, made of what can be added up over its tables.

    `sums` are SQL aggregates that add up, `different` SQL values of which each counts once however often it comes up
    (null does not). `figure` makes the measure of all of them, by their names. One `of_whole_households` is not judged
    of a supplement, which has rows of a household without the others.
    """

    sums: Mapping[str, str]
    figure: Callable[..., float | None]
    different: Mapping[str, str] = field(default_factory=dict)
    of_whole_households: bool = False


def percent(part: float | None, whole: float | None) -> float | None:
    """Null where there is nothing to be a part of."""
    return 100.0 * part / whole if part is not None and whole else None


def share(condition: str) -> Measure:
    """The percentage of a delivery's rows that satisfy an SQL `condition`; null without rows."""
    return Measure({"part": f"count(*) filter (where {condition})", "whole": "count(*)"}, percent)


def count(condition: str) -> Measure:
    """The number of a delivery's rows that satisfy an SQL `condition`."""
    return Measure({"rows": f"count(*) filter (where {condition})"}, lambda rows: rows)


def total(value: str) -> Measure:
    """The sum of an SQL `value` over a delivery's rows; null without one."""
    return Measure({"total": f"sum({value})"}, lambda total: total)


def variety(column: str) -> Measure:
    """How many different values a column has, in percent of its values."""
    return Measure(
        {"filled": f"count({column})"}, lambda filled, different: percent(different, filled), {"different": column}
    )


def usable(number: str) -> str:
    """SQL for whether a column holds twelve digits, or eleven whose zero a spreadsheet has dropped."""
    return f"coalesce(length(regexp_replace({number}, '[^0-9]', '', 'g')) in (11, 12), false)"


def at_most(measure: str, limit: float, promise: str, vietnamese: str) -> Any:
    """The expectation that a measure stays at or under `limit`; `promise` says in words what an excess means."""
    return _between(measure, Wording(promise, vietnamese), max_value=limit)


def _between(measure: str, promise: Wording, **bounds: Any) -> Any:
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnValuesToBeBetween(column=measure, meta={"promise": [*promise]}, **bounds)


@dataclass
class Tally:
    """Sums over the rows of a delivery, which grow with each of its tables.

    What must count once is kept as hashes of 64 bits, `commonest` as how often the commonest personal numbers come up:
    with many tables those that are common in one, which are all that a suite asks for.
    """

    sums: dict[str, int | None] = field(default_factory=dict)
    different: dict[str, np.ndarray] = field(default_factory=dict)
    commonest: Counter[int] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Add the rows of another table of the same delivery."""
        for name, amount in other.sums.items():
            before = self.sums.get(name)
            self.sums[name] = amount if before is None else before + (amount or 0)
        for name, hashes in other.different.items():
            before = self.different.get(name)
            self.different[name] = hashes if before is None else np.union1d(before, hashes)
        self.commonest.update(other.commonest)

    def figure(self, name: str, measure: Measure) -> float | None:
        parts = {part: self.sums[f"{name} {part}"] for part in measure.sums}
        parts |= {part: len(self.different[f"{name} {part}"]) for part in measure.different}
        figure = measure.figure(**parts)
        return None if figure is None else float(figure)


class Tallies:
    """Tallies of deliveries of one feed and month, by id; small tables are measured many at a time."""

    def __init__(self) -> None:
        self._tallies: dict[str, Tally] = {}
        self._waiting: list[tuple[str, Delivery, pa.Table]] = []

    def add(self, delivery_id: str, delivery: Delivery, rows: pa.Table) -> None:
        """Add a table of accepted rows."""
        self._waiting.append((delivery_id, delivery, rows))
        if sum(table.num_rows for _, _, table in self._waiting) >= PIECE_ROWS:
            self._measure()

    def of(self, delivery_id: str) -> Tally:
        """The tally of all tables of a delivery."""
        self._measure()
        return self._tallies[delivery_id]

    def _measure(self) -> None:
        if self._waiting:
            tallied = _tallied(self._waiting[0][1], [rows for _, _, rows in self._waiting])
            for (delivery_id, _, _), tally in zip(self._waiting, tallied, strict=True):
                self._tallies.setdefault(delivery_id, Tally()).add(tally)
        self._waiting = []


def _tallied(delivery: Delivery, tables: list[pa.Table]) -> list[Tally]:
    """The sums over tables of accepted rows, of deliveries like this one, that their measures are made of."""
    month = f"date '{delivery.month.isoformat()}'"
    measures = _measures(delivery.feed, tables[0].column_names)
    sums = {f"{name} {part}": sql for name, measure in measures.items() for part, sql in measure.sums.items()}
    different = {f"{name} {part}": sql for name, measure in measures.items() for part, sql in measure.different.items()}
    listed = {name: f"list(distinct hash({sql})) filter (where {sql} is not null)" for name, sql in different.items()}
    query = "".join(f', {sql.replace("$month", month)} as "{name}"' for name, sql in (sums | listed).items())
    numbers = [pa.repeat(pa.scalar(at, pa.int32()), rows.num_rows) for at, rows in enumerate(tables)]
    rows = pa.concat_tables(map(pa.Table.append_column, tables, itertools.repeat("delivery"), numbers))
    # A table without rows has no answer: it counts none.
    tallies = [Tally(dict.fromkeys(sums), {name: np.array([], np.uint64) for name in different}) for _ in tables]
    with _engine().cursor() as engine:
        engine.register("delivery_rows", rows)
        answers = engine.execute(f"select delivery{query} from delivery_rows group by delivery").to_arrow_table()
        if number := _number(delivery.feed):
            commonest = engine.execute(
                f"select delivery, hash({number}), count(*) from delivery_rows where {number} is not null "
                f"group by delivery, hash({number}) "
                "qualify row_number() over (partition by delivery order by count(*) desc, "
                f"hash({number})) <= {COMMONEST_KEPT}"
            )
            for at, number_hash, times in commonest.fetchall():
                tallies[at].commonest[number_hash] = times
    for row, at in enumerate(answers["delivery"].to_pylist()):
        # Of whole numbers, as DuckDB has them: large ones are decimals to Arrow.
        values = {name: answers[name][row].as_py() for name in sums}
        tallies[at].sums |= {name: value if value is None else int(value) for name, value in values.items()}
        for name in different:
            hashes = answers[name][row].values
            tallies[at].different[name] = np.array([], np.uint64) if hashes is None else hashes.to_numpy()
    return tallies


def compare(delivery: Delivery, rows: RowCounts, previous: Previous | None, tallied: Tally) -> dict[str, float | None]:
    """All figures of a delivery: those of its rows, and how they compare with what was sent before it.

    Null where there is nothing to compare or too little to judge.
    """
    feed, tolerances = delivery.feed, delivery.feed.tolerances(delivery.month)
    judged = previous if previous and previous.rows >= tolerances.judged_from_rows and not delivery.supplement else None
    own = _own(feed)
    measured = {name: tallied.figure(name, own[name]) if rows.accepted else None for name in own}
    if number := _number(feed):
        most = max(tallied.commonest.values(), default=None)
        measured["commonest_number_pct"] = percent(most, tallied.sums[f"commonest_number_pct {number}"])
    communes = tallied.different.get("communes communes") if delivery.commune is None else None
    if rows.accepted < tolerances.judged_from_rows:
        # In a small commune one odd family is a large share: there only counts are judged.
        measured |= {name: None for name in measured if name.endswith("_pct")}
    if delivery.supplement:
        measured |= {name: None for name, measure in own.items() if measure.of_whole_households}
    before = judged.measures if judged else {}
    totals = {name: before.get(name) for name in own if name.endswith("_total")}
    drift = {f"{name}_pct": 100 * (measured[name] or 0) / was if was else None for name, was in totals.items()}
    return {
        "rows_sent": float(rows.total),
        "quarantined_pct": percent(rows.rejected, rows.total),
        "duplicate_key_pct": percent(rows.duplicate_keys, rows.total),
        "foreign_commune_pct": percent(rows.foreign_communes, rows.total),
        "volume_pct": 100.0 * rows.accepted / judged.rows if judged else None,
        "coverage_pct": 100.0 * len(communes) / judged.communes
        if communes is not None and judged and judged.communes
        else None,
        **drift,
        "rows_accepted": float(rows.accepted),
        **({} if communes is None else {"communes": float(len(communes))}),
        **measured,
    }


def _measures(feed: Feed, columns: list[str]) -> dict[str, Measure]:
    """All that is tallied: what belongs to the feed, the communes it speaks of, and how many personal numbers."""
    measures = _own(feed)
    if COMMUNE in columns:
        measures["communes"] = Measure({}, lambda communes: communes, {"communes": COMMUNE})
    if number := _number(feed):
        measures["commonest_number_pct"] = Measure({number: f"count({number})"}, lambda **_: None)
    return measures


def _own(feed: Feed) -> dict[str, Measure]:
    """The measures that belong to this feed."""
    suite = feed.module("suite")
    return _of_numbers(feed) | (dict(suite.MEASURES) if suite else {})


def _number(feed: Feed) -> str | None:
    """The column of the personal number of a row, if there is one."""
    return next((column.name for column in feed.columns if column.kind == "personal_number"), None)


def _of_numbers(feed: Feed) -> dict[str, Measure]:
    """Measures of personal numbers, which say sex and year of birth in their fourth to sixth digit."""
    number = _number(feed)
    if not number:
        return {}
    plain = f"regexp_matches({number}, '^0[0-9]{{11}}$')"
    digits = f"length(regexp_replace({number}, '[^0-9]', '', 'g'))"
    # Nine digits are an identity card of before 2021.
    shares = {"unreadable_number_pct": share(f"not {usable(number)} and {digits} <> 9")}
    if "sex" in feed.by_name:
        woman = f"substr({number}, 4, 1) in ('1', '3', '5', '7', '9')"
        shares["number_unlike_sex_pct"] = share(f"{plain} and ({woman}) <> (sex = 'female')")
    births = [column.name for column in feed.columns if column.kind == "date_or_year"]
    numbers = [column.name for column in feed.columns if column.kind == "personal_number"]
    if len(numbers) == len(births) == 1:
        shares["number_unlike_birth_pct"] = share(f"{plain} and substr({number}, 5, 2) <> substr({births[0]}, 3, 2)")
    return shares


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    return offline.connect()


def _common(feed: Feed, delivery: Delivery) -> list[Any]:
    limits = feed.tolerances(delivery.month)
    floor, ceiling = limits.volume_floor_pct, limits.volume_ceiling_pct
    shares = {
        "quarantined_pct": (limits.quarantined_pct, "break the contract", "không đúng cam kết dữ liệu"),
        "duplicate_key_pct": (limits.duplicate_key_pct, "repeat a key", "trùng khóa"),
        "foreign_commune_pct": (
            limits.foreign_commune_pct, "belong to another commune than its name says",
            "thuộc xã, phường khác với tên tệp",
        ),
    }  # fmt: skip
    volume = Wording(
        "its rows are down by half or up by double against the last accepted delivery",
        "số dòng giảm quá nửa hoặc tăng gấp đôi so với lần gửi trước được chấp nhận",
    )
    drift = Wording(
        "its sums are a fraction or a multiple of those of the last accepted delivery; a digit or a unit is lost",
        "tổng số chênh lệch nhiều lần so với lần gửi trước; có thể mất chữ số hoặc sai đơn vị tính",
    )
    coverage = Wording(
        "half or more of the communes of the last accepted delivery are missing",
        "thiếu từ một nửa số xã, phường so với lần gửi trước được chấp nhận",
    )
    return [
        *(
            at_most(name, pct, f"more than {pct} % of its rows {en}", f"hơn {pct} % số dòng {vi}")
            for name, (pct, en, vi) in shares.items()
        ),
        *(at_most(name, *NUMBERS[name]) for name in _of_numbers(feed)),
        *([at_most("commonest_number_pct", *NUMBERS["commonest_number_pct"])] if _number(feed) else []),
        _between("volume_pct", volume, min_value=floor, max_value=ceiling, strict_min=True, strict_max=True),
        *(
            _between(f"{name}_pct", drift, min_value=DRIFT[0], max_value=DRIFT[1])
            for name in _own(feed)
            if name.endswith("_total")
        ),
        _between("coverage_pct", coverage, min_value=floor, strict_min=True),
    ]


def prepare() -> None:
    """Import Great Expectations and judge once, so that the first delivery need not wait for it."""
    _unmet_by_all("prepare", [at_most("nothing", 0, "", "")], [{"nothing": 0.0}])


@cache
def _context() -> Any:
    # Set before the import: Great Expectations reports its use over the network otherwise.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def unmet(feed: Feed, judged: Mapping[str, tuple[Delivery, Measures]]) -> dict[str, list[Wording]]:
    """The promises each delivery breaks, by delivery id, for deliveries of one feed and month.

    All are judged at once; only where that fails is each judged alone, to say which broke what.
    """
    if not judged:
        return {}
    broken = _validate(feed, next(iter(judged.values()))[0], [measures for _, measures in judged.values()])
    if not broken:
        return {delivery_id: [] for delivery_id in judged}
    return {delivery_id: _validate(feed, delivery, [measures]) for delivery_id, (delivery, measures) in judged.items()}


def _validate(feed: Feed, delivery: Delivery, figures: list[Measures]) -> list[Wording]:
    suite = feed.module("suite")
    return _unmet_by_all(feed.id, [*_common(feed, delivery), *(suite.expectations() if suite else [])], figures)


def _unmet_by_all(name: str, expectations: list[Any], figures: list[Measures]) -> list[Wording]:
    """The promises of those expectations that not all rows of figures keep."""
    import great_expectations as gx
    import pandas as pd

    source = _context().data_sources.add_or_update_pandas("figures").add_dataframe_asset("deliveries")
    batch = source.add_batch_definition_whole_dataframe("all").get_batch(
        {"dataframe": pd.DataFrame(figures, dtype="float64")}
    )
    # No values in results: figures about a delivery are in the register already.
    result = batch.validate(gx.ExpectationSuite(name=name, expectations=expectations), result_format="BOOLEAN_ONLY")
    return [Wording(*entry.expectation_config.meta["promise"]) for entry in result.results if not entry.success]
