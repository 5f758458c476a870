"""The gate: Great Expectations suites over figures about a delivery.

A suite judges what no contract can: volume against the last delivery, places covered, duplicates, columns that
contradict each other. DuckDB measures (`measure`), GX judges (`unmet`): it sees one row of figures per delivery and no
row of a department, so its results cannot hold a personal value. A feed's own measures and expectations stand in its
`suite.py`; the ones here hold for all feeds. GX is imported only when something is judged: it takes seconds.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from sources.contract import Feed
from sources.delivery import Delivery
from sources.refusal import Wording
from sources.rows import COMMUNE, CheckedRows

Measures = Mapping[str, float | None]


@dataclass(frozen=True)
class Previous:
    """What is known of the last accepted delivery of the same feed and commune."""

    rows: int
    communes: int


def share(condition: str) -> str:
    """SQL for the percentage of a delivery's rows that satisfy `condition`; null without rows."""
    return f"100.0 * count(*) filter (where {condition}) / nullif(count(*), 0)"


def at_most(measure: str, limit: float, promise: str, vietnamese: str) -> Any:
    """The expectation that a measure stays at or under `limit`; `promise` says in words what an excess means."""
    return _between(measure, Wording(promise, vietnamese), max_value=limit)


def _between(measure: str, promise: Wording, **bounds: Any) -> Any:
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnValuesToBeBetween(column=measure, meta={"promise": [*promise]}, **bounds)


def measure(delivery: Delivery, checked: CheckedRows, previous: Previous | None) -> dict[str, float | None]:
    """The figures that the suites judge; null where there is nothing to compare or too little to judge."""
    feed, tolerances = delivery.feed, delivery.feed.tolerances(delivery.month)
    judged = previous if previous and previous.rows >= tolerances.judged_from_rows and not delivery.supplement else None
    covers = COMMUNE in checked.accepted.column_names and delivery.commune is None
    suite = feed.module("suite")
    own = dict(suite.MEASURES) if suite else {}
    columns = {"rows_accepted": "count(*)", **({"communes": f"count(distinct {COMMUNE})"} if covers else {}), **own}
    month = f"date '{delivery.month.isoformat()}'"
    query = ", ".join(f"{sql.replace('$month', month)} as {name}" for name, sql in columns.items())
    with _engine().cursor() as engine:
        engine.register("delivery_rows", checked.accepted)
        row = engine.execute(f"select {query} from delivery_rows").fetchone() or ()
    found = dict(zip(columns, (None if value is None else float(value) for value in row), strict=True))
    if checked.accepted.num_rows < tolerances.judged_from_rows:
        # In a small commune one odd family is a large share: there only counts are judged.
        found |= {name: None for name in own if name.endswith("_pct")}

    def percent(part: int) -> float | None:
        return 100.0 * part / checked.total if checked.total else None

    return {
        "rows_sent": float(checked.total),
        "quarantined_pct": percent(checked.rejected.num_rows),
        "duplicate_key_pct": percent(checked.duplicate_keys),
        "foreign_commune_pct": percent(checked.foreign_communes),
        "volume_pct": 100.0 * checked.accepted.num_rows / judged.rows if judged else None,
        "coverage_pct": 100.0 * (found["communes"] or 0) / judged.communes
        if covers and judged and judged.communes
        else None,
        **found,
    }


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})


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
    coverage = Wording(
        "half or more of the communes of the last accepted delivery are missing",
        "thiếu từ một nửa số xã, phường so với lần gửi trước được chấp nhận",
    )
    return [
        *(
            at_most(name, pct, f"more than {pct} % of its rows {en}", f"hơn {pct} % số dòng {vi}")
            for name, (pct, en, vi) in shares.items()
        ),
        _between("volume_pct", volume, min_value=floor, max_value=ceiling, strict_min=True, strict_max=True),
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
