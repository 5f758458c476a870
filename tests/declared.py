"""What the project declares of its public columns: `meta.public` of the marts, and which columns add up to which.

Not here: what follows from it. The attacker and the tests draw their own conclusions.
"""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[1] / "dbt_project"
PLACE = ("period_month", "area_level", "area_code", "commune_code")


@cache
def public_columns() -> dict[str, dict[str, Any]]:
    """`meta.public` of each mart that has one: keys, counts and others, as `macros/public_columns.sql` lists them."""
    models = [
        model
        for path in sorted((PROJECT / "models" / "marts").glob("*.yml"))
        for model in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["models"]
    ]
    metas = {model["name"]: model.get("config", {}).get("meta", {}) for model in models}
    return {name: meta["public"] for name, meta in metas.items() if "public" in meta}


@cache
def sums() -> dict[str, list[tuple[str, dict[str, list[str]]]]]:
    """Mart to its sums: their kind, and role to columns."""
    roles: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in _seed("disclosure_sum_column"):
        roles[row["sum_name"]][row["role"]].append(row["column_name"])
    found: dict[str, list[tuple[str, dict[str, list[str]]]]] = defaultdict(list)
    for row in _seed("disclosure_sum"):
        found[row["mart"]].append((row["kind"], roles[row["sum_name"]]))
    return found


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
