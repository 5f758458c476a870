"""What dbt makes of the code: once for every home, and again when the code changes."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from warehouse.build import compiled, project
from warehouse.build.compiled import HOME, Step
from warehouse.build.project import BuildFailed
from warehouse.zones.home import Home

STEP = Step("cards", "model.cards", "cards", True, False, f"from read_parquet('{HOME}/lake/*')", [])


class Compiler:
    """Stands for dbt: counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, *_: Home) -> dict[str, bytes]:
        self.times += 1
        return {"steps.json": json.dumps([asdict(STEP)]).encode()}


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compiler:
    made = Compiler()
    (tmp_path / "code").mkdir()
    monkeypatch.setattr(compiled, "CACHE", tmp_path / "code" / ".cache")
    monkeypatch.setattr(compiled, "_compiled", made)
    return made


def test_homes_share_what_dbt_made_of_the_code(compiler: Compiler, tmp_path: Path) -> None:
    homes = [Home.open(tmp_path / name) for name in ("home", "nhà", "o'home")]

    sql = [compiled.steps(home)[0].sql for home in homes]

    assert compiler.times == 1
    assert sql == [f"from read_parquet('{tmp_path}/{name}/lake/*')" for name in ("home", "nhà", "o''home")]


def test_code_that_changes_is_compiled_again_and_what_came_before_is_forgotten(
    compiler: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.open(tmp_path / "home")

    for number in range(compiled.KEPT + 2):
        monkeypatch.setattr(compiled, "project_hash", f"code{number}".format)
        compiled.steps(home)
        compiled.steps(home)

    kept = [path.name.split("-")[1] for path in compiled.CACHE.iterdir()]
    assert compiler.times == compiled.KEPT + 2
    assert sorted(kept) == [f"code{number}" for number in range(2, compiled.KEPT + 2)]


def test_code_that_may_not_be_written_is_compiled_in_the_home(
    compiler: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.open(tmp_path / "home")
    monkeypatch.setattr(os, "access", lambda path, _: home.root in Path(path).parents)

    compiled.steps(home)
    compiled.steps(home)

    assert compiler.times == 1
    assert not compiled.CACHE.exists()


def test_a_model_that_dbt_refuses_is_named_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home.open(tmp_path / "home")
    monkeypatch.setattr(compiled, "CACHE", tmp_path / ".cache")
    (tmp_path / "project").mkdir()
    monkeypatch.setattr(project, "PROJECT", tmp_path / "project")
    monkeypatch.setattr(compiled, "project_hash", lambda: "code")

    with pytest.raises(BuildFailed, match=r"dbt parse: .* failed"):
        compiled.steps(home)

    assert (home.root / "dbt" / "errors.log").read_text()
    assert not list(tmp_path.glob(".cache/*"))
