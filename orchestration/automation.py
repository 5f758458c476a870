"""What starts a run: files arriving in landing, and the calendar; and who hears of it. Times are those of Can Tho.

A sensor says what it saw and asks for a run; a schedule names its job. What a run does is the assets'.
"""

import contextlib
import hashlib
import itertools
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from orchestration.assets import GATE, WRITER
from orchestration.months import FIGURES_OF_MONTH
from sources.contracts.feeds import discover
from warehouse.build import issuing, plan
from warehouse.intake.deliveries import Intake, files_waiting
from warehouse.notices import alerts, reviews
from warehouse.published import store, versions
from warehouse.upkeep.retention import let_go
from warehouse.zones.home import Home

ZONE = "Asia/Ho_Chi_Minh"
# A tick may last a minute; it looks for files this often, and at a burst of files this many times at most.
TICK_SECONDS, LOOK_SECONDS, LOOKS_AT_A_BURST = 30, 0.2, 50
# A file in a wrong folder is turned away when it has not grown for so long.
STRAY_SECONDS = 60
# A run that is killed each time it is tried, as by a machine that is too small, is not tried for ever.
KILLED_IN_A_ROW = 5
INTERRUPTIONS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
BUSY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

deliveries_job = dg.define_asset_job(
    "deliveries",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(FIGURES_OF_MONTH),
    description="Take in all that waits in landing, build once, publish.",
)


def _scheduled(
    name: str,
    job: Any,
    cron: str,
    is_due: Callable[[dg.ScheduleEvaluationContext], bool] | None = None,
) -> dg.ScheduleDefinition:
    """A schedule in the city's time that is on as soon as the daemon is."""
    return dg.ScheduleDefinition(
        name=name,
        description=job.description,
        job=job,
        cron_schedule=cron,
        execution_timezone=ZONE,
        should_execute=is_due,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def monthly_refresh(figures: Sequence[dg.AssetKey]) -> dg.ScheduleDefinition:
    """Rebuilds and publishes what changed on the first of each month, without taking in deliveries."""
    return _scheduled(
        "monthly_refresh",
        dg.define_asset_job(
            "refresh",
            selection=dg.AssetSelection.assets(*figures),
            description="Rebuild what changed without taking in deliveries, and publish.",
        ),
        "0 6 1 * *",
    )


def retention(home: Home) -> dg.ScheduleDefinition:
    """Lets go, on the second of each month, of the originals and versions that are promised to be kept no longer."""

    @dg.op(pool=WRITER)
    def let_go_of_originals(context: dg.OpExecutionContext) -> None:
        with home.writing():
            gone = let_go(home, datetime.now(ZoneInfo(ZONE)).date())
        context.log.info("%s sealed originals were past their retention and are gone.", len(gone))

    @dg.op(pool=WRITER)
    def prune_versions(context: dg.OpExecutionContext) -> None:
        with home.writing():
            gone = versions.prune(home, datetime.now(ZoneInfo(ZONE)).date())
        context.log.info("%s versions were past keeping and are gone.", len(gone))

    @dg.job(description="Let go of sealed originals and published versions that are kept no longer.")
    def retention_job() -> None:
        let_go_of_originals()
        prune_versions()

    return _scheduled("monthly_retention", retention_job, "0 5 2 * *")


def release(home: Home) -> dg.ScheduleDefinition:
    """Issues the public files on the day the calendar says, where no delivery has done so before."""

    @dg.op(pool=WRITER)
    def issue_public_files(context: dg.OpExecutionContext) -> None:
        if issuing.is_due(home):
            context.log.info("The public files are those of %s.", issuing.issue(home))

    @dg.job(description="Issue the public files by the release calendar.")
    def release_job() -> None:
        issue_public_files()

    return _scheduled("release", release_job, "30 6 * * *", lambda _: issuing.is_due(home))


def told(home: Home) -> list[dg.ScheduleDefinition]:
    """What people are told by the calendar: the day before, the month to close, the reviews that open and close."""

    def digest(today: date) -> Iterator[alerts.Alert]:
        yield alerts.digest(home, today - timedelta(days=1))

    def close(today: date) -> Iterator[alerts.Alert]:
        if store.current(home):
            yield alerts.close(home, (today.replace(day=1) - timedelta(days=1)).replace(day=1))

    def review(kind: str) -> Callable[[date], Iterator[alerts.Alert]]:
        return lambda today: (
            alerts.review(home, opening, today) for opening in reviews.said_on(today) if opening.kind == kind
        )

    regular, yearly = review(reviews.REGULAR), review(reviews.YEARLY)
    return [
        _told(home, "daily_digest", "0 7 * * *", "what the day before brought and what is open", digest),
        _told(home, "monthly_close", "0 7 5 * *", "what the month before rests on and who has not signed it", close),
        _told(home, "regular_review", "0 7 * * *", "that the month's review opens and who sent none before", regular),
        _told(home, "yearly_review", "0 7 * * *", "each week while it is open, which communes have not sent", yearly),
    ]


def _told(
    home: Home, name: str, cron: str, what: str, say: Callable[[date], Iterator[alerts.Alert]]
) -> dg.ScheduleDefinition:
    def today() -> date:
        return datetime.now(ZoneInfo(ZONE)).date()

    @dg.op(name=f"say_{name}")
    def said() -> None:
        alerts.send(home, say(today()))

    @dg.job(name=f"{name}_job", description=f"Say {what}.")
    def saying() -> None:
        said()

    # No run on a day on which there is nothing to say.
    return _scheduled(name, saying, cron, lambda _: any(True for _ in say(today())))


def watch(home: Home) -> list[dg.SensorDefinition]:
    """What tells people that something is wrong: refused and overdue deliveries, and runs that broke off."""

    @dg.sensor(
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Say once of each refused delivery and each feed past its latency what is wrong, and to whom.",
    )
    def open_alerts() -> dg.SkipReason:
        # No run is asked for by a file that no feed knows.
        Intake.open(home).turn_away_strays(STRAY_SECONDS)
        sent = alerts.send(home, alerts.due(home, datetime.now(ZoneInfo(ZONE)).date()))
        return dg.SkipReason(f"Said: {', '.join(sent) or 'nothing new'}.")

    @dg.run_failure_sensor(
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Say once that a run broke off, at which step, and what still stands.",
    )
    def failed_runs(context: dg.RunFailureSensorContext) -> None:
        steps = {event.step_key for event in context.get_step_failure_events() if event.step_key}
        alerts.send(home, [alerts.failed(home, context.dagster_run.job_name, steps)])

    return [open_alerts, failed_runs]


def arrivals(home: Home, selection: Callable[[Collection[str]], list[dg.AssetKey]]) -> dg.SensorDefinition:
    """One run for all that waits; `selection` names the assets of a run for the raw tables of the feeds with files.

    The daemon asks every five seconds at most, so a tick waits for files itself. None while a run is busy, since a run
    takes in whatever waits when it starts. What was taken in and not built, because a run was killed between the two or
    a feed beside it had everything refused, is built when nothing else waits. A run that was killed is asked for again;
    one that failed by itself is not, since it would fail again.
    """

    @dg.sensor(
        job=deliveries_job,
        minimum_interval_seconds=1,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ask for a run as soon as files wait in landing and none is under way, for all of them together.",
    )
    def landing_arrivals(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        until = time.monotonic() + TICK_SECONDS
        while time.monotonic() < until and _is_busy(context.instance):
            time.sleep(LOOK_SECONDS)
        # Only a run leaves something to build, and to look for it takes longer than to look for files.
        waiting, owed = _waiting(home), plan.is_owed(home)
        while time.monotonic() < until and not waiting and not owed:
            time.sleep(LOOK_SECONDS)
            waiting = _waiting(home)
        if _is_busy(context.instance):
            return dg.SkipReason(f"{len(waiting)} files wait for the run that is under way.")
        if not waiting and not owed:
            return dg.SkipReason("Nothing waits in landing.")
        waiting = _settled(home, waiting)
        seen = [*(f"{path} {stamp}" for path, stamp in sorted(waiting.items())), _killed(context.instance)]
        if not waiting:
            seen += asdict(plan.next_build(home)).values()
        tables = {f"{path.parent.parent.name}__{path.parent.name}" for path in waiting}
        return dg.RunRequest(
            run_key=hashlib.sha256("\n".join(map(str, seen)).encode()).hexdigest(),
            tags={"files": str(len(waiting))},
            asset_selection=selection(tables),
            # Each result of a test costs as much as the test. All tests run and stop a build that breaks one; each is
            # reported by the monthly refresh and by `cantho run`.
            asset_check_keys=[dg.AssetCheckKey(dg.AssetKey(["raw", table]), GATE) for table in sorted(tables)],
        )

    return landing_arrivals


def _waiting(home: Home) -> dict[Path, int]:
    """The files in landing with the time of their last change."""
    modified = {}
    for feed in discover().values():
        for path in files_waiting(home, feed):
            with contextlib.suppress(FileNotFoundError):
                modified[path] = path.lstat().st_mtime_ns
    return modified


def _settled(home: Home, waiting: dict[Path, int]) -> dict[Path, int]:
    """What waits once a burst is over: when nothing has come or changed between two looks, or after a while."""
    for _ in range(LOOKS_AT_A_BURST):
        time.sleep(LOOK_SECONDS)
        now = _waiting(home)
        if now == waiting:
            break
        waiting = now
    return waiting


def _is_busy(instance: dg.DagsterInstance) -> bool:
    return bool(instance.get_runs(dg.RunsFilter(job_name=deliveries_job.name, statuses=BUSY), limit=1))


def _killed(instance: dg.DagsterInstance) -> str:
    """The id of the newest run if it broke off, else nothing; nor where many did one after the other."""
    runs = instance.get_runs(dg.RunsFilter(job_name=deliveries_job.name), limit=KILLED_IN_A_ROW)
    broke_off = [run.run_id for run in itertools.takewhile(lambda run: _broke_off(instance, run), runs)]
    return broke_off[0] if 0 < len(broke_off) < KILLED_IN_A_ROW else ""


def _broke_off(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run ended without a step that failed by itself.

    A service that is stopped interrupts the step of its run; so does who ends a run in the UI, which is meant.
    """
    if run.status not in (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED):
        return False
    failures = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    return not failures or (run.status is dg.DagsterRunStatus.FAILURE and all(map(_is_interrupted, failures)))


def _is_interrupted(entry: dg.EventLogEntry) -> bool:
    """Whether an interruption lies under the error of a step: DuckDB makes an error of its own of it."""
    event = entry.dagster_event
    error = event and event.step_failure_data.error
    while error:
        if (error.cls_name or "").rsplit(".", 1)[-1] in INTERRUPTIONS:
            return True
        error = error.cause
    return False
