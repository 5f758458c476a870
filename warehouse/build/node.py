"""The result of a build at one node of the dbt project: the same for a build from scratch and an incremental one."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NodeResult:
    """A node by dbt's id: the rows that its table has now, and of them those `written` by this build.

    Views and tests have none. `table` is where it lies in the live file (schema.name), None for a test, and `event` is
    dbt's own; incremental builds know the one, dbt knows the other. One that is `unchanged` was not run, since all that
    it reads is as it was when it was run last.
    """

    unique_id: str
    rows: int | None = None
    written: int | None = None
    table: str | None = None
    event: dict[str, Any] | None = None
    unchanged: bool = False
