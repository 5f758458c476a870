"""What makes the warehouse build everything anew: a change that can change a figure."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse.build import project


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project."""
    folder = tmp_path / "dbt_project"
    shutil.copytree(project.PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(project, "SOURCES", tmp_path)
    monkeypatch.setattr(project, "PROJECT", folder)
    return folder


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
def test_what_only_people_read_builds_nothing(copied: Path, file: str, change: Callable[[Path], None]) -> None:
    before, parsed = project.fingerprint(), project.project_hash()
    change(copied / file)

    assert project.fingerprint() == before
    assert project.project_hash() != parsed


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("models/facts/loan_month.sql", _replaced("select", "select distinct")),
        ("models/facts/loan_month.yml", _replaced("unique_grain", "holds")),
        ("seeds/bound.csv", _replaced("192", "191")),
        ("macros/logic.sql", _replaced("100 *", "101 *")),
        ("dbt_project.yml", _replaced("+materialized: view", "+materialized: table")),
    ],
)
def test_what_can_change_a_figure_builds_everything(copied: Path, file: str, change: Callable[[Path], None]) -> None:
    before = project.fingerprint()
    change(copied / file)

    assert project.fingerprint() != before
