"""What starts a run: files arriving in landing, and the calendar. Times are those of Can Tho.

A sensor says what it saw and asks for a run; a schedule names its job. What a run does is the assets'.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg

from orchestration.assets import WRITER
from sources.contract import discover
from warehouse.home import Home
from warehouse.intake import files_waiting
from warehouse.retention import let_go

ZONE = "Asia/Ho_Chi_Minh"
BUSY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

deliveries_job = dg.define_asset_job(
    "deliveries",
    selection=dg.AssetSelection.all(),
    description="Take in all that waits in landing, build once, publish.",
)
refresh_job = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - dg.AssetSelection.key_prefixes("raw"),
    description="Rebuild what changed without taking in deliveries, and publish.",
)

monthly_refresh = dg.ScheduleDefinition(
    name="monthly_refresh",
    job=refresh_job,
    cron_schedule="0 6 1 * *",
    execution_timezone=ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)


def retention(home: Home) -> dg.ScheduleDefinition:
    """Lets go, on the second of each month, of the sealed originals that their contracts promise to keep no longer."""

    @dg.op(pool=WRITER)
    def let_go_of_originals(context: dg.OpExecutionContext) -> None:
        with home.writing():
            gone = let_go(home, datetime.now(ZoneInfo(ZONE)).date())
        context.log.info("%s sealed originals were past their retention and are gone.", len(gone))

    @dg.job(description="Let go of sealed originals that are past the retention of their contract.")
    def retention_job() -> None:
        let_go_of_originals()

    return dg.ScheduleDefinition(
        name="monthly_retention",
        job=retention_job,
        cron_schedule="0 5 2 * *",
        execution_timezone=ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def arrivals(home: Home, below: Sequence[dg.AssetKey]) -> dg.SensorDefinition:
    """One run for all that waits: the raw assets of the feeds with files, and the assets `below` them.

    None while a run is busy, since a run takes in whatever waits when it starts.
    """

    @dg.sensor(job=deliveries_job, minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.RUNNING)
    def landing_arrivals(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        by_feed = {feed.table: files_waiting(home, feed) for feed in discover().values()}
        waiting = [path for files in by_feed.values() for path in files]
        if not waiting:
            return dg.SkipReason("Nothing waits in landing.")
        busy = context.instance.get_runs(dg.RunsFilter(job_name=deliveries_job.name, statuses=BUSY), limit=1)
        if busy:
            return dg.SkipReason(f"{len(waiting)} files wait for the run that is under way.")
        seen = "\n".join(f"{path.name} {path.stat().st_mtime_ns}" for path in waiting)
        return dg.RunRequest(
            run_key=hashlib.sha256(seen.encode()).hexdigest(),
            tags={"files": str(len(waiting))},
            asset_selection=[*(dg.AssetKey(["raw", table]) for table, files in by_feed.items() if files), *below],
        )

    return landing_arrivals
