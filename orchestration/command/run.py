"""Commands that bring deliveries in and take them to published figures: simulate, run, pull."""

import logging
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from orchestration.command.terminal import (
    DIFFERS,
    DONE,
    HomeOption,
    JsonOption,
    err,
    fail,
    out,
    parse_month,
    parse_months,
    show,
)
from warehouse.build.engines import SETTING, Engine
from warehouse.published import questions, store
from warehouse.zones.home import SIMULATED, Home

group = typer.Typer()


@group.command()
def simulate(
    months: Annotated[str, typer.Option(help="YYYY-MM or YYYY-MM:YYYY-MM.")],
    destination: Annotated[Path, typer.Option("--out", help="Folder to write to, laid out as the landing area.")],
    scale: Annotated[float, typer.Option(min=0.0001, max=1, help="Share of the city; 1 is 4.2 million people.")] = 0.01,
    seed: Annotated[int, typer.Option(help="Same arguments, same bytes.")] = 7,
    review_share: Annotated[float, typer.Option(min=0, max=1, help="Share of households under review.")] = 0.12,
    measured_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of review forms with a measured income, not a score alone.")
    ] = 0.55,
    dirt: Annotated[float, typer.Option(min=0, help="Slips in single files, as a multiple of the usual rates.")] = 0,
    faults: Annotated[
        float, typer.Option(min=0, help="What departments have wrong for years, as a multiple of the usual rates.")
    ] = 0,
    silence: Annotated[float, typer.Option(min=0, help="Feeds, communes and months that are silent, likewise.")] = 0,
    truth: Annotated[Path | None, typer.Option(help="Folder for the true answers.", show_default=False)] = None,
    home: HomeOption = None,  # noqa: ARG001 - every command takes it; this one writes where it is told to
) -> None:
    """Write deliveries as departments send them, of simulated people."""
    from sources.simulator import simulate as write

    log = logging.getLogger("cantho.simulate")
    write(
        parse_months(months),
        scale,
        seed,
        destination,
        review_share=review_share,
        measured_share=measured_share,
        dirt=dirt,
        faults=faults,
        silence=silence,
        truth=truth,
        progress=log.info,
    )


@group.command()
def run(
    home: HomeOption = None,
    as_json: JsonOption = False,
    engine: Annotated[
        Engine | None, typer.Option(envvar=SETTING, help="DuckDB by default; Spark builds every month anew.")
    ] = None,
) -> None:
    """Take in all that waits in landing, build once and publish."""
    from orchestration import running

    if engine:
        os.environ[SETTING] = engine
    place = Home.open(home)
    result = running.run(place)
    for entry in result.refused:
        promise = (
            f"{entry.feed}/{entry.file}, {entry.place}: {entry.promise} Owner: {entry.owner}. Next: {entry.next_step}"
        )
        err.print(f"refused: {promise}", style="red", highlight=False, markup=False, soft_wrap=True)
    if result.version:
        _show_city(place, as_json)
    if not as_json:
        outcome = (
            f"Published {result.version}."
            if result.changed
            else f"Nothing new: {result.version or 'no version'} stands."
        )
        out.print(f"{outcome} Home: {place.root}", highlight=False, soft_wrap=True)
        if result.changed:
            page = store.folder(place) / store.REPORTS[store.PUBLIC]
            out.print(f"Report: {page.as_uri()} (`cantho open` shows it in a browser)", highlight=False, soft_wrap=True)
            out.print(
                "Next: `cantho status`, `cantho sql`, or `make ui` for the way of each delivery.", highlight=False
            )
    if result.failure:
        raise fail(result.failure, DIFFERS)
    raise typer.Exit(DIFFERS if result.refused else DONE)


@group.command()
def pull(
    month: Annotated[
        str | None, typer.Option(help="YYYY-MM to ask of paged services; else last month.", show_default=False)
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring what is new at the remote places into landing."""
    from sources.contracts.feeds import discover
    from warehouse.intake import pulling

    place = Home.open(home)
    asked = parse_month(month) if month else (date.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    rows, failures = [], []
    for feed in discover().values():
        try:
            rows += [{"feed": feed.id, "file": name} for name in pulling.pull(place, feed, asked)]
        except pulling.PullFailed as failed:
            failures.append(str(failed))
    show(rows, ["feed", "file"], as_json)
    if failures:
        raise fail("\n".join(failures), DIFFERS)


CITY = """
select
    strftime(period_month, '%Y-%m') as month, standard_id as standard, basis, households,
    reviewed_households as reviewed, poor_households as poor, near_poor_households as near_poor,
    undetermined_households as undetermined, poor_rate_pct, multidimensional_rate_pct, coverage_pct
from marts.area_poverty
where area_level = 'city'
order by period_month desc, standard_id, basis
limit 6
"""


def _show_city(home: Home, as_json: bool) -> None:
    rows = questions.rows(store.folder(home) / store.RESTRICTED, CITY)
    title = "Can Tho: nghèo đa chiều theo tháng / poverty by month" + (f" – {SIMULATED}" if home.is_simulated else "")
    show(rows, list(rows[0]) if rows else [], as_json, title)
