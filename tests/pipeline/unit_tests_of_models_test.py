"""The unit tests that stand beside dbt's models. Builds leave them out: they prove code, not data."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pipeline.conftest import Warehouse

from warehouse.build.project import PROJECT, environment
from warehouse.zones.home import Home


def test_every_model_does_what_its_unit_tests_say(warehouse: Warehouse, copy_of: Callable[..., Warehouse]) -> None:
    """On a built home: a unit test takes the types of its inputs from the relations as they are."""
    home = Home.open(copy_of(warehouse).home)
    shutil.rmtree(home.root / "dbt")

    ran = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "test", "--select", "test_type:unit", "--project-dir", PROJECT],
        env=os.environ | environment(home), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout
    assert "PASS=" in ran.stdout
