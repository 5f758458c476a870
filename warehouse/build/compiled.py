"""The SQL of an incremental build, as dbt compiled it once for the code as it stands.

dbt spends some 70 ms on each model and test beside the SQL: ten seconds for a delivery of one commune. Not here:
running the SQL (`incremental`).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sources.contracts.feeds import discover
from warehouse.build.project import fingerprint, invoke, parsed, project_hash
from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home

# Models that hold deliveries of all feeds.
SHARED = ("stg_deliveries", "stg_standing_delivery", "stg_quarantined_rows")

# The communes in which a build replaces rows, as `macros/scope.sql` asks for them.
SCOPE = "temp.main.scope"


@dataclass(frozen=True)
class Statement:
    """A model or a test as dbt compiled it for an incremental build.

    `is_kept` says whether the model keeps months beside those of a build. The others are made anew: as temporary tables
    (`is_scratch`), since to write them to disk takes as long as to compute them, but for those that a view reads. A
    model that `is_scoped` gives rows of the communes in scope alone, since it or scratch that it reads asks for them. A
    test selects what it objects to. `reads` are the ids of what it reads, itself or through a view, and `rows_of` those
    of them that its rows follow from. `feeds` are those whose deliveries it reads, itself or through a view.
    """

    name: str
    unique_id: str
    sql: str
    is_test: bool
    relation: str | None
    is_kept: bool
    is_scratch: bool
    is_scoped: bool
    reads: list[str]
    rows_of: list[str]
    feeds: list[str]


def statements(home: Home) -> list[Statement]:
    """All that an incremental build runs: models after those they read, then tests. Compiled once for the code.

    Kept as a file, since compiling takes seconds; paths of the home stand in it.
    """
    how = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    path = home.root / "dbt" / f"statements-{fingerprint()}-{how}.json"
    if path.exists():
        kept = json.loads(path.read_text())
        if kept["home"] == str(home.root):
            return [Statement(**statement) for statement in kept["statements"]]
    compiled = _compiled(home)
    content = {"home": str(home.root), "statements": [asdict(statement) for statement in compiled]}
    write_atomically(path, json.dumps(content).encode())
    return compiled


def _compiled(home: Home) -> list[Statement]:
    manifest = parsed(home, project_hash())
    incremental = ["--selector", "incremental", "--vars", json.dumps({"some_months": True})]
    # Nothing in a model asks the database: the live file may be another's meanwhile.
    done = invoke(home, ["compile", *incremental, "--no-populate-cache", "--no-introspect"], manifest)
    nodes = [result.node for result in done.result.results]
    views = [node for node in manifest.nodes.values() if node.config.materialized == "view"]
    read_by_views = {parent for view in views for parent in view.depends_on.nodes}
    scratch = {
        node.relation_name: f"temp.main.{node.name}"
        for node in nodes
        if node.config.materialized == "table" and node.unique_id not in read_by_views
    }
    by_id: dict[str, Statement] = {}
    # dbt finishes a model before it begins one that reads it.
    for node in sorted(nodes, key=lambda node: node.resource_type == "test"):
        reads = sorted(_reads(manifest, node.unique_id))
        sql = _renamed(node.compiled_code.rstrip(), scratch)
        by_id[node.unique_id] = Statement(
            name=node.name,
            unique_id=node.unique_id,
            sql=sql,
            is_test=node.resource_type == "test",
            relation=scratch.get(node.relation_name, node.relation_name),
            is_kept=node.config.materialized == "incremental",
            is_scratch=node.relation_name in scratch,
            is_scoped=SCOPE in sql or _reads_scoped_scratch(reads, by_id),
            reads=reads,
            rows_of=_rows_of(reads),
            feeds=sorted(_feeds(manifest, node.unique_id)),
        )
    _check_scope(manifest, by_id.values())
    return list(by_id.values())


def _reads_scoped_scratch(reads: Iterable[str], by_id: dict[str, Statement]) -> bool:
    """Whether one of these is scratch of the communes in scope; a kept table has all communes."""
    return any(by_id[name].is_scratch and by_id[name].is_scoped for name in reads if name in by_id)


def _check_scope(manifest: Any, statements: Iterable[Statement]) -> None:
    """`ValueError` for models of which a build of some communes could not say which rows it replaces."""
    wrong = [
        statement.name
        for statement in statements
        if statement.is_scoped
        and not statement.is_test
        and not (statement.is_scratch or "commune_code" in manifest.nodes[statement.unique_id].columns)
    ]
    if wrong:
        raise ValueError(
            f"{', '.join(wrong)}: rows of the communes in scope alone, kept without a commune_code. "
            "Next: add the column, or read tables that have every commune (docs/decisions/0019-scope.md)."
        )


def _reads(manifest: Any, name: str) -> set[str]:
    """Ids of the tables that a node reads, itself or through views."""
    parents = manifest.nodes[name].depends_on.nodes
    return {parent for parent in parents if not _is_view(manifest, parent)}.union(
        *(_reads(manifest, parent) for parent in parents if _is_view(manifest, parent))
    )


def _is_view(manifest: Any, name: str) -> bool:
    return name in manifest.nodes and manifest.nodes[name].config.materialized == "view"


def _feeds(manifest: Any, name: str) -> set[str]:
    """Feeds whose deliveries a source holds, or a node reads, itself or through views.

    Where deliveries of all feeds stand (SHARED), a model says in its `meta` which it asks for, else it asks for all; a
    staging model asks for those of the feed it reads.
    """
    own = {feed.table: feed.id for feed in discover().values()}
    if name in manifest.sources:
        table = manifest.sources[name].name
        return {own[table]} if table in own else set(own.values())
    node = manifest.nodes[name]
    declared = node.config.meta.get("feeds")
    asked: set[str] = set(declared or ())
    is_of_a_feed = any(
        parent in manifest.sources and manifest.sources[parent].name in own for parent in node.depends_on.nodes
    )
    for parent in node.depends_on.nodes:
        if parent.split(".")[-1] in SHARED:
            asked |= set(own.values()) if declared is None and not is_of_a_feed else set()
        elif parent in manifest.sources or _is_view(manifest, parent):
            asked |= _feeds(manifest, parent)
    return asked


def _rows_of(reads: list[str]) -> list[str]:
    """Those of what a node reads that its rows follow from, but for deliveries: of these it names the feeds."""
    return [name for name in reads if name.split(".")[-1] not in SHARED]


def _renamed(sql: str, relations: dict[str, str]) -> str:
    for before, after in relations.items():
        sql = sql.replace(before, after)
    return sql
