"""The result of a build at one node of the dbt project: the same for a build from scratch and an incremental one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NodeResult:
    """A node by dbt's id: the rows that its table has now, and of them those `written` by this build.

    Views and tests have none. `table` is where an incremental build left it in the live file (schema.name), None for a
    test, which `passed` or objected. One that is `unchanged` was not run, since all that it reads is as it was when it
    was run last.
    """

    unique_id: str
    rows: int | None = None
    written: int | None = None
    table: str | None = None
    passed: bool = True
    unchanged: bool = False
