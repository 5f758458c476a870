"""Every rule of docs/definitions.md is proven by a test that exists.

Not here: the proofs. A Python test says by its mark which rules it proves; dbt's are named in the table.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULE = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (?:(.*) )?\|$", re.MULTILINE)
RULES = {number: proofs for number, _, proofs in RULE.findall((ROOT / "docs/definitions.md").read_text("utf-8"))}


def _marked() -> set[str]:
    sources = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("*_test.py")]
    marks = re.findall(r"^@pytest\.mark\.definition\(([^)]*)\)$", "\n".join(sources), re.MULTILINE)
    return {number for mark in marks for number in re.findall(r'"(\w+)"', mark)}


def _dbt_tests() -> set[str]:
    project = ROOT / "dbt_project"
    models = "\n".join(path.read_text("utf-8") for path in (project / "models").rglob("*.yml"))
    proofs = re.findall(
        r"^ +- (?:holds:\n +)?name: (\w+)\n(?: +description: .*\n)?(?: +model:| +arguments:)", models, re.M
    )
    return {path.stem for path in (project / "tests").glob("*.sql")} | set(proofs)


def test_every_definition_is_proven_by_a_test_that_exists() -> None:
    named = {number: set(re.findall(r"`(\w+)`", proofs)) for number, proofs in RULES.items()}

    unknown = {name for names in named.values() for name in names} - _dbt_tests()
    unproven = {number for number, names in named.items() if not names} - _marked()
    assert len(RULES) > 30
    assert unknown == set()
    assert unproven == set()


def test_no_test_claims_a_definition_that_is_not_there() -> None:
    assert _marked() <= set(RULES)
