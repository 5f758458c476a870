"""The rows of a full build, computed by Spark: every model and test, in the SQL that dbt compiled for it.

Spark works in a process of its own (`main`), with its Java beside it: memory is given back and nothing goes on when the
build ends, however it ends. It reads the lake, and writes each table as Parquet into the folder of this build, which
nobody else reads. Not here: the live file that is filled from them (`full`).

The session is local, or on a standalone cluster that `CANTHO_SPARK_MASTER` names (docs/scaling.md).
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sources import offline
from sources.contracts.feeds import discover
from sources.reading.processes import memory_limit
from warehouse.build import compiled
from warehouse.build.compiled import Step
from warehouse.build.project import BuildFailed
from warehouse.zones.home import Home

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Where CANTHO_SPARK_MASTER says nothing: as many threads as there are processors.
LOCAL = "local[*]"
STEPS = "steps.json"


@dataclass(frozen=True)
class Computed:
    """What Spark made of a home: tables in `folder`, and how many rows each test (by id) objects to."""

    folder: Path
    objections: dict[str, int]

    def rows(self, step: Step) -> str:
        """The rows of a table, as DuckDB reads them."""
        quoted = str(self.folder / step.name / "*.parquet").replace("'", "''")
        return f"read_parquet('{quoted}')"


@contextmanager
def built(home: Home) -> Generator[Computed]:
    """Compute every table and run every test; the files are gone when this is left. `BuildFailed` names what broke."""
    if missing := [name for name, is_there in _needed().items() if not is_there]:
        raise BuildFailed(f"Spark needs {' and '.join(missing)}. Next: `make install-spark`, and see docs/scaling.md.")
    steps = compiled.spark_steps(home)
    with home.scratch("spark") as folder:
        yield compute(home, folder, steps)


def _needed() -> dict[str, bool]:
    java = Path(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else shutil.which("java")
    return {
        "the packages of extra `spark`": bool(find_spec("pyspark") and find_spec("dbt.adapters.spark")),
        "Java 17 or newer": bool(java and Path(java).exists()),
    }


def compute(home: Home, folder: Path, steps: list[Step]) -> Computed:
    """Have these steps run by a process of their own. `BuildFailed` names the one that broke, no value."""
    (folder / STEPS).write_text(json.dumps([asdict(step) for step in steps]), encoding="utf-8")
    log = home.root / "dbt" / "spark.log"
    log.parent.mkdir(exist_ok=True)
    names, at, objections = {step.unique_id: step.name for step in steps}, "The session", {}
    command = [sys.executable, "-m", "warehouse.build.spark", str(home.root), str(folder)]
    with (
        log.open("w") as output,
        # It ends when its standard input does, which the end of this process closes.
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True) as process,
    ):
        try:
            for line in process.stdout or ():
                step, objected = json.loads(line)
                at = names[step]
                if objected is not None:
                    objections[step] = objected
            process.wait()
        finally:
            if process.stdin:
                process.stdin.close()
    if process.returncode:
        raise BuildFailed(f"{at} failed on Spark. Next: read {log}.")
    return Computed(folder, objections)


def main(home: Home, folder: Path) -> None:
    """Run the steps that lie in the folder; says on standard output which is begun, and what a test counts."""
    # Java writes there, too.
    progress = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    session = _session(folder)
    _declare_raw(session, home)
    seeds = offline.connect(compiled.seeds(home), read_only=True)
    steps = [Step(**step) for step in json.loads((folder / STEPS).read_text(encoding="utf-8"))]
    for schema in sorted({step.relation.rpartition(".")[0] for step in steps if step.relation}):
        session.sql(f"CREATE SCHEMA {schema}")
    for step in steps:
        progress.write(json.dumps([step.unique_id, None]) + "\n")
        if step.relation is None:
            (counted,) = session.sql(f"SELECT count(*) FROM ({step.sql})").collect()
            progress.write(json.dumps([step.unique_id, counted[0]]) + "\n")
        elif not step.sql:
            # By way of a file, since a statement of values would have to quote them.
            path = str(folder / f"{step.name}.parquet")
            seeds.sql(f"FROM {step.relation}").write_parquet(path)
            session.catalog.createTable(step.relation, path, "parquet")
        elif step.is_view:
            session.sql(f"CREATE VIEW {step.relation} AS {step.sql}")
        else:
            rows = session.sql(step.sql)
            rows.write.saveAsTable(step.relation, format="parquet", path=str(folder / step.name))
    session.stop()


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    # Java ends when this process is gone.
    os._exit(1)


def _session(folder: Path) -> "SparkSession":
    """Spark's defaults, but for memory, places, and what keeps a session on this machine or says as much as DuckDB."""
    from pyspark.sql import SparkSession

    master = os.environ.get("CANTHO_SPARK_MASTER", LOCAL)
    settings = {
        "spark.driver.memory": f"{memory_limit() // 2**20}m",
        "spark.local.dir": str(folder / "temp"),
        "spark.sql.warehouse.dir": str(folder / "unused"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # A household's registrations are chained from form to form, as many as there are.
        "spark.sql.cteRecursionLevelLimit": "-1",
        "spark.sql.cteRecursionRowLimit": "-1",
    }
    if master.startswith("local"):
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    session = SparkSession.Builder().master(master).appName("cantho").config(map=settings).getOrCreate()
    # Two hundred by default, of which nearly all would be empty.
    session.conf.set("spark.sql.shuffle.partitions", 2 * session.sparkContext.defaultParallelism)
    return session


def _declare_raw(session: "SparkSession", home: Home) -> None:
    """Schema `raw`: the files of each feed, of deliveries and of quarantined rows as one table each."""
    session.sql("CREATE SCHEMA raw")
    files = {feed.table: home.lake / "raw" / feed.table for feed in discover().values()}
    for name, folder in {**files, "quarantined_rows": home.lake / "quarantined"}.items():
        has_columns = next(folder.rglob("schema.parquet"))
        schema = session.read.parquet(str(has_columns)).schema
        session.catalog.createTable(f"raw.{name}", str(folder), "parquet", schema, recursiveFileLookup="true")
    session.catalog.createTable("raw.deliveries", str(home.lake / "deliveries.parquet"), "parquet")


if __name__ == "__main__":
    main(Home.at(Path(sys.argv[1])), Path(sys.argv[2]))
