"""The parts of Dagster that it does not promise to keep, all in one place.

Each has a test in `private_test`, but for the key of a check, which every build in the tests asks for. Look here first
when Dagster is raised. A rule of ruff refuses them elsewhere. Not here: what they are used for.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster_dbt.asset_utils import get_asset_check_key_for_test

__all__ = [
    "CheckRunHealthResult",
    "EventLog",
    "WorkerStatus",
    "execute_arguments",
    "get_asset_check_key_for_test",
    "web_application",
]


class EventLog(SqliteEventLogStorage):
    """Dagster's own storage of events, at its usual place in the instance's `folder`; `dagster.yaml` names it.

    Dagster makes an engine for every event it stores, which compiles all its SQL anew, and looks at every check whether
    there is a table for it. Here each file has one engine, and a table that is there stays.
    """

    def __init__(self, folder: str, inst_data: Any = None) -> None:
        self._engines: dict[str, sqlalchemy.Engine] = {}
        self._tables: set[str] = set()
        super().__init__(str(Path(folder) / "history" / "runs"), inst_data)

    @classmethod
    def config_type(cls) -> Any:
        return {"folder": dg.StringSource}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "EventLog":
        return cls(config_value["folder"], inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Generator[sqlalchemy.Connection]:
        if shard not in self._engines:
            # Makes the file, too.
            with super()._connect(shard) as connection:
                self._engines[shard] = connection.engine
        with self._db_lock, self._engines[shard].begin() as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables


def execute_arguments(context: Any, launcher: dg.DefaultRunLauncher) -> list[str]:
    """What follows `dagster` on the command line of a process that executes the run of the launcher's context."""
    from dagster._grpc.types import ExecuteRunArgs

    instance = launcher._instance.get_ref()
    arguments = ExecuteRunArgs(context.job_code_origin, context.dagster_run.run_id, instance)
    command = arguments.get_command_args()
    return list(command[command.index("api") :])


@contextmanager
def web_application(instance: dg.DagsterInstance, module: str) -> Generator[Callable[..., Any]]:
    """Dagster's own web application (ASGI) over the definitions of a module, which a process of its own serves."""
    # Imported here: it takes seconds, and the guard before it does without.
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import ModuleTarget
    from dagster_webserver.app import create_app_from_workspace_process_context

    location = ModuleTarget(module, attribute=None, working_directory=None, location_name=None)
    with WorkspaceProcessContext(instance, location, code_server_log_level="WARNING") as workspace:
        yield create_app_from_workspace_process_context(workspace)
