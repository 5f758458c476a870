"""The dbt project as orchestration sees it: its sources from the contracts, its manifest, its fingerprint, a build.

dbt runs in this process: starting its command takes seconds, and a warm process finds it imported and the project
parsed. Not here: models, or what a build has to do (`building`).
"""

import functools
import hashlib
import json
import os
import queue
from collections.abc import Callable, Collection, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from sources.contracts.feeds import FOLDER as SOURCES
from sources.contracts.feeds import Feed, discover
from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home
from warehouse.zones.identity import raw_schema
from warehouse.zones.lake import DELIVERIES, QUARANTINED

PROJECT = Path(__file__).parent.parent / "dbt_project"
# Written from the contracts, so that a feed is declared once; not kept in git.
RAW_SOURCES = PROJECT / "models" / "staging" / "raw_sources.yml"

# Models that hold deliveries of all feeds.
SHARED = ("stg_deliveries", "stg_standing_delivery", "stg_quarantined_rows", "stg_sent_commune")

# Models that say of which households a build replaces rows. What asks them (`macros/households.sql`) has the same rows
# for a household whether or not it is among them.
NARROWING = ("stg_sent_commune", "sent_household", "touched_key", "touched_household", "touched_commune")

FAILED = ("error", "fail", "runtime error")


@dataclass(frozen=True)
class Done:
    """What a build came to at one node, by dbt's id: the rows a table has now, and of them those `written`.

    Views and tests have none. `table` is where it lies in the live file (schema.name), None for a test, and `event` is
    what dbt said of it; builds of some months know the one, dbt knows the other. One that `stands` was not run, since
    all that it reads is as it was when it was run last.
    """

    unique_id: str
    rows: int | None = None
    written: int | None = None
    table: str | None = None
    event: dict[str, Any] | None = None
    stands: bool = False


_DELIVERIES = "read_parquet('{{ env_var('CANTHO_HOME') }}/lake/deliveries.parquet')"

DERIVED = {
    "delivery_id": "Delivery the row came with.",
    "period_month": "First day of the month the delivery reports.",
    "row_number": "Row of the file, counted from 1.",
    "place": "Sheet of the workbook; empty for other formats.",
    "commune_code": "Today's commune. Null only where the feed may leave it open.",
    "commune_code_then": "The unit in force in that month; differs from commune_code before July 2025.",
    "commune_assumed": "True when a unit that was split was placed in its default part.",
    "person_key": "Pseudonym of the personal number; without a usable one, of the row.",
    "linkage_key": "Pseudonym of name, birth year and sex; null when one is missing. More than one person can have it.",
    "person_number_usable": "Whether person_key stands for a personal number.",
    "head_person_key": "Pseudonym of the head's personal number; null when there is no usable one.",
    "registration_key": "Pseudonym of commune, review year and household code.",
    "card_key": "Pseudonym of the card's number.",
    "contract_key": "Pseudonym of the contract's number.",
    "customer_key": "Pseudonym of the customer's number.",
    "birth_month": "First day of the month of birth; null when only the year is known.",
    "birth_year": "Year of birth.",
    "feed": "Department and feed.",
    "seq": "Order in which deliveries count; larger is newer.",
    "is_supplement": "True when the delivery adds and replaces rows by key instead of replacing all.",
    "received_at": "When the warehouse first saw the delivery.",
    "row_count": "Rows accepted.",
    "quarantined_count": "Rows set apart.",
    "reasons": "Codes of the broken promises, joined by semicolons.",
}


def _source_table(feed: Feed) -> dict[str, Any]:
    described = {column.name: column.description for column in feed.columns}
    return {
        "name": feed.table,
        "description": f"{feed.purpose} {feed.grain[0].upper()}{feed.grain[1:]}. From {feed.owner}.",
        "config": {
            "meta": {
                "external_location": _glob(f"raw/{feed.table}"),
                "dagster": {"asset_key": ["raw", feed.table]},
            }
        },
        "columns": [
            {"name": name, "description": described.get(name) or DERIVED[name]} for name in raw_schema(feed).names
        ],
    }


def _glob(folder: str) -> str:
    files = "{{ env_var('CANTHO_HOME') }}/lake/" + folder + "/**/*.parquet"
    return f"read_parquet('{files}', hive_partitioning = false, union_by_name = true)"


def declare_sources() -> None:
    """Write the dbt sources that follow from the contracts, if they changed."""
    extra = [
        {
            "name": "deliveries",
            "description": "One row per accepted delivery, in the order in which they count.",
            "config": {"meta": {"external_location": _DELIVERIES}},
            "columns": [{"name": name, "description": DERIVED[name]} for name in DELIVERIES.names],
        },
        {
            "name": "quarantined_rows",
            "description": "One row per row that broke its contract: key and reasons, never its content.",
            "config": {"meta": {"external_location": _glob("quarantined")}},
            "columns": [{"name": name, "description": DERIVED[name]} for name in QUARANTINED.names],
        },
    ]
    tables = [_source_table(feed) for feed in discover().values()]
    declared = {
        "version": 2,
        "sources": [
            {"name": "raw", "description": "The lake: accepted rows past the identity zone.", "tables": tables + extra}
        ],
    }
    text = yaml.safe_dump(declared, sort_keys=False, allow_unicode=True, width=110)
    if not RAW_SOURCES.exists() or RAW_SOURCES.read_text(encoding="utf-8") != text:
        write_atomically(RAW_SOURCES, text.encode())


def fingerprint() -> str:
    """What the figures depend on besides deliveries: models, seeds, code lists and contracts, as one hash.

    What only people read is not in it: descriptions, documents, exposures and unit tests. Where these change nothing
    is built; comments of published columns follow with the next build from scratch.
    """
    files = [path for path in project_files() if path.suffix in (".sql", ".yml", ".csv")]
    return _hash([*files, *_rules()], _without_descriptions)


def _project_hash() -> str:
    """All that dbt parses, as one hash."""
    files = [path for path in project_files() if path.suffix in (".sql", ".yml", ".csv", ".md")]
    return _hash([*files, *_rules()], Path.read_bytes)


def _rules() -> list[Path]:
    return [*SOURCES.glob("reference/*.csv"), *SOURCES.glob("*/*/contract.odcs.yaml")]


def _hash(files: Sequence[Path], content: Callable[[Path], bytes]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path.relative_to(PROJECT.parent)).encode() + b"\0" + content(path) + b"\0")
    return digest.hexdigest()[:16]


def _without_descriptions(path: Path) -> bytes:
    if path.suffix != ".yml":
        return path.read_bytes()
    said = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return json.dumps(_leaving_out(said, ("description", "exposures", "unit_tests")), sort_keys=True).encode()


def _leaving_out(said: Any, keys: Collection[str]) -> Any:
    match said:
        case dict():
            return {name: _leaving_out(value, keys) for name, value in said.items() if name not in keys}
        case list():
            return [_leaving_out(value, keys) for value in said]
    return str(said)


def project_files() -> list[Path]:
    """Files of the dbt project that somebody wrote; of what dbt leaves in the folder when it is run by hand, none."""
    folders = [PROJECT / name for name in ("models", "macros", "seeds", "tests")]
    files = [*PROJECT.glob("*"), *(path for folder in folders for path in folder.rglob("*"))]
    return [path for path in files if path.is_file() and path != RAW_SOURCES]


def _target(home: Home) -> Path:
    """Where dbt writes what it parsed: a folder for each copy of the project, whose path stands in it."""
    return home.root / "dbt" / "target" / hashlib.sha256(str(PROJECT).encode()).hexdigest()[:8]


def environment(home: Home) -> dict[str, str]:
    """What dbt must find in its environment to work in this home."""
    return {
        "CANTHO_HOME": str(home.root),
        "DBT_TARGET_PATH": str(_target(home)),
        "DBT_LOG_PATH": str(home.root / "dbt" / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


@functools.cache
def _parsed(home: Home, code: str) -> Any:  # noqa: ARG001 - the project is parsed anew when its code has changed
    declare_sources()
    os.environ.update(environment(home))
    return _invoke(home, ["parse"]).result


def _invoke(home: Home, arguments: Sequence[str], parsed: Any = None, listener: Any = None) -> Any:
    """Run a dbt command in this process; `RuntimeError` when it fails, naming nodes and the log but no value."""
    # Imported here: it takes seconds.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    errors: list[str] = []

    def listen(event: Any) -> None:
        if event.info.level == "error":
            errors.append(event.info.msg)
        if listener:
            listener(event)

    # dbt words every event for every logger before it asks who wants it: a fifth of a build. Errors come by callback.
    quiet = ["--log-level", "none", "--log-level-file", "none"]
    options = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), *quiet]
    try:
        done = dbtRunner(manifest=parsed, callbacks=[listen]).invoke([*arguments, *options])
    finally:
        # dbt keeps the live file open until its process ends; here others must open it after.
        DuckDBConnectionManager.close_all_connections()
    if not done.success:
        log = home.root / "dbt" / "errors.log"
        write_atomically(log, "\n".join([*errors, str(done.exception or "")]).encode())
        failed = [one.node.name for one in getattr(done.result, "results", []) if one.status in FAILED]
        what = ", ".join(failed[:10]) or type(done.exception).__name__
        raise RuntimeError(f"dbt {arguments[0]}: {what} failed. Next: read {log}.")
    return done


def manifest(home: Home) -> Path:
    """The manifest of dbt for the models as they stand, as a file; parsed again only when something changed."""
    declare_sources()
    path = home.root / "dbt" / f"manifest-{_project_hash()}.json"
    if not path.exists():
        _parsed(home, _project_hash())
        write_atomically(path, (_target(home) / "manifest.json").read_bytes())
    return path


def prepare(home: Home) -> None:
    """Compile the project, so that the next build need not wait for it."""
    for of_households in (True, False):
        statements(home, of_households)


def build(home: Home) -> Generator[Done]:
    """Build every month of every model from scratch and run all tests; yields each node when it is done.

    `RuntimeError` after the last one when a model or a test failed.
    """
    from google.protobuf.json_format import MessageToDict

    events: queue.SimpleQueue[Done | None] = queue.SimpleQueue()

    def listen(event: Any) -> None:
        if event.info.name in ("LogModelResult", "LogSeedResult", "LogTestResult"):
            node, rows = event.data.node_info, None
            if node.materialized in ("table", "incremental", "seed") and event.data.status not in FAILED:
                rows = _count(node.node_relation.relation_name)
            said = MessageToDict(event, preserving_proto_field_name=True)
            events.put(Done(node.unique_id, rows, rows, event=said))

    parsed = _parsed(home, _project_hash())
    # What a build comes to is said by its events; writing the manifest again takes a second.
    arguments = ["build", "--selector", "everything", "--full-refresh", "--no-write-json"]
    with ThreadPoolExecutor(1) as one:
        done = one.submit(_invoke, home, arguments, parsed, listen)
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


def document(home: Home) -> Path:
    """Write dbt's page of all models, columns and their lineage as one file that needs no network; returns where."""
    declare_sources()
    os.environ.update(environment(home))
    _invoke(home, ["docs", "generate", "--static"])
    page = home.root / "dbt" / "models.html"
    write_atomically(page, (_target(home) / "static_index.html").read_bytes())
    return page


@dataclass(frozen=True)
class Statement:
    """A model or a test as dbt compiled it for a build of some months.

    `is_kept` says whether the model keeps months beside those of a build; then it replaces the touched months, or the
    rows that are equal in the column `replaced_by`. The others are made anew: as temporary tables (`is_scratch`), since
    to write them to disk takes as long as to compute them, but for those that a view reads. A test selects what it
    objects to. In a build of some households rows are replaced that are equal in the column `narrowed_by` to one of
    the relation `narrowed_to` or, without it, of the new ones; without `narrowed_by` as in any other build. `reads` are
    the ids of what it reads, itself or through a view, and `rows_of` those of them that its rows follow from. `feeds`
    are those whose deliveries it reads, itself or through a view.
    """

    name: str
    unique_id: str
    sql: str
    is_test: bool
    relation: str | None
    is_kept: bool
    is_scratch: bool
    replaced_by: str | None
    reads: list[str]
    rows_of: list[str]
    feeds: list[str]
    narrowed_by: str | None = None
    narrowed_to: str | None = None


def statements(home: Home, of_households: bool = False) -> list[Statement]:
    """All that a build of some months runs: models after those they read, then tests. Compiled once for the code.

    With `of_households` a build of some households of one month. Kept as a file, since compiling takes seconds; paths
    of the home stand in it.
    """
    how = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    what = "households" if of_households else "months"
    path = home.root / "dbt" / f"statements-{what}-{fingerprint()}-{how}.json"
    if path.exists():
        kept = json.loads(path.read_text())
        if kept["home"] == str(home.root):
            return [Statement(**one) for one in kept["statements"]]
    found = _compiled(home, of_households)
    content = {"home": str(home.root), "statements": [asdict(one) for one in found]}
    write_atomically(path, json.dumps(content).encode())
    return found


def _compiled(home: Home, of_households: bool) -> list[Statement]:
    parsed = _parsed(home, _project_hash())
    choices = {"some_months": True, "some_households": of_households}
    touched = ["--selector", "touched", "--vars", json.dumps(choices)]
    # Nothing in a model asks the database: the live file may be another's meanwhile.
    done = _invoke(home, ["compile", *touched, "--no-populate-cache", "--no-introspect"], parsed)
    nodes = [one.node for one in done.result.results]
    views = [node for node in parsed.nodes.values() if node.config.materialized == "view"]
    seen = {parent for view in views for parent in view.depends_on.nodes}
    scratch = {
        node.relation_name: f"temp.main.{node.name}"
        for node in nodes
        if node.config.materialized == "table" and node.unique_id not in seen
    }
    relations = {node.name: scratch.get(node.relation_name, node.relation_name) for node in nodes}
    found = [
        Statement(
            name=node.name,
            unique_id=node.unique_id,
            sql=_renamed(node.compiled_code.rstrip(), scratch),
            is_test=node.resource_type == "test",
            relation=scratch.get(node.relation_name, node.relation_name),
            is_kept=node.config.materialized == "incremental",
            is_scratch=node.relation_name in scratch,
            replaced_by=getattr(node.config, "unique_key", None),
            **(_narrowed(node.config.meta.get("narrowed_by", {}), relations) if of_households else {}),
            reads=(reads := sorted(_reads(parsed, node.unique_id))),
            rows_of=_rows_of(node, reads),
            feeds=sorted(_feeds(parsed, node.unique_id)),
        )
        for node in nodes
    ]
    # dbt finishes a model before it begins one that reads it.
    return sorted(found, key=lambda one: one.is_test)


def _narrowed(said: dict[str, str], relations: dict[str, str]) -> dict[str, str | None]:
    """What a model's `meta.narrowed_by` comes to; `KeyError` where it names a model that is not built."""
    return {"narrowed_by": said.get("column"), "narrowed_to": relations[said["among"]] if "among" in said else None}


def _reads(parsed: Any, name: str) -> set[str]:
    """Ids of the tables that a node reads, itself or through views."""
    parents = parsed.nodes[name].depends_on.nodes
    return {one for one in parents if not _is_view(parsed, one)}.union(
        *(_reads(parsed, one) for one in parents if _is_view(parsed, one))
    )


def _is_view(parsed: Any, name: str) -> bool:
    return name in parsed.nodes and parsed.nodes[name].config.materialized == "view"


def _feeds(parsed: Any, name: str) -> set[str]:
    """Feeds whose deliveries a source holds, or a node reads, itself or through views.

    Where deliveries of all feeds stand (SHARED), a model says in its `meta` which it asks for, else it asks for all; a
    staging model asks for those of the feed it reads.
    """
    own = {feed.table: feed.id for feed in discover().values()}
    if name in parsed.sources:
        table = parsed.sources[name].name
        return {own[table]} if table in own else set(own.values())
    node = parsed.nodes[name]
    declared = node.config.meta.get("feeds")
    asked: set[str] = set(declared or ())
    is_of_a_feed = any(one in parsed.sources and parsed.sources[one].name in own for one in node.depends_on.nodes)
    for parent in node.depends_on.nodes:
        if parent.split(".")[-1] in SHARED:
            asked |= set(own.values()) if declared is None and not is_of_a_feed else set()
        elif parent in parsed.sources or _is_view(parsed, parent):
            asked |= _feeds(parsed, parent)
    return asked


def _rows_of(node: Any, reads: list[str]) -> list[str]:
    """Those of what a node reads that its rows follow from, but for deliveries: of these it names the feeds."""
    passed = SHARED if node.resource_type == "test" or node.name in NARROWING else (*SHARED, *NARROWING)
    return [one for one in reads if one.split(".")[-1] not in passed]


def _renamed(sql: str, relations: dict[str, str]) -> str:
    for before, after in relations.items():
        sql = sql.replace(before, after)
    return sql
