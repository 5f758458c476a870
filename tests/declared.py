"""What the project declares of its public columns: `meta.public` of the marts.

Not here: what follows from it. The attacker and the tests draw their own conclusions.
"""

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
    return {
        mart: [(total["kind"], total["columns"]) for total in public.get("sums", [])]
        for mart, public in public_columns().items()
    }


@cache
def measures() -> dict[str, list[str]]:
    """Public measures to the protected counts that each is computed of."""
    return {
        measure: counts
        for public in public_columns().values()
        for measure, counts in public.get("measures", {}).items()
    }
