"""A full build: every month of every model and all tests, by dbt itself.

Not here: builds of some months (`incremental`), and the project that is built (`project`).
"""

import queue
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from warehouse.build.node import NodeResult
from warehouse.build.project import FAILED, invoke, parsed, project_hash
from warehouse.zones.home import Home


def build(home: Home) -> Generator[NodeResult]:
    """Build every month of every model from scratch and run all tests; yields each node when it is done.

    `BuildFailed` after the last one when a model or a test failed.
    """
    from google.protobuf.json_format import MessageToDict

    events: queue.SimpleQueue[NodeResult | None] = queue.SimpleQueue()

    def listen(event: Any) -> None:
        if event.info.name in ("LogModelResult", "LogSeedResult", "LogTestResult"):
            node, rows = event.data.node_info, None
            if node.materialized in ("table", "incremental", "seed") and event.data.status not in FAILED:
                rows = _count(node.node_relation.relation_name)
            message = MessageToDict(event, preserving_proto_field_name=True)
            events.put(NodeResult(node.unique_id, rows, rows, event=message))

    manifest = parsed(home, project_hash())
    # A table of a model that is gone would be published on: the live file begins empty.
    for left in (home.warehouse, home.warehouse.with_suffix(".duckdb.wal")):
        left.unlink(missing_ok=True)
    # Events tell the results of a build; writing the manifest again takes a second.
    arguments = ["build", "--selector", "everything", "--full-refresh", "--no-write-json"]
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(invoke, home, arguments, manifest, listen)
        done.add_done_callback(lambda _: events.put(None))
        while (event := events.get()) is not None:
            yield event
        done.result()


def _count(relation: str) -> int:
    """Rows of a table, asked on dbt's own connection: the live file lets nobody else in while it builds."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    connection = DuckDBConnectionManager.env().handle()
    try:
        (count,) = connection.cursor().execute(f"SELECT count(*) FROM {relation}").fetchone()
    finally:
        connection.close()
    return count
