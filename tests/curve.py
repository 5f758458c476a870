"""Run by hand: how long a full build takes on both engines as the city grows, on this machine.

    .venv/bin/python -m tests.curve [--scales 0.002 0.01 0.03] [--months 2026-11:2027-01]

Each size is simulated and taken in once; then DuckDB and Spark build it, one after the other, each from an empty live
file. What both need besides (intake, publication) is not in it. Seconds are of a machine that does nothing else.
docs/scaling.md reads the lines.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from warehouse.build import full
from warehouse.zones.home import Home

CANTHO = Path(sys.executable).with_name("cantho")


def main() -> None:
    """Build each size on both engines and print rows and seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scales", type=float, nargs="+", default=[0.002, 0.01, 0.03])
    parser.add_argument("--months", default="2026-11:2027-01")
    asked = parser.parse_args()
    table = Table("share of the city", "rows of all tables", "DuckDB, s", "Spark, s", "ratio", title=_machine())
    for scale in asked.scales:
        with tempfile.TemporaryDirectory() as folder:
            home = _taken_in(Path(folder), asked.months, scale)
            rows, on_duckdb = _built(home, on_spark=False)
            _, on_spark = _built(home, on_spark=True)
        ratio = f"{on_spark / on_duckdb:.1f}"
        table.add_row(f"{scale:.1%}", f"{rows:,}", f"{on_duckdb:.0f}", f"{on_spark:.0f}", ratio)
    Console().print(table)


def _machine() -> str:
    master = os.environ.get("CANTHO_SPARK_MASTER", "a local session")
    return f"{os.cpu_count()} processors, Spark by {master}"


def _taken_in(folder: Path, months: str, scale: float) -> Home:
    """A home with the deliveries of a simulated city."""
    home = folder / "home"
    asked = ["--months", months, "--scale", str(scale), "--out", home / "landing"]
    for command in (["simulate", *asked], ["run", "--home", home]):
        subprocess.run([CANTHO, *command], check=True, capture_output=True)
    return Home.open(home)


def _built(home: Home, on_spark: bool) -> tuple[int, float]:
    """Rows of all tables, and the seconds of a full build."""
    shutil.rmtree(home.live)
    home.live.mkdir()
    began = time.monotonic()
    rows = sum(node.rows or 0 for node in full.build(home, on_spark=on_spark))
    return rows, time.monotonic() - began


if __name__ == "__main__":
    main()
