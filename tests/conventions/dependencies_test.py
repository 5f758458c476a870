"""`make run` installs what running needs: what the code imports is in `requirements.lock`, and the locks agree.

Not here: whether a package is needed at all.
"""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
OTHER_LOCKS = sorted(set(ROOT.glob("requirements*.lock")) - {LOCK})
OWN = {"orchestration", "sources", "warehouse"}
# Imported where builds run on Spark, which `make install-spark` installs.
ON_SPARK = {"pyspark"}
PACKAGES = packages_distributions()


def pins(lock: Path) -> dict[str, str]:
    """The version of each package of a lock, by name."""
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[[^]]*\])?==(\S+)", lock.read_text("utf-8"), re.MULTILINE))


def not_locked(source: str) -> set[str]:
    """What a module imports, at its head or later, that `requirements.lock` does not install."""
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imported.add(node.module.split(".")[0])
    locked = pins(LOCK).keys()
    return {
        name
        for name in imported - OWN - ON_SPARK - sys.stdlib_module_names
        if not {re.sub("[-_.]+", "-", package).lower() for package in PACKAGES.get(name, [])} & locked
    }


def test_what_the_code_imports_is_installed_for_running() -> None:
    missing = {
        str(path.relative_to(ROOT)): names
        for package in OWN
        for path in (ROOT / package).rglob("*.py")
        if (names := not_locked(path.read_text("utf-8")))
    }

    assert not missing, "Name them under `dependencies` in pyproject.toml, and `make lock`."


def test_an_import_that_only_tests_have_is_found() -> None:
    assert not_locked("import json, duckdb\nfrom sources import gate\n\ndef f():\n    import pytest\n") == {"pytest"}


@pytest.mark.parametrize("lock", OTHER_LOCKS, ids=lambda lock: lock.name)
def test_a_package_has_one_version_in_all_locks(lock: Path) -> None:
    assert pins(LOCK).items() <= pins(lock).items(), "`make lock` makes all of them anew."
