"""Warm runs: one process that has everything imported and parsed, and forks a child for each run.

`serve` is that process; `WarmRunLauncher`, named in dagster.yaml, asks it for a child and falls back to Dagster's own
launcher when nobody answers. A change of code ends the process: whoever keeps it starts a new one, and until then runs
start cold. Not here: what a run does.
"""

import contextlib
import gc
import json
import os
import runpy
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.private import CheckRunHealthResult, WorkerStatus, execute_arguments

# What a launcher may wait for an answer: a fork takes milliseconds.
ANSWER_SECONDS = 5
SOCKET = "warm.sock"
# Tag of a run that executes in a process which no launcher started; so named, the UI does not show it.
PROCESS = ".dagster/process"
CODE = [Path(__file__).parents[1] / folder for folder in ("orchestration", "sources", "warehouse")]


class WarmRunLauncher(dg.DefaultRunLauncher):
    """Launches a run in a forked child of the warm process, else as Dagster does by default."""

    @property
    def _folder(self) -> Path:
        return Path(self._instance.root_directory)

    def launch_run(self, context: Any) -> None:
        run, question = context.dagster_run, {"launch": context.dagster_run.run_id}
        answer = ask(self._folder, question | {"arguments": execute_arguments(context, self)})
        if answer is None:
            super().launch_run(context)
            return
        self._instance.report_engine_event(f"Warm run in process {answer['process']}.", run)

    def terminate(self, run_id: str) -> bool:
        answer = ask(self._folder, {"end": run_id})
        if answer and answer["found"]:
            run = self._instance.get_run_by_id(run_id)
            if run and not run.is_finished:
                self._instance.report_run_canceling(run)
            return True
        return super().terminate(run_id)

    @property
    def supports_check_run_worker_health(self) -> bool:
        return Path("/proc/self/stat").exists()

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the process of a run lives. Dagster's own launcher cannot say: a killed run would never end."""
        record = self._instance.get_run_record_by_id(run.run_id)
        process = _process_of(self._instance, run)
        if process is None or record is None or record.start_time is None:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        began = _began(process)
        # A process that is younger than the run has only inherited the number.
        if began is not None and began <= record.start_time + 1:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, f"Its process {process} is gone.")


def _process_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> int | None:
    if PROCESS in run.tags:
        return int(run.tags[PROCESS])
    for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT):
        pid = entry.dagster_event.engine_event_data.metadata.get("pid") if entry.dagster_event else None
        if pid:
            return int(str(pid.value))
    return None


def _began(process: int) -> float | None:
    """When a process began, in seconds of the epoch; None when it has ended."""
    try:
        state, *fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return None if state == "Z" else booted + int(fields[18]) / os.sysconf("SC_CLK_TCK")


def ask(folder: Path, question: dict[str, Any]) -> dict[str, Any] | None:
    """The answer of the warm process of an instance's folder, None when nobody answers."""
    with socket.socket(socket.AF_UNIX) as line, contextlib.suppress(OSError, ValueError):
        line.settimeout(ANSWER_SECONDS)
        line.connect(str(folder / SOCKET))
        line.sendall(json.dumps(question).encode() + b"\n")
        return json.loads(line.makefile().readline())
    return None


def serve(folder: Path, load: Callable[[], object]) -> None:
    """Load everything, then fork a child for each run that is asked for, until the code changes.

    `folder` is the instance's, where the socket lies; `load` imports and parses what runs need. It must leave no thread
    behind: a fork copies none.
    """
    code = _code()
    load()
    # What is loaded now lives as long as the process: children need not copy it to look through it.
    gc.collect()
    gc.freeze()
    path = folder / SOCKET
    path.unlink(missing_ok=True)
    children: dict[str, int] = {}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen()
        listener.settimeout(1)
        try:
            while code == _code():
                _bury(children)
                with contextlib.suppress(TimeoutError):
                    line, _ = listener.accept()
                    with line:
                        _answer(line, listener, children)
        finally:
            path.unlink(missing_ok=True)


def _answer(line: socket.socket, listener: socket.socket, children: dict[str, int]) -> None:
    line.settimeout(ANSWER_SECONDS)
    try:
        question = json.loads(line.makefile().readline())
    except (OSError, ValueError):
        return
    if "end" in question:
        process = children.get(question["end"])
        if process:
            os.kill(process, signal.SIGINT)
        answer: dict[str, Any] = {"found": process is not None}
    else:
        process = os.fork()
        if process == 0:
            listener.close()
            line.close()
            _run(question["arguments"])
        children[question["launch"]] = process
        answer = {"process": process}
    with contextlib.suppress(OSError):
        line.sendall(json.dumps(answer).encode() + b"\n")


def _run(arguments: list[str]) -> None:
    """Be `dagster api execute_run ...`, and never return."""
    code = 1
    try:
        os.setsid()
        sys.argv = ["dagster", *arguments]
        runpy.run_module("dagster", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = int(ended.code or 0) if isinstance(ended.code, int | None) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _bury(children: dict[str, int]) -> None:
    for run_id, process in list(children.items()):
        if os.waitpid(process, os.WNOHANG)[0]:
            del children[run_id]


def _code() -> dict[Path, tuple[int, int]]:
    """The files that runs depend on, and of each when it was changed and how long it is: an older one counts too."""
    from warehouse.build.project import project_files

    files = [*(path for folder in CODE for path in folder.rglob("*")), *project_files()]
    return {
        path: (path.stat().st_mtime_ns, path.stat().st_size)
        for path in files
        if path.suffix in (".py", ".sql", ".yml", ".yaml", ".csv", ".md", ".html", ".css", ".js") and path.is_file()
    }


def _load_everything() -> None:
    """What takes a run its first seconds: Dagster, Great Expectations, the project as dbt reads it, the definitions."""
    from orchestration.definitions import defs
    from sources import gate
    from warehouse.published import report

    gate.prepare()
    report.library()
    defs().get_repository_def().get_all_jobs()


def main() -> None:
    """Serve the home that CANTHO_HOME names; start anew whenever the code has changed."""
    from orchestration.running import prepare_instance
    from warehouse.zones.home import Home

    home = Home.open()
    prepare_instance(home)
    serve(home.dagster, _load_everything)
    time.sleep(1)
    os.execv(sys.executable, [sys.executable, "-m", "orchestration.warm"])  # noqa: S606 - it becomes itself, anew


if __name__ == "__main__":
    main()
