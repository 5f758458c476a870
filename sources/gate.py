"""The gate: Great Expectations suites over figures about a delivery.

A suite judges what no contract can: volume against the last delivery, places covered, duplicates, columns that
contradict each other. DuckDB measures (`measure`), GX judges (`unmet`): it sees one row of figures per delivery and no
row of a department, so its results cannot hold a personal value. A feed's own measures and expectations stand in its
`suite.py`; the ones here hold for all feeds. GX is imported only when something is judged: it takes seconds.
"""

import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from sources import offline
from sources.contracts.feeds import Feed
from sources.contracts.refusal import Wording
from sources.reading.delivery import Delivery
from sources.reading.rows import COMMUNE, CheckedRows

Measures = Mapping[str, float | None]

# Percent of the last delivery's sum: a lost or added digit is outside, growth and corrections are inside.
DRIFT = (20, 500)

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


def share(condition: str) -> str:
    """SQL for the percentage of a delivery's rows that satisfy `condition`; null without rows."""
    return f"100.0 * count(*) filter (where {condition}) / nullif(count(*), 0)"


def usable(number: str) -> str:
    """SQL for whether a column holds twelve digits, or eleven whose zero a spreadsheet has dropped."""
    return f"coalesce(length(regexp_replace({number}, '[^0-9]', '', 'g')) in (11, 12), false)"


def at_most(measure: str, limit: float, promise: str, vietnamese: str) -> Any:
    """The expectation that a measure stays at or under `limit`; `promise` says in words what an excess means."""
    return _between(measure, Wording(promise, vietnamese), max_value=limit)


def _between(measure: str, promise: Wording, **bounds: Any) -> Any:
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnValuesToBeBetween(column=measure, meta={"promise": [*promise]}, **bounds)


def measure(sent: Mapping[str, tuple[Delivery, CheckedRows, Previous | None]]) -> dict[str, Measures]:
    """The figures that the suites judge, by delivery id, for deliveries of one feed and month.

    Null where there is nothing to compare or too little to judge.
    """
    if not sent:
        return {}
    figures = _of_rows(next(iter(sent.values()))[0], [checked.accepted for _, checked, _ in sent.values()])
    return {name: _compared(*sent[name], of_rows) for name, of_rows in zip(sent, figures, strict=True)}


def _of_rows(delivery: Delivery, accepted: list[pa.Table]) -> list[dict[str, float | None]]:
    """The figures of the accepted rows of deliveries like this one, of all in one query."""
    has_place = COMMUNE in accepted[0].column_names
    columns = {
        "rows_accepted": "count(*)",
        **({"communes": f"count(distinct {COMMUNE})"} if has_place else {}),
        **_own(delivery.feed),
    }
    month = f"date '{delivery.month.isoformat()}'"
    query = ", ".join(f"{sql.replace('$month', month)} as {name}" for name, sql in columns.items())
    numbers = [pa.repeat(pa.scalar(at, pa.int32()), rows.num_rows) for at, rows in enumerate(accepted)]
    rows = pa.concat_tables(map(pa.Table.append_column, accepted, itertools.repeat("delivery"), numbers))
    with _engine().cursor() as engine:
        engine.register("delivery_rows", rows)
        answers = engine.execute(f"select delivery, {query} from delivery_rows group by delivery").fetchall()
    # A delivery without rows has no answer: it counts none, and has nothing that could be judged.
    nothing = {name: 0.0 if name in ("rows_accepted", "communes") else None for name in columns}
    figures: list[dict[str, float | None]] = [nothing] * len(accepted)
    for at, *values in answers:
        figures[at] = dict(zip(columns, (None if value is None else float(value) for value in values), strict=True))
    return figures


def _compared(
    delivery: Delivery, checked: CheckedRows, previous: Previous | None, of_rows: dict[str, float | None]
) -> dict[str, float | None]:
    """All figures of a delivery: those of its rows, and how they compare with what was sent before it."""
    feed, tolerances = delivery.feed, delivery.feed.tolerances(delivery.month)
    judged = previous if previous and previous.rows >= tolerances.judged_from_rows and not delivery.supplement else None
    covers = "communes" in of_rows and delivery.commune is None
    own = _own(feed)
    measures = {name: value for name, value in of_rows.items() if covers or name != "communes"}
    if checked.accepted.num_rows < tolerances.judged_from_rows:
        # In a small commune one odd family is a large share: there only counts are judged.
        measures |= {name: None for name in own if name.endswith("_pct")}

    before = judged.measures if judged else {}
    totals = {name: before.get(name) for name in own if name.endswith("_total")}
    drift = {f"{name}_pct": 100 * (measures[name] or 0) / was if was else None for name, was in totals.items()}

    def percent(part: int) -> float | None:
        return 100.0 * part / checked.total if checked.total else None

    return {
        "rows_sent": float(checked.total),
        "quarantined_pct": percent(checked.rejected.num_rows),
        "duplicate_key_pct": percent(checked.duplicate_keys),
        "foreign_commune_pct": percent(checked.foreign_communes),
        "volume_pct": 100.0 * checked.accepted.num_rows / judged.rows if judged else None,
        "coverage_pct": 100.0 * (measures["communes"] or 0) / judged.communes
        if covers and judged and judged.communes
        else None,
        **drift,
        **measures,
    }


def _own(feed: Feed) -> dict[str, str]:
    """SQL of the measures that belong to this feed."""
    suite = feed.module("suite")
    return _of_numbers(feed) | (dict(suite.MEASURES) if suite else {})


def _of_numbers(feed: Feed) -> dict[str, str]:
    """Measures of personal numbers, which say sex and year of birth in their fourth to sixth digit."""
    numbers = [column.name for column in feed.columns if column.kind == "personal_number"]
    if not numbers:
        return {}
    number, plain = numbers[0], f"regexp_matches({numbers[0]}, '^0[0-9]{{11}}$')"
    digits = f"length(regexp_replace({number}, '[^0-9]', '', 'g'))"
    shares = {
        "commonest_number_pct": (
            "(select 100.0 * max(times) / sum(times) from (select delivery as of, count(*) as times "
            f"from delivery_rows where {number} is not null group by of, {number}) where of = delivery_rows.delivery)"
        ),
        # Nine digits are an identity card of before 2021.
        "unreadable_number_pct": share(f"not {usable(number)} and {digits} <> 9"),
    }
    if "sex" in feed.by_name:
        woman = f"substr({number}, 4, 1) in ('1', '3', '5', '7', '9')"
        shares["number_unlike_sex_pct"] = share(f"{plain} and ({woman}) <> (sex = 'female')")
    births = [column.name for column in feed.columns if column.kind == "date_or_year"]
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
        *(at_most(name, *limit) for name, limit in NUMBERS.items() if name in _of_numbers(feed)),
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
