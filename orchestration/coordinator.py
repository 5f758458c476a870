"""Which runs start at once and which wait in Dagster's queue; `dagster.yaml` names this class.

Not here: which process executes a run (`warm`), and who may write (the pool of assets that write).
"""

import dagster as dg

# A run in one of these is under way, or next in the queue.
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


class PromptRunCoordinator(dg.QueuedRunCoordinator):
    """Launches a run at once when no other is under way or waits; otherwise queues it.

    The daemon looks at the queue once a second at best, so that a delivery would wait half a second for nobody.
    """

    def submit_run(self, context: dg.SubmitRunContext) -> dg.DagsterRun:
        run = context.dagster_run
        is_new = run.status == dg.DagsterRunStatus.NOT_STARTED
        if not is_new or self._instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY), limit=1):
            return super().submit_run(context)
        return self._instance.launch_run(run.run_id, context.workspace)
