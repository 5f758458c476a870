"""What the project declares in the YAML of its models: columns, and `meta.public` of the marts.

Not here: what follows from it. The attacker and the tests draw their own conclusions.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[1] / "dbt_project"
PLACE = ("period_month", "area_level", "area_code", "commune_code")


@cache
def columns_of(model: str) -> dict[str, dict[str, Any]]:
    """The columns of a model as dbt's graph has them: by name, with description and config."""
    return {column["name"]: {"config": {"meta": {}}} | column for column in _models()[model]["columns"]}


@cache
def public_columns() -> dict[str, dict[str, Any]]:
    """`meta.public` of each mart that has one: keys, counts and others, as `macros/public_columns.sql` lists them."""
    metas = {name: model.get("config", {}).get("meta", {}) for name, model in _models().items()}
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


@cache
def _models() -> dict[str, dict[str, Any]]:
    paths = sorted((PROJECT / "models").rglob("*.yml"))
    files = [yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) for path in paths]
    return {model["name"]: model for file in files for model in file.get("models", [])}
