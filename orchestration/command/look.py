"""Commands that ask and change nothing: status, sql, explain, what-if, progress, pack, sheet, open, doctor."""

import json
import sys
import webbrowser
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from orchestration.command.terminal import (
    DIFFERS,
    DONE,
    HomeOption,
    JsonOption,
    MonthOption,
    WhyOption,
    err,
    existing_home,
    fail,
    log_access,
    parse_month,
    plain,
    restricted_database,
    show,
)
from warehouse.published import access, issues, questions, store
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, Register

group = typer.Typer()


@group.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Per feed: the last delivery, what the gate said, and how fresh the feed is."""
    from sources.contracts.feeds import discover

    register = Register.open(existing_home(home))
    rows = []
    for feed in discover().values():
        entries = register.entries("feed = ?", (feed.id,))
        accepted = [entry for entry in entries if entry.status == ACCEPTED]
        newest = max(accepted, key=lambda entry: (entry.period_month, entry.first_seen), default=None)
        last = max(entries, key=lambda entry: entry.processed_at, default=None)
        month = newest.period_month if newest else None
        rows.append(
            {
                "feed": feed.id,
                "period": f"{month:%Y-%m}" if month else None,
                "last_delivery": last.file if last else None,
                "gate": last.status if last else None,
                "deliveries": len(accepted),
                "refused": len(entries) - len(accepted),
                "rows": sum(entry.rows for entry in accepted if newest and entry.month == newest.month),
                "quarantined": sum(entry.quarantined for entry in accepted if newest and entry.month == newest.month),
                "ignored_columns": ", ".join(sorted({name for entry in accepted for name in entry.ignored_columns}))
                or None,
                "freshness": month and ("fresh" if date.today() <= feed.next_due(month) else "late"),
            }
        )
    show(rows, list(rows[0]), as_json)


@group.command()
def sql(
    query: Annotated[str | None, typer.Option("-c", help="One query; without it, a shell.", show_default=False)] = None,
    restricted: Annotated[bool, typer.Option("--restricted", help="Pseudonymous facts and unprotected marts.")] = False,
    version: Annotated[
        str | None, typer.Option(help="Version to open; else the current one.", show_default=False)
    ] = None,
    across: Annotated[
        bool, typer.Option("--across", help="All versions: each by its name, and vintages.<mart> over all.")
    ] = False,
    purpose: WhyOption = access.NOT_STATED,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Query a published version, or all of them side by side, read-only."""
    place, name = existing_home(home), store.RESTRICTED if restricted else store.PUBLIC
    if across and version:
        raise typer.BadParameter("--across sees all versions; leave out --version.")
    try:
        database = store.folder(place, version) / name
    except store.UnknownVersion as unknown:
        raise fail(str(unknown)) from None
    from warehouse.published import user_sql
    from warehouse.published import versions as kept

    if across:
        answering = kept.across(place, name)
    else:
        answering = user_sql.opened({database.stem: database}, store.month_files(place, version, name))
    what = f"sql on {'all versions' if across else database.parent.name}"
    if not query and sys.stdin.isatty():
        err.print("One query a line; Ctrl-D ends. Tables: marts.area_poverty, marts.area_mpi, ... (SHOW ALL TABLES)")
    with answering as ask:
        for line in filter(str.strip, [query] if query else sys.stdin):
            try:
                # Not the query: it may name somebody.
                with access.Access(place, purpose).asking(what) if restricted else nullcontext([]) as counted:
                    rows = _asked(ask, line)
                    counted.append(len(rows))
            except access.NotLogged as refused:
                raise fail(str(refused), DIFFERS) from None
            except (duckdb.Error, user_sql.NotAllowed) as error:
                if query:
                    raise fail(str(error)) from None
                err.print(str(error), style="red", highlight=False, markup=False)
                continue
            show(rows, list(rows[0]) if rows else [], as_json)


class Interrupted(Exception):
    """Somebody broke a query off."""


def _asked(ask: Any, query: str) -> list[dict[str, Any]]:
    try:
        return ask(query)
    except RuntimeError as broken_off:
        # DuckDB's own word for Ctrl-C.
        raise Interrupted from broken_off


HouseholdOption = Annotated[str, typer.Option(help="Household key.")]


@group.command()
def explain(
    household: HouseholdOption,
    month: MonthOption,
    standard: Annotated[str | None, typer.Option(help="S2022 or S2027; else both.", show_default=False)] = None,
    indicator: Annotated[str | None, typer.Option(help="One indicator; else all.", show_default=False)] = None,
    purpose: WhyOption = access.NOT_STATED,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Per indicator of a household: the value, the evidence and its age, the rule and its legal reference."""
    place = existing_home(home)
    try:
        classes, cells = questions.explain(
            restricted_database(place), household, parse_month(month), standard, indicator
        )
    except questions.Unknown as unknown:
        raise fail(str(unknown)) from None
    log_access(place, purpose, f"explain of {month}", len(classes) + len(cells))
    if as_json:
        typer.echo(json.dumps({"classes": classes, "indicators": cells}, ensure_ascii=False, default=plain))
        return
    if cells:
        show(cells, list(cells[0]), as_json)
    show(classes, list(classes[0]), as_json)


StandardOption = Annotated[
    str | None, typer.Option(help="Standard to judge by, against the one in force.", show_default=False)
]


@group.command("what-if")
def what_if(
    month: MonthOption,
    standard: StandardOption = None,
    reading: Annotated[
        str | None, typer.Option(help="Other reading of an unsettled rule, of seed reading.", show_default=False)
    ] = None,
    purpose: WhyOption = access.NOT_STATED,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """The same facts under another standard or another reading: who enters, who leaves, by which indicator."""
    if (standard is None) == (reading is None):
        raise typer.BadParameter("Name one: --standard or --reading.")
    place = existing_home(home)
    try:
        movements, households = questions.what_if(restricted_database(place), parse_month(month), standard, reading)
    except questions.Unknown as unknown:
        raise fail(str(unknown)) from None
    log_access(place, purpose, f"what-if of {month} under {reading or standard}", len(movements) + len(households))
    if as_json:
        typer.echo(json.dumps({"movements": movements, "households": households}, ensure_ascii=False, default=plain))
        return
    show(movements, list(movements[0]), as_json)
    if households:
        show(households, list(households[0]), as_json)


@group.command("replay", hidden=True)
def replay(
    month: MonthOption,
    standard: StandardOption = None,
    purpose: WhyOption = access.NOT_STATED,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """The old name of what-if."""
    typer.echo("`cantho replay` is called `cantho what-if` now.", err=True)
    what_if(month, standard, None, purpose, home, as_json)


@group.command("progress")
def show_progress(
    month: Annotated[str | None, typer.Option(help="YYYY-MM; else the newest.", show_default=False)] = None,
    since: Annotated[
        str | None,
        typer.Option(help="YYYY-MM to compare with; else a year before, or the first.", show_default=False),
    ] = None,
    purpose: WhyOption = access.NOT_STATED,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """The city's rates against targets, official and computed, and what drove their change: indicators, communes."""
    from warehouse.published.targets import compared_by_default, progress, reading

    place = existing_home(home)
    database = restricted_database(place)
    try:
        if month and since:
            until, start = parse_month(month), parse_month(since)
        else:
            newest, earlier = compared_by_default(database)
            until, start = (parse_month(month) if month else newest), (parse_month(since) if since else earlier)
        rates, drivers = progress(database, until, start)
    except questions.Unknown as unknown:
        raise fail(str(unknown)) from None
    log_access(place, purpose, f"progress of {until:%Y-%m} since {start:%Y-%m}", len(rates) + len(drivers))
    sentences = reading(rates, drivers)
    if as_json:
        answer = {"rates": rates, "drivers": drivers, "reading": sentences}
        typer.echo(json.dumps(answer, ensure_ascii=False, default=plain))
        return
    for pair in sentences:
        typer.echo("\n".join(pair))
    show(rates, list(rates[0]), as_json, "Tiến độ so với mục tiêu / progress against targets")
    if drivers:
        show(drivers, list(drivers[0]), as_json, "Nguyên nhân thay đổi / what moved")


def _database(place: Home, restricted: bool) -> Path:
    """The exact or the public figures of the current version; ends the command where those asked for are withdrawn."""
    exact = restricted_database(place)
    if restricted:
        return exact
    if issues.carried_by(store.manifest(place)).withdraws:
        raise fail("The public figures are withdrawn. The notice in their place says why; --restricted has exact ones.")
    return exact.with_name(store.PUBLIC)


@group.command()
def pack(
    month: MonthOption,
    destination: Annotated[Path, typer.Option("--out", help="Workbook to write.")],
    restricted: Annotated[bool, typer.Option("--restricted", help="Exact counts; else small ones protected.")] = False,
    purpose: WhyOption = access.NOT_STATED,
    home: HomeOption = None,
) -> None:
    """Write the report pack of a month, forms 1 to 13, as an Excel workbook."""
    from warehouse.published import report_pack

    place = existing_home(home)
    layout, figures = restricted_database(place), _database(place, restricted)
    if restricted:
        log_access(place, purpose, f"report of {month}", len(questions.rows(layout, "from reference.report_form")))
    try:
        forms = report_pack.write(figures, layout, parse_month(month), destination, place.is_simulated)
    except questions.Unknown as unknown:
        raise fail(str(unknown)) from None
    err.print(f"{forms} forms: {destination}", highlight=False, soft_wrap=True)


@group.command("report", hidden=True)
def report(
    month: MonthOption,
    destination: Annotated[Path, typer.Option("--out", help="Workbook to write.")],
    restricted: Annotated[bool, typer.Option("--restricted", help="Exact counts; else small ones protected.")] = False,
    purpose: WhyOption = access.NOT_STATED,
    home: HomeOption = None,
) -> None:
    """The old name of pack."""
    typer.echo("`cantho report` is called `cantho pack` now.", err=True)
    pack(month, destination, restricted, purpose, home)


@group.command()
def sheet(
    month: MonthOption,
    destination: Annotated[Path, typer.Option("--out", help="Folder for CODE-YYYY-MM.pdf.")],
    commune: Annotated[str | None, typer.Option(help="Code of a commune; else all.", show_default=False)] = None,
    restricted: Annotated[bool, typer.Option("--restricted", help="Exact figures; else small ones protected.")] = False,
    purpose: WhyOption = access.NOT_STATED,
    home: HomeOption = None,
) -> None:
    """Write the A4 sheet of a commune, or of all, as PDF: figures, neighbours, gaps, who can act, what was not sent."""
    from sources.contracts.code_lists import communes
    from warehouse.published.report import sheet as sheets

    place = existing_home(home)
    database, manifest = _database(place, restricted), store.manifest(place)
    issue = issues.carried_by(manifest)
    if restricted:
        log_access(place, purpose, f"sheets of {month}", 1 if commune else len(communes()))
    version, deliveries = (
        (manifest["version"], manifest["deliveries"]) if restricted else (issue.version, issue.deliveries)
    )
    try:
        written = sheets.write(
            database, destination, parse_month(month), version, deliveries, commune, place.is_simulated
        )
    except sheets.NoSheet as unknown:
        raise fail(str(unknown)) from None
    err.print(f"{len(written)} sheets: {destination}", highlight=False, soft_wrap=True)


@group.command("open")
def open_report(
    restricted: Annotated[bool, typer.Option("--restricted", help="The exact one, for who is cleared.")] = False,
    home: HomeOption = None,
) -> None:
    """Show the report of the current version in a browser, and say where it lies."""
    page = restricted_database(existing_home(home)).with_name(store.REPORTS[store.PUBLIC])
    if restricted:
        page = page.with_name(store.REPORTS[store.RESTRICTED])
    typer.echo(page.as_uri())
    if not webbrowser.open(page.as_uri()):
        err.print("No browser was found here. Open the address above on a machine that has one.", highlight=False)


@group.command()
def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say what is wrong with a home, and the next step; exit code 1 where something is."""
    from warehouse.upkeep import diagnosis

    findings = diagnosis.findings(existing_home(home))
    rows = [
        {"about": finding.about, "well": finding.is_well, "found": finding.said, "next_step": finding.next_step or None}
        for finding in findings
    ]
    show(rows, ["about", "well", "found", "next_step"], as_json)
    raise typer.Exit(DONE if all(finding.is_well for finding in findings) else DIFFERS)
