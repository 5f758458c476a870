"""A full build."""

from pathlib import Path

import duckdb
import pytest

from warehouse.build import full
from warehouse.zones.home import Home


def test_nothing_is_left_of_models_that_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home.open(tmp_path / "home")
    with duckdb.connect(str(home.warehouse)) as live:
        live.execute("create table gone as select 1 as n")

    def dbt(*_: object) -> None:
        duckdb.connect(str(home.warehouse)).close()

    monkeypatch.setattr(full, "parsed", lambda *_: None)
    monkeypatch.setattr(full, "invoke", dbt)

    assert list(full.build(home)) == []
    with duckdb.connect(str(home.warehouse), read_only=True) as live:
        assert live.execute("from duckdb_tables()").fetchall() == []
