"""What tests of files that are tried before they are sent share."""

from pathlib import Path

import pytest

from warehouse.intake import trial


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which files lie while they are tried."""
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr(trial, "MEMORY", folder)
    return folder
