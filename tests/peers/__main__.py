"""Run one bare script: `python -m tests.peers on_duckdb LANDING 2026-10-01 FIGURES.parquet`."""

import importlib
import sys
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

script, landing, month, figures = sys.argv[1:]
module = importlib.import_module(f"tests.peers.{script}")
pq.write_table(module.figures(Path(landing), date.fromisoformat(month)), figures)
