"""One run of the pipeline in this process: what `cantho run` does, through the definitions the UI shows.

Here: the instance of a home, and executing the job. Not here: what is printed about it (`cli`).
"""

import contextlib
import logging
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sources.contracts.feeds import discover
from warehouse.build import issuing, plan, project
from warehouse.intake.deliveries import Intake, files_waiting
from warehouse.published import store
from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home
from warehouse.zones.register import REFUSED, Entry

SETTINGS = Path(__file__).parent / "dagster.yaml"
log = logging.getLogger("cantho.run")


@dataclass(frozen=True)
class Result:
    """What a run came to: the version now current, whether it is new, and the deliveries refused in this run."""

    version: str | None
    changed: bool
    refused: list[Entry]
    failure: str | None


def prepare_instance(home: Home) -> None:
    """Point Dagster and dbt at this home, with our settings; both keep off the network."""
    os.environ |= {**project.environment(home), "DAGSTER_HOME": str(home.dagster)}
    settings = home.dagster / "dagster.yaml"
    if not settings.exists() or settings.read_bytes() != SETTINGS.read_bytes():
        shutil.copyfile(SETTINGS, settings)


def run(home: Home) -> Result:
    """Take in all that waits, build once, publish.

    When nothing waits and the models are as published it does nothing, but for an issue that the calendar asks for.
    """
    prepare_instance(home)
    started = datetime.now(UTC).isoformat(timespec="microseconds")
    intake = Intake.open(home)
    intake.turn_away_strays()
    waiting = [feed for feed in discover().values() if files_waiting(home, feed)]
    before, planned = store.current(home), plan.next_build(home)
    failure = None
    if waiting or planned.needed:
        failure = _execute(home, {feed.table for feed in waiting}, from_scratch=not before or planned.months is None)
        # A feed that had everything refused lets nothing below it run, also not for what others sent.
        left = plan.next_build(home)
        if not failure and left.needed:
            failure = _execute(home, set(), from_scratch=left.months is None)
    if not failure and issuing.is_due(home):
        try:
            issuing.issue(home)
        except issuing.NotIssued as overtaken:
            # Another process has taken something in meanwhile.
            failure = str(overtaken)
    refused = intake.register.entries("status = ? and processed_at >= ?", (REFUSED, started))
    after = store.current(home)
    return Result(after, after != before, refused, failure)


def _execute(home: Home, tables: set[str], from_scratch: bool) -> str | None:
    """Run the deliveries job for these raw tables and what is below them; returns what failed, or None."""
    log.info("Loading Dagster and the models")
    # Imported here: it takes seconds, which a run with nothing to do need not wait for.
    import dagster as dg

    from orchestration.automation import deliveries_job
    from orchestration.definitions import build_definitions, selection
    from orchestration.warm import PROCESS

    definitions = build_definitions(home)
    console = home.root / "dbt" / "logs" / "console.log"
    console.parent.mkdir(parents=True, exist_ok=True)
    with dg.DagsterInstance.get() as instance, console.open("w") as output, contextlib.redirect_stdout(output):
        end_killed(instance)
        finished = definitions.resolve_job_def(deliveries_job.name).execute_in_process(
            instance=instance,
            asset_selection=selection(home, tables, from_scratch),
            raise_on_error=False,
            tags={PROCESS: str(os.getpid())},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    if finished.success:
        return None
    failures = [event for event in finished.all_node_events if event.is_step_failure]
    why = home.root / "dbt" / "failure.log"
    # An error may quote what it met: it is kept in the home and not printed.
    write_atomically(why, "\n\n".join(str(event.step_failure_data.error) for event in failures).encode())
    # What a step says of itself, in words that are ours, is for who waits for the run.
    reported = [event.step_failure_data.user_failure_data for event in failures]
    if own := [str(cause.description) for cause in reported if cause]:
        return "\n".join(own)
    steps = ", ".join(event.step_key or "" for event in failures)
    return f"{steps or 'The run'} failed; what is published stands. Next: read {why}, mend the cause, run again."


def end_killed(instance: Any) -> None:
    """Let runs fail whose process is gone, and give back what they and others that ended still hold.

    Where no daemon runs, nobody else does it, and the next run would wait for ever.
    """
    import dagster as dg

    from orchestration.private import WorkerStatus

    storage = instance.event_log_storage
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])):
        health = instance.run_launcher.check_run_worker_health(run)
        if health.status is WorkerStatus.FAILED:
            instance.report_run_failed(run, health.msg)
    for run_id in storage.get_concurrency_run_ids():
        holder = instance.get_run_by_id(run_id)
        if holder is None or holder.is_finished:
            storage.free_concurrency_slots_for_run(run_id)
