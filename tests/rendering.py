"""A model or a dbt test of the project as the SQL that DuckDB runs, without dbt.

The project's own macros take part, with stand-ins for the few words that dbt gives them. No connection and no data in
here, and no model in particular.
"""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import jinja2
from declared import columns_of, public_columns

PROJECT = Path(__file__).parents[1] / "dbt_project"
# Generic tests and the names of schemas are dbt's own business.
NAMES = ("areas", "dialect", "disclosure", "indicator_answers", "logic", "scope")
MACROS = "\n".join((PROJECT / "macros" / f"{name}.sql").read_text() for name in NAMES)


def model_path(name: str) -> Path:
    """Where a model stands, whichever its layer."""
    (path,) = (PROJECT / "models").rglob(f"{name}.sql")
    return path


def render(path: Path, ref: Callable[[str], str] = str, some_months: bool = False) -> str:
    """The SQL of a file; `ref` names a relation.

    With `some_months` a build replaces the months in the session's variable `months`, else every month.
    """
    adapter = SimpleNamespace(dispatch=lambda name: getattr(macros, f"duckdb__{name}"))
    words = {
        "adapter": adapter,
        "config": lambda **_: "",
        "execute": True,
        "graph": {"nodes": {"model.cantho.household_condition": {"columns": columns_of("household_condition")}}},
        "protected_marts": lambda: list(public_columns()),
        "project_name": "cantho",
        "public_columns": public_columns().__getitem__,
        "ref": ref,
        "return": lambda value: value,
        "var": {"some_months": some_months}.get,
    }
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], keep_trailing_newline=True)
    macros = environment.from_string(MACROS, globals=words).module
    own = {name: macro for name, macro in vars(macros).items() if callable(macro)}
    if path.stem != "household_indicator":
        # Who reads a part of that model by its body reads the model here, so that its SQL is changed in one place.
        own["indicator_answers"] = lambda condition: f"select * from {ref('household_indicator')} where {condition}"
    return environment.from_string(path.read_text(), globals=words | own).render()
