"""Assets and their checks: one raw asset per feed, the dbt models, and the published version.

Raw assets follow from the contracts; a new feed needs nothing here. Bodies call `warehouse` and dbt and report figures.
"""

import contextlib
import json
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from orchestration import months, pages
from orchestration.private import get_asset_check_key_for_test
from sources.contracts.feeds import Feed
from warehouse.build import compiled, engine, plan, project
from warehouse.build.node import NodeResult
from warehouse.intake.deliveries import REPEATED, Intake
from warehouse.published import store, writer
from warehouse.zones.home import DamagedHome, Home
from warehouse.zones.register import ACCEPTED, REFUSED, Entry

log = logging.getLogger("cantho.build")

# DuckDB lets one process write; every asset that writes state waits for this pool.
WRITER = "warehouse_writer"
GATE = "gate"
# Who answers for what no department sends.
ENGINEERS, OFFICE = "team:data engineers", "team:poverty office"
# What is published comes from these layers, and from the public views over them.
FIGURES, PUBLIC = ("facts", "marts"), "public"
PUBLISHED = dg.AssetKey("published_version")
# Of what a build had no reason to run.
AS_IT_WAS = {"status": "as it was"}


def raw_asset(feed: Feed, home: Home) -> dg.AssetsDefinition:
    """The asset that takes in what waits of one feed, with the gate as its check."""

    @dg.asset(
        key=["raw", feed.table],
        group_name=feed.department,
        description=f"{feed.purpose} {feed.grain[0].upper()}{feed.grain[1:]}. From {feed.owner}.",
        kinds={"parquet", "greatexpectations"},
        tags={"department": feed.department},
        owners=[feed.contact],
        metadata={
            "contract": pages.link(f"contracts/{feed.id}"),
            "contract_version": feed.version,
            "formats": ", ".join(feed.formats),
            "how_to_answer_a_refusal": pages.link("docs/deliveries.md"),
        },
        check_specs=[
            dg.AssetCheckSpec(GATE, asset=["raw", feed.table], description="No delivery of this run was refused.")
        ],
        # The promised latency counts from the end of the month a delivery reports.
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=31 + feed.latency_days)),
        pool=WRITER,
        # Dagster skips what lies below an asset without output: `plan.next_build` knows what the next run has to build.
        output_required=False,
    )
    def raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        with home.writing():
            intake = Intake.open(home)
            outcomes = intake.take_in(feed)
        # Of a month of which this run accepted something, whatever the feed, that is what the run did.
        accepted = {f"{entry.month:%Y-%m}" for entry in outcomes if entry.status == ACCEPTED and entry.month}
        kept_out = {f"{entry.month:%Y-%m}" for entry in outcomes if entry.status == REFUSED and entry.month}
        months.tag(context, accepted, ACCEPTED)
        months.tag(context, kept_out - months.tagged(context, ACCEPTED), REFUSED)
        refused = [entry for entry in outcomes if entry.status == REFUSED]
        unanswered = intake.register.unanswered(feed.id)
        # Where nothing was accepted the asset is no fresher than before. Asked for by hand with nothing to take in, it
        # lets the run go on to the figures.
        if accepted or not outcomes:
            yield dg.MaterializeResult(metadata=_counts(outcomes))
        # A refused delivery never reaches raw, so the good ones beside it need not wait.
        yield dg.AssetCheckResult(
            passed=not refused,
            check_name=GATE,
            severity=dg.AssetCheckSeverity.ERROR,
            description=_refusals(refused, unanswered),
            metadata={
                "deliveries": len(outcomes),
                "refused": len(refused),
                "unanswered": len(unanswered),
                "open_refusals": pages.link(pages.REFUSALS),
                "how_to_answer": pages.link("docs/deliveries.md"),
            },
        )

    return raw


def _counts(outcomes: list[Entry]) -> dict[str, int]:
    accepted = [entry for entry in outcomes if entry.status == ACCEPTED]
    return {
        "dagster/row_count": sum(entry.rows for entry in accepted),
        "deliveries_accepted": len(accepted),
        "deliveries_refused": sum(entry.status == REFUSED for entry in outcomes),
        "deliveries_repeated": sum(entry.status == REPEATED for entry in outcomes),
        "rows_quarantined": sum(entry.quarantined for entry in accepted),
    }


def _refusals(refused: list[Entry], unanswered: list[Entry]) -> str:
    """What was refused and what to do, for the person who looks at a check; a good run hides no earlier refusal."""
    paragraphs = [
        f"{entry.file}, {entry.place}: {entry.promise} Owner: {entry.owner}. Next: {entry.next_step}"
        for entry in refused
    ] or ["Every delivery of this run was accepted or known already."]
    now = {entry.delivery_id for entry in refused}
    if earlier := [entry.file for entry in unanswered if entry.delivery_id not in now]:
        paragraphs.append(f"Refused before and not answered: {', '.join(earlier)}. Next: `cantho quarantine list`.")
    return "\n\n".join(paragraphs)


class _Translator(DagsterDbtTranslator):
    """dbt's names in Dagster: models grouped by layer, with their owner and where their columns are explained."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return "reference" if dbt_resource_props["resource_type"] == "seed" else dbt_resource_props["schema"]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:  # noqa: ARG002 - of all the same
        return [ENGINEERS]

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**super().get_metadata(dbt_resource_props), "definitions": pages.link("docs/definitions.md")}

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        promise = unique_id.split(".")[2].replace("__", ", ").replace("_", " ")
        place = f"dbt_project/{manifest['nodes'][unique_id]['original_file_path']}"
        description = (
            f"{promise.capitalize()}. A build that breaks this is taken back, and what was published stands. "
            f"Owner: the data engineers. Next: {place} says what is promised; "
            "look for the delivery that broke it among those of the run."
        )
        return spec and spec._replace(description=description)


def dbt_models(home: Home) -> dg.AssetsDefinition:
    """All dbt models and seeds with their tests, built once for all that changed."""
    described, translator = json.loads(compiled.manifest(home).read_text()), _Translator()
    reported = _Reported(described, translator)

    @dbt_assets(
        manifest=described, dagster_dbt_translator=translator, name="dbt_models", pool=WRITER,
        # A build replaces months as a whole: its models belong together.
        op_tags={"layer": "dbt"},
    )  # fmt: skip
    def build(context: dg.AssetExecutionContext) -> Iterator[Any]:
        with home.writing():
            try:
                work = plan.begin(home)
            except DamagedHome as damaged:
                raise dg.Failure(str(damaged), allow_retries=False) from None
            # Where every delivery of this run was refused or known, nothing is built and nothing reported.
            if work.needed:
                try:
                    with contextlib.closing(engine.run(home, work)) as nodes:
                        yield from reported.events(nodes, context)
                except project.BuildFailed as failed:
                    raise dg.Failure(f"{failed} What is published stands.") from failed

    return build


@dataclass(frozen=True)
class _Reported:
    """What a build says to Dagster: of each table its rows and those written, of each test whether it passed.

    A run may ask for the figures alone: what else is built on the way to them is not reported. What a build leaves as
    it is counts as built all the same, before what reads it: a view shows what was rebuilt below it, and a model that
    depends on no new delivery is right as it stands.
    """

    described: dict[str, Any]
    translator: _Translator

    def events(self, build: Iterable[NodeResult], context: dg.AssetExecutionContext) -> Iterator[Any]:
        done: set[str] = set()
        for node in build:
            name = node.unique_id
            done.add(name)
            yield from self._left_below(name, done, context)
            if not self._is_asked_for(name, context):
                continue
            unchanged = AS_IT_WAS if node.unchanged else {}
            counted = {} if node.rows is None else {"dagster/row_count": node.rows, "rows_written": node.written}
            if self.described["nodes"][name]["resource_type"] == "test":
                check = self._check(name)
                yield dg.AssetCheckResult(
                    passed=node.passed, asset_key=check.asset_key, check_name=check.name, metadata=unchanged
                )
            else:
                yield self._output(name, {**counted, **unchanged})
        for name in self.described["nodes"]:
            yield from self._left_below(name, done, context)

    def _left_below(self, name: str, done: set[str], context: dg.AssetExecutionContext) -> Iterator[dg.Output[None]]:
        for parent in self.described["nodes"][name].get("depends_on", {}).get("nodes", []):
            node = self.described["nodes"].get(parent, {})
            if parent not in done and node.get("config", {}).get("materialized") in ("view", "seed"):
                done.add(parent)
                yield from self._left_below(parent, done, context)
                if self._is_asked_for(parent, context):
                    yield self._output(parent, AS_IT_WAS)

    def _output(self, name: str, metadata: Mapping[str, Any]) -> dg.Output[None]:
        return dg.Output(None, output_name=self._key(name).to_python_identifier(), metadata=metadata)

    def _is_asked_for(self, name: str, context: dg.AssetExecutionContext) -> bool:
        if self.described["nodes"][name]["resource_type"] == "test":
            return self._check(name) in context.selected_asset_check_keys
        return self._key(name) in context.selected_asset_keys

    def _check(self, name: str) -> Any:
        return get_asset_check_key_for_test(self.described, self.translator, name, None)

    def _key(self, name: str) -> dg.AssetKey:
        return self.translator.get_asset_spec(self.described, name, None).key


def rebuilt(dbt: dg.AssetsDefinition, raw: Collection[dg.AssetKey]) -> list[dg.AssetKey]:
    """What a build after deliveries of these `raw` assets materializes: their staging models, facts and marts.

    Views over facts follow their tables, and what lies between is scratch of a build. The staging models make a build
    wait for its deliveries.
    """
    return sorted(
        spec.key
        for spec in dbt.specs
        if any(dep.asset_key in raw for dep in spec.deps)
        or (spec.group_name in FIGURES and spec.metadata["dagster-dbt/materialization_type"] != "view")
    )


def published_version(home: Home, dbt: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The asset that publishes what dbt built and tested."""
    after = sorted(spec.key for spec in dbt.specs if spec.group_name in (*FIGURES, PUBLIC))

    @dg.asset(
        key=PUBLISHED,
        deps=after,
        group_name="published",
        description="Databases, Parquet and dictionary that analysts and the public open; never changed once written.",
        kinds={"duckdb"},
        owners=[ENGINEERS, OFFICE],
        metadata={"how_to_query": pages.link("docs/figures.md")},
        pool=WRITER,
    )
    def publish(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with home.writing():
            work = plan.last(home)
            if not work.finished:
                raise dg.Failure("The live file holds a build that did not finish. Run again.", allow_retries=False)
            if gone := plan.no_longer_counted(home):
                raise dg.Failure(
                    f"Read by the build and not accepted any more: {', '.join(gone[:10])}. What is published stands. "
                    "Next: run again.",
                    allow_retries=False,
                )
            changed = plan.to_publish(home)
            version = writer.publish(home, work.deliveries, work.code, work.months, changed)
        months.note(context, home, work.months)
        rows = store.rows(home, version)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(rows.values()),
                "version": version,
                "deliveries": len(work.deliveries),
                **pages.of_version(version),
            }
        )

    return publish
