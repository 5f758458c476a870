"""All of Dagster's definitions for one home: what the UI, the daemon and `cantho run` load.

Only assembly. Assets are `assets`', what starts them is `automation`'.
"""

import dagster as dg
from dagster_dbt import DbtCliResource

from orchestration import automation, models
from orchestration.assets import dbt_models, published_version, raw_asset
from sources.contract import discover
from warehouse.home import Home


def build_definitions(home: Home) -> dg.Definitions:
    """Definitions bound to one home."""
    raw = [raw_asset(feed, home) for feed in discover().values()]
    dbt = dbt_models(home)
    models_built = sorted(dbt.keys, key=str)
    published = published_version(home, models_built)
    return dg.Definitions(
        assets=[*raw, dbt, published],
        jobs=[automation.deliveries_job, automation.refresh_job],
        sensors=[automation.arrivals(home, [*models_built, *published.keys])],
        schedules=[automation.monthly_refresh, automation.retention(home)],
        resources={
            "dbt": DbtCliResource(
                project_dir=str(models.PROJECT), profiles_dir=str(models.PROJECT), dbt_executable=str(models.DBT),
                global_config_flags=["--no-use-colors"],
            )
        },
        executor=dg.in_process_executor,
    )  # fmt: skip


@dg.definitions
def defs() -> dg.Definitions:
    """Definitions of the home that CANTHO_HOME names: the code location of the UI and the daemon."""
    return build_definitions(Home.open())
