"""The months in Dagster: their history with the city's figures, and building some of them again by hand.

One asset with a partition for each published month. Every version notes here the months it rebuilt, with their exact
figures, so that the UI draws the trend; chosen there, a month or a whole year is built again in one run. Not here: what
a build does (`warehouse.build`), and the public files, which follow by the calendar.
"""

import warnings
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

import dagster as dg

from orchestration import pages
from sources import offline
from warehouse.build import engine, plan
from warehouse.published import store, writer
from warehouse.published.lists import of_months
from warehouse.published.questions import rows
from warehouse.zones.home import Home
from warehouse.zones.register import Register

# To rebuild a year in one run is beta in Dagster, and it says so each time.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
MONTHS = dg.DynamicPartitionsDefinition(name="months")
FIGURES_OF_MONTH = dg.AssetKey("figures_of_month")


def figures_of_month(home: Home, pool: str, owners: Sequence[str]) -> dg.AssetsDefinition:
    """The asset that stands for a month, and rebuilds the months that are chosen from the lake, in one run.

    It names no asset that it is made of: feeds have no partitions, so that Dagster would call every month unsynced for
    a file of another one. A build finds the months that a file concerns by itself.
    """

    @dg.asset(
        key=FIGURES_OF_MONTH,
        partitions_def=MONTHS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="published",
        description="Figures of a month, as published last. Materialize months to build them again from the deliveries "
        "that count and to publish the result as a new version; what waits in landing is left to its own run.",
        kinds={"duckdb"},
        owners=owners,
        metadata={"definitions": pages.link("docs/definitions.md")},
        pool=pool,
    )
    def build_again(context: dg.AssetExecutionContext) -> None:
        published = {city["month"] for city in _cities(home, None)}
        if unknown := set(context.partition_keys) - published:
            # The UI lets anybody add a partition.
            raise dg.Failure(
                f"Nothing is published for {', '.join(sorted(unknown))}. Next: choose months that have figures.",
                allow_retries=False,
            )
        tag(context, context.partition_keys, "built again")
        with home.writing():
            work = plan.begin(home, also=[date.fromisoformat(f"{month}-01") for month in context.partition_keys])
            if work.months is None:
                raise dg.Failure("All months have to be built anew. Next: `cantho run`.", allow_retries=False)
            for _ in engine.run(home, work):
                pass
            writer.publish(home, work.deliveries, work.code, work.months, plan.to_publish(home))
        note(context, home, work.months, context.partition_keys)

    return build_again


def tag(context: dg.AssetExecutionContext, months: Collection[str], what: str) -> None:
    """Mark the run with the months (YYYY-MM) it is about, so that the list of runs can be searched for one."""
    context.instance.add_run_tags(context.run.run_id, {f"month/{month}": what for month in sorted(months)})


def tagged(context: dg.AssetExecutionContext, what: str) -> set[str]:
    """The months (YYYY-MM) that the run is marked with so far."""
    run = context.instance.get_run_by_id(context.run.run_id)
    tags = run.tags if run else {}
    return {name.removeprefix("month/") for name, value in tags.items() if name.startswith("month/") and value == what}


def note(
    context: dg.AssetExecutionContext, home: Home, months: Collection[date] | None, own: Collection[str] = ()
) -> None:
    """Write down that the current version has these months (None: all) anew.

    Dagster itself writes down those that are the run's `own` partitions (YYYY-MM): they only get their figures.
    """
    partitions = set(context.instance.get_dynamic_partitions(str(MONTHS.name)))
    figures = dict(_figures(home, months))
    if new := sorted(figures.keys() - partitions):
        context.instance.add_dynamic_partitions(str(MONTHS.name), new)
    for month, metadata in figures.items():
        if month in own:
            context.add_asset_metadata(metadata, partition_key=month)
        else:
            context.log_event(dg.AssetMaterialization(FIGURES_OF_MONTH, partition=month, metadata=metadata))


CITY = """
    select
        strftime(period_month, '%Y-%m') as month,
        poor_households,
        near_poor_households,
        poor_rate_pct,
        near_poor_rate_pct,
        multidimensional_rate_pct,
        coverage_pct,
        reviewed_households
    from marts.area_poverty
    inner join marts.dim_period using (period_month)
    where
        area_level = 'city' and basis = 'computed' and standard_id = standard_in_force
        and ($months is null or list_contains($months, period_month))
    order by all
"""
COMMUNES = """
    select
        area_code as commune,
        name_vi as name,
        poor_households,
        poor_rate_pct,
        near_poor_rate_pct,
        coverage_pct,
        reviewed_households
    from marts.area_poverty
    inner join marts.dim_period using (period_month)
    inner join marts.dim_commune on area_code = commune_code
    where
        area_level = 'commune' and basis = 'computed' and standard_id = standard_in_force
        and strftime(period_month, '%Y-%m') = $month
    order by all
"""


def _cities(home: Home, months: Collection[date] | None) -> list[dict[str, Any]]:
    database = store.folder(home) / store.RESTRICTED
    return rows(database, CITY, {"months": None if months is None else list(months)})


def _figures(home: Home, months: Collection[date] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Of each month the lists it rests on, and the exact figures of the city and of its communes."""
    database, version = store.folder(home) / store.RESTRICTED, str(store.current(home))
    deliveries: dict[str, int] = {}
    for entry in Register.open(home).accepted():
        month = f"{entry.month:%Y-%m}"
        deliveries[month] = deliveries.get(month, 0) + 1
    with offline.connect(database, read_only=True) as connection:
        lists = of_months(connection)
    for city in _cities(home, months):
        month = city.pop("month")
        table = [
            dg.TableRecord({name: _short(value) for name, value in commune.items()})
            for commune in rows(database, COMMUNES, {"month": month})
        ]
        yield (
            month,
            {
                "basis": "computed from the review forms",
                **{name: _short(value) for name, value in city.items() if value is not None},
                "lists": " / ".join(lists[month].said()),
                "deliveries": deliveries.get(month, 0),
                "version": version,
                **pages.of_version(version),
                **({"communes": dg.MetadataValue.table(table)} if table else {}),
            },
        )


def _short(value: Any) -> Any:
    """What a cell of the UI shows: two decimals at most, and nothing for what is unknown."""
    return round(value, 2) if isinstance(value, float) else "" if value is None else value
