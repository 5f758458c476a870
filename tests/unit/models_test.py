"""What makes the warehouse build everything anew: a change that can change a figure."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration import models


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project."""
    copied = tmp_path / "dbt_project"
    shutil.copytree(models.PROJECT, copied, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(models, "SOURCES", tmp_path)
    monkeypatch.setattr(models, "PROJECT", copied)
    return copied


def _replaced(before: str, after: str) -> Callable[[Path], None]:
    def replace(path: Path) -> None:
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after, 1))

    return replace


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("models/facts/loan_month.yml", _replaced("description: '", "description: 'Nhu ")),
        ("models/shared.md", _replaced("{% enddocs %}", " {% enddocs %}")),
        ("models/exposures.yml", _replaced("name: ", "name: other_")),
        (
            "models/intermediate/int_card_month.yml",
            _replaced("unit_tests:\n  - name: ", "unit_tests:\n  - name: other_"),
        ),
    ],
)
def test_what_only_people_read_builds_nothing(project: Path, file: str, change: Callable[[Path], None]) -> None:
    before, parsed = models.fingerprint(), models._project_hash()
    change(project / file)

    assert models.fingerprint() == before
    assert models._project_hash() != parsed


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("models/facts/loan_month.sql", _replaced("select", "select distinct")),
        ("models/facts/loan_month.yml", _replaced("unique_grain", "holds")),
        ("seeds/bound.csv", _replaced("192", "191")),
        ("macros/logic.sql", _replaced("100.0", "101.0")),
        ("dbt_project.yml", _replaced("+materialized: view", "+materialized: table")),
    ],
)
def test_what_can_change_a_figure_builds_everything(project: Path, file: str, change: Callable[[Path], None]) -> None:
    before = models.fingerprint()
    change(project / file)

    assert models.fingerprint() != before
