"""Running a build that was planned, and saying when it stands complete.

Here: which engine computes. Not here: the plan (`plan`) and the two ways to build (`full`, `incremental`).
"""

import contextlib
import logging
from collections.abc import Generator

from warehouse.build import engines, full, plan
from warehouse.build.incremental import build_months
from warehouse.build.node import NodeResult
from warehouse.zones.home import Home

log = logging.getLogger("cantho.build")


def run(home: Home, work: plan.Build) -> Generator[NodeResult]:
    """Build what `plan.begin` planned, from scratch or some months; yields each node when it is done.

    Nothing where nothing has to be built. To be closed when it is left early. `BuildFailed` when a model or a test
    failed: after an incremental build nothing has changed, one from scratch is to be begun again.
    """
    if not work.needed:
        return
    log.info(
        "Building %s", "all months" if work.months is None else ", ".join(f"{month:%Y-%m}" for month in work.months)
    )
    if work.months is None:
        # Left open after an error, it would keep the live file until somebody collects it.
        with contextlib.closing(full.build(home, on_spark=engines.is_spark())) as nodes:
            yield from nodes
        plan.finish(home)
    else:
        results = build_months(home, work.months, work.feeds)
        plan.finish(home, sorted(node.table for node in results if node.table and not node.unchanged))
        yield from results
