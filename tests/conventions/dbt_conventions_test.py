"""What every dbt model keeps to. A rule that a reviewer would say twice stands here, with its reason and its remedy."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from declared import columns_of, public_columns, sums

from sources.contracts.feeds import discover
from warehouse.build import compiled, raw_sources
from warehouse.build.compiled import SHARED
from warehouse.zones.home import Home

PROJECT = Path(__file__).parents[2] / "dbt_project"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
MACROS = sorted((PROJECT / "macros").glob("*.sql"))
SCHEMAS = {"staging", "intermediate", "facts", "steps", "tallies", "marts", "disclosure", "public"}
# What a layer may read besides its own: nothing reads back, and nothing but staging knows deliveries.
READS = {
    "staging": {"staging"},
    "intermediate": {"staging", "intermediate"},
    "facts": {"staging", "intermediate", "facts"},
    "tallies": {"staging", "intermediate", "facts", "tallies"},
    "marts": {"staging", "intermediate", "facts", "tallies", "marts"},
    # A share of protected counts reads the counts as they were protected; int_period_in_scope has the months to write.
    "disclosure": {"intermediate", "tallies", "marts", "disclosure"},
    "public": {"intermediate", "tallies", "marts", "disclosure", "public"},
}
# As decision 11 explains them.
KINDS_OF_SUM = {"columns", "rows", "all", "known"}
ROLES_IN_A_SUM = {"whole", "part", "rest", "among", "within", "inside", "few", "all", "each_row"}
# SQL on which DuckDB and Spark differ for some rows alone, or a rebuild from itself. `make test-spark` sees the rest.
NOT_THE_SAME_FOR_ALL_ROWS = {
    r"\bcount_if\b": "count with count(*) filter (where ...); DuckDB's count_if of nothing but nulls is null",
    r"\d\.\d": "cast to double; a number with a point is a decimal on Spark, and quotients of some have other digits",
    r"\bavg\s*\(": "divide integer sums with macro pct or fraction; a mean of floats depends on their order",
    r"\bany_value\b|\bfirst\s*\(|\bmode\s*\(": "take the least or the greatest; which row is first is nobody's promise",
    r"\bcurrent_(date|timestamp)\b|\bnow\s*\(": "take the month from int_period_in_scope: a rebuild must say the same",
}


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """dbt's own description of the project."""
    return json.loads(compiled.manifest(Home.open(tmp_path_factory.mktemp("home"))).read_text())


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def _code(path: Path) -> str:
    """A model's SQL without comments and without what stands between braces."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(), flags=re.DOTALL)
    return re.sub(r"--[^\n]*", " ", text)


def _against_rules(text: str) -> dict[str, str]:
    """What of the SQL breaks a rule, and the remedy; texts in quotes break none."""
    code = re.sub(r"'[^']*'", "''", text)
    return {
        match.group(0): remedy
        for pattern, remedy in NOT_THE_SAME_FOR_ALL_ROWS.items()
        if (match := re.search(pattern, code, flags=re.IGNORECASE))
    }


@pytest.mark.parametrize("path", [*MODELS, *MACROS], ids=lambda path: path.stem)
def test_sql_gives_the_same_for_all_rows_on_both_engines(path: Path) -> None:
    found = _against_rules(_code(path))

    assert not found, f"{path.name} says {found}."


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_says_its_grain_first(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if not re.match(r"\{\{ config|    \w+=|\) \}\}", line)]

    assert lines[0].startswith("-- grain: "), (
        f"{path.name} does not open with '-- grain: one row per ...'. Who reads a table wants to know that first; "
        "write it as line one (after config)."
    )


@pytest.mark.parametrize("breaks", ["count_if(a)", "100.0 * a", "avg(a)", "any_value(a)", "current_date"])
def test_sql_that_differs_for_some_rows_is_found(breaks: str) -> None:
    assert _against_rules(f"select {breaks} from b")
    assert not _against_rules(f"select '{breaks}', account_if, 1e2, average from b")


def test_only_staging_reads_raw(models: list[dict[str, Any]]) -> None:
    readers = [
        f"{model['name']} reads {parent}"
        for model in models
        for parent in model["depends_on"]["nodes"]
        if parent.startswith("source.") and model["fqn"][1] != "staging"
    ]

    assert not readers, (
        f"{readers}. Read the feed's stg_ model instead: staging is the one place that knows which delivery counts."
    )


def test_no_layer_reads_back(manifest: dict[str, Any], models: list[dict[str, Any]]) -> None:
    back = [
        f"{model['name']} ({model['fqn'][1]}) reads {manifest['nodes'][parent]['name']}"
        for model in models
        for parent in model["depends_on"]["nodes"]
        if parent.startswith("model.") and manifest["nodes"][parent]["fqn"][1] not in READS[model["fqn"][1]]
    ]

    assert not back, f"{back}. A layer reads those before it; move the model or what it needs."


def test_every_model_stands_in_a_schema_of_its_layer(models: list[dict[str, Any]]) -> None:
    lost = [model["name"] for model in models if model["schema"] != model["fqn"][-2] or model["schema"] not in SCHEMAS]

    assert not lost, f"{lost} stand in no known schema. Put the file into one of the folders {sorted(SCHEMAS)}."


def test_a_prefix_says_which_tables_keep_no_month(models: list[dict[str, Any]]) -> None:
    wrong = [
        model["name"]
        for model in models
        if model["schema"] in ("intermediate", "steps", "tallies")
        and model["name"].startswith("int_") != (model["config"]["materialized"] == "table")
    ]

    assert not wrong, f"{wrong}: scratch of one build begins with int_, a table that keeps months does not."


def test_every_model_and_seed_is_described(manifest: dict[str, Any]) -> None:
    feeds = {f"{layer}_{feed.table}" for feed in discover().values() for layer in ("base", "stg")}
    silent = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed") and not node["description"] and node["name"] not in feeds
    ]

    assert not silent, (
        f"{silent} have no description. Analysts read it as the table's comment: describe it in YAML beside the model. "
        "(A feed's staging model may leave it to the contract.)"
    )


def test_every_column_is_described(manifest: dict[str, Any], models: list[dict[str, Any]]) -> None:
    feeds = {f"{layer}_{feed.table}" for feed in discover().values() for layer in ("base", "stg")}
    silent = [
        f"{node['name']}.{column['name']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
        for column in node["columns"].values()
        if not column["description"]
    ] + [
        f"{model['name']} (no column at all)"
        for model in models
        # What a public column means is said at its mart.
        if not model["columns"] and model["name"] not in feeds and model["fqn"][1] != "public"
    ]

    assert not silent, f"{silent} are not described. Say what each means and what its null means."


def test_no_model_uses_what_breaks_on_duckdb(models: list[dict[str, Any]]) -> None:
    broken = [
        model["name"]
        for model in models
        if model["language"] != "sql"
        or model["config"].get("indexes")
        or model["config"]["incremental_strategy"] == "microbatch"
        or any(constraint["type"] == "primary_key" for constraint in model["constraints"])
    ]

    assert not broken, (
        f"{broken} use a Python model, an index, a primary key or microbatch: lost look-ups after a crash, over-eager "
        "constraints, slowness. Use plain SQL and a unique_grain test."
    )


def test_no_node_asks_for_what_builds_do_not_do(manifest: dict[str, Any]) -> None:
    usual = {"severity": "ERROR", "warn_if": "!= 0", "error_if": "!= 0", "fail_calc": "count(*)"}
    asking = [
        node["name"]
        for node in manifest["nodes"].values()
        if any(node["config"].get(name) for name in ("pre-hook", "post-hook", "grants", "where", "limit"))
        or node["config"].get("contract", {}).get("enforced")
        or node.get("constraints")
        or any(column.get("constraints") for column in node["columns"].values())
        or (node["resource_type"] == "test" and any(node["config"][name] != usual[name] for name in usual))
    ]

    assert not asking, (
        f"{asking} use a hook, a contract, a constraint, a grant, or a setting of a test. Builds run the compiled SQL "
        "alone (warehouse/build/compiled.py). Say it in the SQL of the model or test."
    )


def test_there_are_no_packages_and_no_snapshots(manifest: dict[str, Any]) -> None:
    snapshots = [node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "snapshot"]
    packages = [name for name in ("packages.yml", "dependencies.yml") if (PROJECT / name).exists()]

    assert not snapshots + packages, (
        f"{snapshots + packages}: snapshots stamp the wall clock, which is no legal history, and packages need a hub "
        "that is out of reach. Date the rows, and own the macro."
    )


def test_every_macro_is_documented(manifest: dict[str, Any]) -> None:
    silent = [
        macro["name"]
        for macro in manifest["macros"].values()
        if macro["package_name"] == "cantho"
        and not macro["description"]
        and not macro["name"].startswith(("duckdb__", "spark__", "test_"))
    ]

    assert not silent, f"{silent} are not described. Add them to macros/_macros.yml and say when not to use them."


def test_every_feed_has_its_staging_model(models: list[dict[str, Any]]) -> None:
    missing = {f"stg_{feed.table}" for feed in discover().values()} - {model["name"] for model in models}

    assert not missing, f"{sorted(missing)} are missing: a contract's feed stays unread. Add models/staging/<name>.sql."


def test_sources_are_those_of_the_contracts() -> None:
    assert raw_sources.PATH.read_text(encoding="utf-8") == raw_sources.declared(), "Next: `make fix` writes them."


def test_lineage_ends_at_what_people_open(manifest: dict[str, Any], models: list[dict[str, Any]]) -> None:
    exposed = {parent for exposure in manifest["exposures"].values() for parent in exposure["depends_on"]["nodes"]}
    idle = [
        model["name"]
        for model in models
        if model["schema"] in ("facts", "marts", "public") and model["unique_id"] not in exposed
    ]

    assert not idle, f"{idle} are published, and no exposure says where. Name them in models/exposures.yml."


def _asked_wrongly(model: dict[str, Any]) -> set[str]:
    """Feeds that a model asks a table of all feeds for and does not declare, or the other way round."""
    declared = model["config"]["meta"].get("feeds")
    reads = {one.split(".")[-1] for one in model["depends_on"]["nodes"]}
    # Who declares nothing is built after deliveries of any feed.
    if declared is None or not reads.intersection(SHARED):
        return set()
    return {feed for feed in discover() if f"'{feed}'" in model["raw_code"]} ^ set(declared)


def test_a_model_declares_the_feeds_it_asks_for(models: list[dict[str, Any]]) -> None:
    wrong = {model["name"]: feeds for model in models if (feeds := _asked_wrongly(model))}

    assert not wrong, f"{wrong}: a build after their deliveries would leave the model as it stands. Mend meta.feeds."


def test_a_feed_that_is_not_declared_is_found() -> None:
    model = {
        "raw_code": "select * from {{ ref('stg_standing_delivery') }} where feed = 'policy_bank/loans'",
        "depends_on": {"nodes": ["model.cantho.stg_standing_delivery"]},
    }

    assert _asked_wrongly({**model, "config": {"meta": {"feeds": []}}}) == {"policy_bank/loans"}
    assert _asked_wrongly({**model, "config": {"meta": {"feeds": ["policy_bank/loans"]}}}) == set()


def test_every_mart_with_public_counts_is_protected() -> None:
    macro = (PROJECT / "macros" / "public_columns.sql").read_text().split("{% macro protected_marts() -%}")[1]
    listed = re.findall(r"'(\w+)'", macro.split("{%- endmacro %}")[0])

    assert sorted(listed) == sorted(public_columns()), (
        "Macro protected_marts lists other marts than those whose YAML says meta.public: dbt has to know them "
        "before it reads the YAML. Correct the list."
    )


def test_every_indicator_has_a_column_of_its_own() -> None:
    columns = columns_of("household_deprivation_wide").keys()
    with (PROJECT / "seeds" / "indicator.csv").open(encoding="utf-8") as file:
        missing = {row["indicator_code"].lower() for row in csv.DictReader(file)} - columns

    assert not missing, (
        f"{missing}: indicators without a column. Describe household_deprivation_wide with it, in indicators.yml."
    )


def test_what_may_lack_a_place_adds_up_otherwise() -> None:
    unknown = {
        (mart, column)
        for mart, public in public_columns().items()
        for column in public.get("may_lack_a_place", [])
        if column not in [*public["counts"], *public.get("adds_up", [])]
    }

    assert not unknown, f"{unknown} stand in meta.public.may_lack_a_place and in no sum over areas. Correct the name."


def test_every_sum_is_of_protected_counts() -> None:
    unknown = {
        (mart, column)
        for mart, sums_of_mart in sums().items()
        for _, roles in sums_of_mart
        for columns in roles.values()
        for column in columns
        if column not in public_columns()[mart]["counts"]
    }
    empty = [mart for mart, sums_of_mart in sums().items() if not all(roles for _, roles in sums_of_mart)]
    misspelt = {
        word
        for sums_of_mart in sums().values()
        for kind, roles in sums_of_mart
        for word in ({kind} - KINDS_OF_SUM) | (roles.keys() - ROLES_IN_A_SUM)
    }

    assert not unknown, f"{unknown} stand in meta.public.sums and protect nothing. Correct the name."
    assert not empty, f"{empty} have sums in meta.public.sums without a column. Name the columns, or drop the sum."
    assert not misspelt, f"{misspelt} are no kinds of sum or roles in one, so they protect nothing. Correct the word."
