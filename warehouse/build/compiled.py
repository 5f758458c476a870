"""What dbt makes of the code as it stands: its manifest, the seeds, and the SQL of builds.

dbt parses for seconds, and spends some 70 ms on each model and test beside the SQL. None of it depends on the home but
paths of the lake, for which `HOME` stands. So it is done once for the code, and kept beside it; for Spark, when it is
asked for. Not here: running the SQL (`full`, `incremental`, `spark`).
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sources.contracts.feeds import discover
from warehouse.build.project import PROJECT, invoke, project_hash, target
from warehouse.zones.files import write_atomically
from warehouse.zones.home import OPEN_FILE, Home

log = logging.getLogger("cantho.build")

# Git ignores it, and whoever removes it waits some seconds once.
CACHE = PROJECT.parent / "warehouse" / ".cache"
# How many states of the code are kept: who goes back and forth between branches waits for none of them.
KEPT = 5
# Stands for the home in kept SQL.
HOME = "{{home}}"

# Nothing in a model asks the database.
COMPILE = ("compile", "--no-write-json", "--no-populate-cache", "--no-introspect", "--selector")
ON_SPARK = ("--target", "spark")

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


@dataclass(frozen=True)
class Step:
    """A seed, a model or a test of a build from scratch.

    A model's `sql` selects its rows, and `comments` say what it and its columns mean; one that `is_kept` has months.
    A test selects what it objects to, and has no `relation`. A seed selects nothing: builds begin with all of them.
    """

    name: str
    unique_id: str
    relation: str | None
    is_view: bool
    is_kept: bool
    sql: str
    comments: list[str]


def manifest(home: Home) -> Path:
    """The manifest that dbt writes, of the code as it stands."""
    return _folder(home) / "manifest.json"


def seeds(home: Home) -> Path:
    """A DuckDB file with all seeds, as dbt loads them."""
    return _folder(home) / "seeds.duckdb"


def statements(home: Home) -> list[Statement]:
    """All that an incremental build runs: models after those they read, then tests."""
    return [Statement(**statement) for statement in _in_home(_folder(home) / "statements.json", home)]


def steps(home: Home) -> list[Step]:
    """All that a build from scratch runs: seeds, models after those they read, then tests."""
    return [Step(**step) for step in _in_home(_folder(home) / "steps.json", home)]


def spark_steps(home: Home) -> list[Step]:
    """The same in the words of Spark, which finds deliveries in schema `raw`. Needs dbt-spark, but no session."""
    path = _folder(home) / f"steps-spark-{version('dbt-spark')}.json"
    if not path.exists():
        with home.scratch("compiled") as scratch:
            parsed = invoke(home, ["parse", *ON_SPARK], place=Home(scratch)).result
            compiled = invoke(home, [*COMPILE, "everything", *ON_SPARK], parsed, Home(scratch)).result.results
            write_atomically(
                path, _without_home([_step(result.node) for result in _ordered(compiled)], Home(scratch)), OPEN_FILE
            )
    return [Step(**step) for step in _in_home(path, home)]


def _in_home(path: Path, home: Home) -> Any:
    """What is kept, with the paths of this home; in SQL they stand in quotes, in the file in double ones."""
    root = json.dumps(str(home.root).replace("'", "''"))[1:-1]
    return json.loads(path.read_text(encoding="utf-8").replace(HOME, root))


def _folder(home: Home) -> Path:
    """Where the work on the code as it stands is kept, after it is done: beside the code if one may write there."""
    how = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    versions = "-".join(version(package) for package in ("dbt-core", "dbt-duckdb", "duckdb"))
    kept = CACHE if os.access(CACHE.parent, os.W_OK) else home.root / "dbt"
    folder = kept / f"compiled-{project_hash()}-{how}-{versions}"
    # Written last.
    if not (folder / "steps.json").exists():
        log.info("Compiling the models, once for the code as it stands")
        with home.scratch("compiled") as scratch:
            for name, content in _compiled(home, Home(scratch)).items():
                write_atomically(folder / name, content, OPEN_FILE)
        for old in sorted(kept.glob("compiled-*"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def _compiled(home: Home, scratch: Home) -> dict[str, bytes]:
    """The files to keep, made by dbt in a home of its own."""
    scratch.live.mkdir()
    parsed = invoke(home, ["parse"], place=scratch).result
    some_months = [*COMPILE, "incremental", "--vars", json.dumps({"some_months": True})]
    statements = _statements(parsed, invoke(home, some_months, parsed, scratch).result.results)
    compiled = invoke(home, [*COMPILE, "everything"], parsed, scratch).result.results
    # A seed is compiled to nothing, and loaded by its own command.
    invoke(home, ["seed", "--no-write-json"], parsed, scratch)
    return {
        "manifest.json": (target(scratch) / "manifest.json").read_bytes(),
        "seeds.duckdb": scratch.warehouse.read_bytes(),
        "statements.json": _without_home(statements, scratch),
        "steps.json": _without_home([_step(result.node) for result in _ordered(compiled)], scratch),
    }


def _without_home(nodes: Iterable[Statement | Step], scratch: Home) -> bytes:
    text = json.dumps([asdict(node) for node in nodes], ensure_ascii=False)
    return text.replace(str(scratch.root), HOME).encode()


def _ordered(results: Iterable[Any]) -> list[Any]:
    """Seeds, models, tests. dbt finishes a model before it begins one that reads it."""
    kinds = ("seed", "model", "test")
    return sorted(results, key=lambda result: kinds.index(result.node.resource_type))


def _step(node: Any) -> Step:
    return Step(
        name=node.name,
        unique_id=node.unique_id,
        relation=None if node.resource_type == "test" else node.relation_name,
        is_view=node.config.materialized == "view",
        is_kept=node.config.materialized == "incremental",
        sql=(node.compiled_code or "").rstrip(),
        comments=list(_comments(node)) if node.resource_type == "model" else [],
    )


def _comments(node: Any) -> Iterable[str]:
    """What people read of a relation and its columns, where dbt keeps it."""
    kind, described = "VIEW" if node.config.materialized == "view" else "TABLE", node.config.persist_docs
    if described.get("relation") and node.description:
        yield f"COMMENT ON {kind} {node.relation_name} IS {_quoted(node.description)}"
    if described.get("columns"):
        for name, column in node.columns.items():
            yield f"COMMENT ON COLUMN {node.relation_name}.{name} IS {_quoted(column.description)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _statements(manifest: Any, results: Iterable[Any]) -> list[Statement]:
    nodes = [result.node for result in _ordered(results)]
    views = [node for node in manifest.nodes.values() if node.config.materialized == "view"]
    read_by_views = {parent for view in views for parent in view.depends_on.nodes}
    scratch = {
        node.relation_name: f"temp.main.{node.name}"
        for node in nodes
        if node.config.materialized == "table" and node.unique_id not in read_by_views
    }
    by_id: dict[str, Statement] = {}
    for node in nodes:
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
