"""All of Dagster's definitions for one home: what the UI, the daemon and `cantho run` load.

Only assembly. Assets are `assets`', what starts them is `automation`'.
"""

import functools
from collections.abc import Collection

import dagster as dg

from orchestration import automation
from orchestration.assets import ENGINEERS, OFFICE, WRITER, dbt_models, published_version, raw_asset, rebuilt
from orchestration.months import figures_of_month
from sources.contracts.feeds import discover
from warehouse.zones.home import Home


@functools.cache
def build_definitions(home: Home) -> dg.Definitions:
    """Definitions bound to one home; made once in a process, since they take seconds."""
    raw = [raw_asset(feed, home) for feed in discover().values()]
    dbt, published = _below(home)
    return dg.Definitions(
        assets=[*raw, dbt, published, figures_of_month(home, WRITER, [ENGINEERS, OFFICE])],
        jobs=[automation.deliveries_job],
        sensors=[automation.arrivals(home, functools.partial(selection, home)), *automation.watch(home)],
        schedules=[
            automation.monthly_refresh(selection(home, [])),
            automation.retention(home),
            automation.release(home),
            *automation.told(home),
        ],
        executor=dg.in_process_executor,
    )


@functools.cache
def _below(home: Home) -> tuple[dg.AssetsDefinition, dg.AssetsDefinition]:
    dbt = dbt_models(home)
    return dbt, published_version(home, dbt)


def selection(home: Home, tables: Collection[str], from_scratch: bool = False) -> list[dg.AssetKey]:
    """What a run materializes for deliveries of these raw tables: them, the models above them, and a version."""
    dbt, published = _below(home)
    raw = [dg.AssetKey(["raw", table]) for table in sorted(tables)]
    return [*raw, *(sorted(dbt.keys) if from_scratch else rebuilt(dbt, raw)), *published.keys]


@dg.definitions
def defs() -> dg.Definitions:
    """Definitions of the home that CANTHO_HOME names: the code location of the UI and the daemon."""
    return build_definitions(Home.open())
