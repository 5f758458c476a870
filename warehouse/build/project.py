"""The dbt project: its files, its fingerprint, its manifest, and a command of dbt.

dbt runs in this process: starting its command takes seconds. Not here: models, and their SQL (`compiled`).
"""

import functools
import hashlib
import json
import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import yaml

from sources.contracts.feeds import FOLDER as SOURCES
from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home

PROJECT = Path(__file__).parent.parent.parent / "dbt_project"

FAILED = ("error", "fail", "runtime error")


class BuildFailed(RuntimeError):
    """A model broke, or a test objects: the message names nodes and a log with the details, and no value."""


def fingerprint() -> str:
    """What the figures depend on besides deliveries: models, seeds, code lists and contracts, as one hash.

    What only people read is not in it: descriptions, documents, exposures and unit tests. Where these change nothing
    is built; comments of published columns follow with the next build from scratch.
    """
    return _fingerprint(project_hash())


@functools.cache
def _fingerprint(code: str) -> str:  # noqa: ARG001 - reading YAML takes longer than to see that nothing has changed
    files = [path for path in project_files() if path.suffix in (".sql", ".yml", ".csv")]
    return _hash([*files, *_rules()], _without_descriptions)


def project_hash() -> str:
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
    content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return json.dumps(_leaving_out(content, ("description", "exposures", "unit_tests")), sort_keys=True).encode()


def _leaving_out(content: Any, keys: Collection[str]) -> Any:
    match content:
        case dict():
            return {name: _leaving_out(value, keys) for name, value in content.items() if name not in keys}
        case list():
            return [_leaving_out(value, keys) for value in content]
    return str(content)


def project_files() -> list[Path]:
    """Files of the dbt project that somebody wrote; of what dbt leaves in the folder when it is run by hand, none."""
    folders = [PROJECT / name for name in ("models", "macros", "seeds", "tests")]
    files = [*PROJECT.glob("*"), *(path for folder in folders for path in folder.rglob("*"))]
    return [path for path in files if path.is_file()]


def target(home: Home) -> Path:
    """Where dbt writes what it parsed: a folder for each copy of the project, whose path stands in it."""
    return home.root / "dbt" / "target" / hashlib.sha256(str(PROJECT).encode()).hexdigest()[:8]


def environment(home: Home) -> dict[str, str]:
    """What dbt must find in its environment to work in this home."""
    return {
        "CANTHO_HOME": str(home.root),
        "DBT_TARGET_PATH": str(target(home)),
        "DBT_LOG_PATH": str(home.root / "dbt" / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def invoke(home: Home, arguments: Sequence[str], parsed: Any = None, place: Home | None = None) -> Any:
    """Run a dbt command in this process; `BuildFailed` when it fails, and the home has the details.

    `parsed` is the manifest as dbt holds it in memory. `place` is the home in which dbt works, where it is another one.
    """
    # Imported here: it takes seconds.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    errors: list[str] = []

    def listen(event: Any) -> None:
        if event.info.level == "error":
            errors.append(event.info.msg)

    # dbt words every event for every logger before it asks who wants it. Errors come by callback.
    quiet = ["--log-level", "none", "--log-level-file", "none"]
    options = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), *quiet]
    before = dict(os.environ)
    os.environ.update(environment(place or home))
    try:
        done = dbtRunner(manifest=parsed, callbacks=[listen]).invoke([*arguments, *options])
    finally:
        os.environ.clear()
        os.environ.update(before)
        # dbt keeps the database open until its process ends.
        DuckDBConnectionManager.close_all_connections()
    if not done.success:
        log = home.root / "dbt" / "errors.log"
        write_atomically(log, "\n".join([*errors, str(done.exception or "")]).encode())
        failed = [result.node.name for result in getattr(done.result, "results", []) if result.status in FAILED]
        what = ", ".join(failed[:10]) or type(done.exception).__name__
        raise BuildFailed(f"dbt {arguments[0]}: {what} failed. Next: read {log}.")
    return done


def document(home: Home) -> Path:
    """Write dbt's page of all models, columns and their lineage as one file that needs no network; returns where."""
    invoke(home, ["docs", "generate", "--static"])
    page = home.root / "dbt" / "models.html"
    write_atomically(page, (target(home) / "static_index.html").read_bytes())
    return page
