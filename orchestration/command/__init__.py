"""The `cantho` command: every way to drive the warehouse from a shell, and what is printed about it.

Commands parse, call and print; the work is done by `running`, `sources` and `warehouse`. Exit codes: 0 done, 1
something was refused or did not match, 2 bad usage or an unknown month, version or household. Heavy imports stay in
the commands.
"""

import json
import logging
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.table import Table

from sources.contracts.feeds import discover
from sources.contracts.refusal import BrokenPromise
from warehouse.notices import letters
from warehouse.published import access, closing, issues, questions, store
from warehouse.zones import lake
from warehouse.zones.home import DamagedHome, Home
from warehouse.zones.register import ACCEPTED, REFUSED, Entry, Register

DONE, DIFFERS, USAGE = 0, 1, 2

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False, help="Can Tho poverty warehouse."
)
quarantine = typer.Typer(no_args_is_help=True, help="Deliveries and rows that were kept out.")
app.add_typer(quarantine, name="quarantine")

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of all state; else CANTHO_HOME.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
WhyOption = Annotated[
    str, typer.Option("--purpose", help="What restricted data is opened for; goes into the access log.")
]

out = Console()
err = Console(stderr=True)


def main() -> None:
    """Run the command line."""
    handler = RichHandler(console=err, show_path=False, show_level=False, log_time_format="%H:%M:%S")
    logging.getLogger("cantho").addHandler(handler)
    logging.getLogger("cantho").setLevel(logging.INFO)
    logging.getLogger("cantho").propagate = False
    try:
        app()
    except DamagedHome as damaged:
        err.print(str(damaged), style="red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(DIFFERS)
    except PermissionError as refused:
        err.print(f"{refused.filename} is not yours to open. docs/access.md says who may.", style="red", markup=False)
        sys.exit(DIFFERS)
    except duckdb.Error as broken:
        # Of a database that cannot be opened: queries answer for themselves.
        err.print(
            f"{broken} Next: see who may open it (docs/access.md), or `cantho verify`.", style="red", markup=False
        )
        sys.exit(DIFFERS)
    except (KeyboardInterrupt, Interrupted):
        err.print(
            "Interrupted. What is published stands, and nothing is lost. Next: run the command again.", style="red"
        )
        sys.exit(DIFFERS)


def _place(home: Path | None, writes: bool = False) -> Home:
    """The home of a command that makes none; where it only reads, nothing of it is touched."""
    place = Home.at(home)
    if not place.exists:
        raise _fail(f"There is no warehouse at {place.root}. `cantho run --home {place.root}` makes one.")
    return Home.open(home) if writes else place


def _fail(message: str, code: int = USAGE) -> typer.Exit:
    err.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(code)


def _log(home: Home, purpose: str, what: str, count: int) -> None:
    """Write down that restricted rows are opened, before they are shown."""
    try:
        access.Access(home, purpose.strip() or access.NOT_STATED).log(what, count)
    except access.NotLogged as refused:
        raise _fail(str(refused), DIFFERS) from None


def _show(rows: Sequence[dict[str, Any]], columns: Sequence[str], as_json: bool, title: str | None = None) -> None:
    if as_json:
        typer.echo(json.dumps(list(rows), ensure_ascii=False, default=str))
        return
    table = Table(*map(escape, columns), title=title, title_justify="left")
    for row in rows:
        cells = (_text(row.get(column), grouped=not column.endswith(("year", "row"))) for column in columns)
        # A bracket in a cell is a bracket.
        table.add_row(*map(escape, cells))
    # Piped output is read by programs and people alike: no line may be cut.
    Console(width=None if out.is_terminal else 400).print(table)


def _text(value: Any, grouped: bool) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int():
            return f"{value:,}" if grouped else str(value)
        case float():
            return f"{round(value, 2) + 0.0:,.2f}"  # never -0.00
        case _:
            return str(value)


def _months(text: str) -> list[date]:
    """Months from `YYYY-MM` or `YYYY-MM:YYYY-MM`."""
    try:
        first, last = ([*text.split(":"), text][:2]) if ":" in text else (text, text)
        start, end = date.fromisoformat(f"{first}-01"), date.fromisoformat(f"{last}-01")
    except ValueError:
        raise typer.BadParameter(f"{text} is not YYYY-MM or YYYY-MM:YYYY-MM.") from None
    if start > end:
        raise typer.BadParameter(f"{text} ends before it begins.")
    ordinals = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    return [date(ordinal // 12, ordinal % 12 + 1, 1) for ordinal in ordinals]


def _month(text: str) -> date:
    """The one month that a command is about."""
    if ":" in text:
        raise typer.BadParameter(f"{text} is more than one month; give one as YYYY-MM.")
    return _months(text)[0]


@app.command()
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
        _months(months),
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


@app.command()
def run(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Take in all that waits in landing, build once and publish."""
    from orchestration import running

    place = Home.open(home)
    result = running.run(place)
    for entry in result.refused:
        promise = (
            f"{entry.feed}/{entry.file}, {entry.place}: {entry.promise} Owner: {entry.owner}. Next: {entry.next_step}"
        )
        err.print(f"refused: {promise}", style="red", highlight=False, markup=False, soft_wrap=True)
    if result.version:
        _city(place, as_json)
    if not as_json:
        said = (
            f"Published {result.version}."
            if result.changed
            else f"Nothing new: {result.version or 'no version'} stands."
        )
        out.print(f"{said} Home: {place.root}", highlight=False, soft_wrap=True)
        if result.changed:
            out.print(
                "Next: `cantho status`, `cantho sql`, or `make ui` for the way of each delivery.", highlight=False
            )
    if result.failure:
        raise _fail(result.failure, DIFFERS)
    raise typer.Exit(DIFFERS if result.refused else DONE)


@app.command()
def pull(
    month: Annotated[
        str | None, typer.Option(help="YYYY-MM to ask of paged services; else last month.", show_default=False)
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring what is new at the remote places into landing."""
    from warehouse.intake import pulling

    place = Home.open(home)
    asked = _month(month) if month else (date.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    rows, failures = [], []
    for feed in discover().values():
        try:
            rows += [{"feed": feed.id, "file": name} for name in pulling.pull(place, feed, asked)]
        except pulling.PullFailed as failed:
            failures.append(str(failed))
    _show(rows, ["feed", "file"], as_json)
    if failures:
        raise _fail("\n".join(failures), DIFFERS)


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


def _city(home: Home, as_json: bool) -> None:
    rows = questions.rows(store.folder(home) / store.RESTRICTED, CITY)
    _show(rows, list(rows[0]) if rows else [], as_json, "Can Tho: nghèo đa chiều theo tháng / poverty by month")


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Per feed: the last delivery, what the gate said, and how fresh the feed is."""
    register = Register.open(_place(home))
    rows = []
    for feed in discover().values():
        entries = register.entries("feed = ?", (feed.id,))
        accepted = [entry for entry in entries if entry.status == ACCEPTED]
        newest = max(accepted, key=lambda entry: (str(entry.month), entry.first_seen), default=None)
        last = max(entries, key=lambda entry: entry.processed_at, default=None)
        month = date.fromisoformat(str(newest.month)) if newest else None
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
    _show(rows, list(rows[0]), as_json)


@app.command()
def versions(
    diff: Annotated[
        tuple[str, str] | None, typer.Option(help="Two versions: what changed, and why.", show_default=False)
    ] = None,
    pin: Annotated[
        str | None, typer.Option(help="Keep this version whatever its age; needs --reason.", show_default=False)
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why it is kept.", show_default=False)] = None,
    unpin: Annotated[
        str | None, typer.Option(help="Keep this version no longer than others.", show_default=False)
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Take away what the rule no longer keeps.")] = False,
    restricted: Annotated[bool, typer.Option("--restricted", help="Compare exact marts.")] = False,
    purpose: WhyOption = access.NOT_STATED,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Published versions, newest last; what changed between two, and which are kept."""
    from warehouse.published import versions as kept

    place = _place(home, writes=bool(pin or unpin or prune))
    try:
        if diff:
            database = store.RESTRICTED if restricted else store.PUBLIC
            found = kept.diff(place, *diff, database)
            if restricted:
                _log(place, purpose, f"versions {' '.join(diff)} compared", len(found.figures))
            _show_diff(found, as_json)
            return
        if pin and not (reason or "").strip():
            raise typer.BadParameter("Say why it is kept.", param_hint="--reason")
        for version, why in ((pin, reason), (unpin, None)):
            if version:
                kept.pin(place, version, why)
    except store.UnknownVersion as unknown:
        raise _fail(str(unknown)) from None
    if prune:
        with place.writing():
            for version in kept.prune(place, date.today()):
                err.print(f"{version} is past keeping and gone.", highlight=False)
    now, pins = store.current(place), kept.pinned(place)
    rows = [
        {
            "version": one["version"],
            "current": "*" if one["version"] == now else "",
            "published_at": one["published_at"],
            "deliveries": len(one["deliveries"]),
            "months_rebuilt": "all" if one["touched"] is None else len(one["touched"]),
            "code": one["code"],
            "public_files_of": issues.carried_by(one).version,
            "pinned": pins.get(one["version"]),
        }
        for one in store.versions(place)
    ]
    columns = [
        "version",
        "current",
        "published_at",
        "deliveries",
        "months_rebuilt",
        "code",
        "public_files_of",
        "pinned",
    ]
    _show(rows, columns, as_json)


def _show_diff(found: Any, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, default=str))
        return
    _show(found.causes, ["cause", "file", "month", "replaces"], False, "Nguyên nhân / causes")
    _show(found.tables, ["table", "month", "rows_gone", "rows_new"], False, "Bảng thay đổi / changed marts")
    figures = ["period_month", "area_level", "area_code", "standard_id", "basis", "figure", "before", "after"]
    _show(found.figures, figures, False, "Số liệu thay đổi / changed figures")


@app.command()
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
    place, name = _place(home), store.RESTRICTED if restricted else store.PUBLIC
    if across and version:
        raise typer.BadParameter("--across sees all versions; leave out --version.")
    try:
        database = store.folder(place, version) / name
    except store.UnknownVersion as unknown:
        raise _fail(str(unknown)) from None
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
                raise _fail(str(refused), DIFFERS) from None
            except (duckdb.Error, user_sql.NotAllowed) as error:
                if query:
                    raise _fail(str(error)) from None
                err.print(str(error), style="red", highlight=False, markup=False)
                continue
            _show(rows, list(rows[0]) if rows else [], as_json)


class Interrupted(Exception):
    """Somebody broke a query off."""


def _asked(ask: Any, query: str) -> list[dict[str, Any]]:
    try:
        return ask(query)
    except RuntimeError as broken_off:
        # DuckDB's own word for Ctrl-C.
        raise Interrupted from broken_off


HouseholdOption = Annotated[str, typer.Option(help="Household key.")]
MonthOption = Annotated[str, typer.Option(help="YYYY-MM.")]


@app.command()
def close(
    month: MonthOption,
    sign: Annotated[str | None, typer.Option(help="Sign the figures in this name.", show_default=False)] = None,
    commune: Annotated[list[str] | None, typer.Option(help="Commune to sign; else all.", show_default=False)] = None,
    version: Annotated[
        str | None, typer.Option(help="Version that was looked at, with --sign.", show_default=False)
    ] = None,
    purpose: WhyOption = access.NOT_STATED,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a month rests on and how it moved, by feed and commune; signs exact figures of the version looked at."""
    if sign and not version:
        raise typer.BadParameter("Name the version that was looked at: --version.", param_hint="--version")
    place, asked = _place(home, writes=bool(sign)), _month(month)
    try:
        if sign:
            added = closing.sign(place, asked, sign, str(version), commune or ())
            typer.echo(f"{len(added)} communes signed for {month} in version {version}.", err=True)
        known = closing.communes(place, asked)
    except (ValueError, store.UnknownVersion) as unknown:
        raise _fail(str(unknown)) from None
    except closing.NotCurrent as other:
        raise _fail(str(other), DIFFERS) from None
    shown = [asdict(one) for one in known if not commune or one.commune in commune]
    if not shown:
        raise _fail(f"No figures of {month} for {', '.join(commune or ()) or 'any commune'}.")
    _log(place, purpose, f"close of {month}", len(shown))
    if not as_json:
        feeds = closing.feeds(place, asked)
        _show(feeds, list(feeds[0]), as_json, title=f"What speaks for {month}")
        lists = " / ".join(closing.lists_sent(known).said())
        out.print(f"{store.current(place)}: {lists}", highlight=False, soft_wrap=True)
    _show(shown, [one.name for one in fields(closing.CommuneMonth)], as_json, title=f"Communes in {month}")


def _restricted(home: Home, version: str | None = None) -> Path:
    try:
        return store.folder(home, version) / store.RESTRICTED
    except store.UnknownVersion as unknown:
        raise _fail(str(unknown)) from None


@app.command()
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
    place = _place(home)
    try:
        classes, cells = questions.explain(_restricted(place), household, _month(month), standard, indicator)
    except questions.Unknown as unknown:
        raise _fail(str(unknown)) from None
    _log(place, purpose, f"explain of {month}", len(classes) + len(cells))
    if as_json:
        typer.echo(json.dumps({"classes": classes, "indicators": cells}, ensure_ascii=False, default=str))
        return
    if cells:
        _show(cells, list(cells[0]), as_json)
    _show(classes, list(classes[0]), as_json)


StandardOption = Annotated[
    str | None, typer.Option(help="Standard to judge by, against the one in force.", show_default=False)
]


@app.command("what-if")
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
    place = _place(home)
    try:
        movements, households = questions.what_if(_restricted(place), _month(month), standard, reading)
    except questions.Unknown as unknown:
        raise _fail(str(unknown)) from None
    _log(place, purpose, f"what-if of {month} under {reading or standard}", len(movements) + len(households))
    if as_json:
        typer.echo(json.dumps({"movements": movements, "households": households}, ensure_ascii=False, default=str))
        return
    _show(movements, list(movements[0]), as_json)
    if households:
        _show(households, list(households[0]), as_json)


@app.command("replay", hidden=True)
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


@app.command("issue")
def issue_public_files(
    reason: Annotated[str, typer.Option(help="Why now; stands in the manifest and in a notice.")],
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Put a notice in place of a wrong issue.")] = False,
    home: HomeOption = None,
) -> None:
    """Issue the public files now, outside the release calendar, or withdraw those that are out."""
    from orchestration import issuing

    if not reason.strip():
        raise typer.BadParameter("Say why.", param_hint="--reason")
    try:
        act = issuing.withdraw if withdraw else issuing.issue
        version = act(_place(home, writes=True), reason.strip())
    except issuing.NotIssued as refused:
        raise _fail(str(refused), DIFFERS) from None
    said = "has a notice in place of the public files" if withdraw else "issues the public files"
    out.print(f"{version} {said}.", highlight=False)


@app.command("progress")
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

    place = _place(home)
    database = _restricted(place)
    try:
        if month and since:
            until, start = _month(month), _month(since)
        else:
            newest, earlier = compared_by_default(database)
            until, start = (_month(month) if month else newest), (_month(since) if since else earlier)
        rates, drivers = progress(database, until, start)
    except questions.Unknown as unknown:
        raise _fail(str(unknown)) from None
    _log(place, purpose, f"progress of {until:%Y-%m} since {start:%Y-%m}", len(rates) + len(drivers))
    sentences = reading(rates, drivers)
    if as_json:
        said = {"rates": rates, "drivers": drivers, "reading": sentences}
        typer.echo(json.dumps(said, ensure_ascii=False, default=str))
        return
    for pair in sentences:
        typer.echo("\n".join(pair))
    _show(rates, list(rates[0]), as_json, "Tiến độ so với mục tiêu / progress against targets")
    if drivers:
        _show(drivers, list(drivers[0]), as_json, "Nguyên nhân thay đổi / what moved")


PurposeOption = Annotated[str, typer.Option(help="What the names are needed for; goes into the access log.")]


@app.command()
def report(
    month: MonthOption,
    destination: Annotated[Path, typer.Option("--out", help="Workbook to write.")],
    restricted: Annotated[bool, typer.Option("--restricted", help="Exact counts; else small ones protected.")] = False,
    purpose: WhyOption = access.NOT_STATED,
    home: HomeOption = None,
) -> None:
    """Write the report pack of a month, forms 1 to 13, as an Excel workbook."""
    from warehouse.published import report_pack

    place = _place(home)
    layout = _restricted(place)
    figures = layout if restricted else layout.with_name(store.PUBLIC)
    if not restricted and issues.carried_by(store.manifest(place)).withdraws:
        raise _fail(
            "The public figures are withdrawn. The notice in their place says why; --restricted has exact ones."
        )
    if restricted:
        _log(place, purpose, f"report of {month}", len(questions.rows(layout, "from reference.report_form")))
    try:
        forms = report_pack.write(figures, layout, _month(month), destination)
    except questions.Unknown as unknown:
        raise _fail(str(unknown)) from None
    err.print(f"{forms} forms: {destination}", highlight=False, soft_wrap=True)


@app.command()
def resolve(
    purpose: PurposeOption,
    number: Annotated[
        str | None, typer.Option(help="Personal number; - reads it from standard input.", show_default=False)
    ] = None,
    commune: Annotated[str | None, typer.Option(help="Commune, with --code.", show_default=False)] = None,
    code: Annotated[str | None, typer.Option(help="Household code, with --commune.", show_default=False)] = None,
    month: Annotated[str | None, typer.Option(help="YYYY-MM; else the last one on record.", show_default=False)] = None,
    destination: Annotated[
        Path | None, typer.Option("--out", help="Sealed file to write instead of printing.", show_default=False)
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """From a personal number, or a commune and household code, to the household's key. Needs the vault's key."""
    from warehouse.published import named_lists

    if (number is None) == (commune is None or code is None):
        raise typer.BadParameter("Give --number, or --commune and --code.")
    place = _place(home)
    _restricted(place)
    who = access.Access(place, _purpose(purpose))
    asked = sys.stdin.readline() if number == "-" else number
    try:
        found = named_lists.resolve(who, asked, commune, code, _month(month) if month else None)
        if destination:
            named_lists.seal_rows(who, destination, found)
            return
    except (questions.Unknown, named_lists.NoKey) as refused:
        raise _fail(str(refused)) from None
    except access.NotLogged as refused:
        raise _fail(str(refused), DIFFERS) from None
    _show(found, list(found[0]), as_json)


@app.command()
def forms(
    number: Annotated[int, typer.Argument(metavar="14|15", min=14, max=15, help="14: near-poor, 15: poor.")],
    month: MonthOption,
    purpose: PurposeOption,
    destination: Annotated[Path, typer.Option("--out", help="Sealed workbook to write; .age is added to its name.")],
    recipient: Annotated[
        str | None, typer.Option(help="age public key of who may open it; else the key file.", show_default=False)
    ] = None,
    home: HomeOption = None,
) -> None:
    """The named lists of a month, in a sealed workbook; logged, and the only way from a key to a name."""
    from warehouse.published import named_lists

    place = _place(home)
    _restricted(place)
    who = access.Access(place, _purpose(purpose))
    try:
        path, count = named_lists.form(who, number, _month(month), destination, recipient)
    except (questions.Unknown, named_lists.NoKey) as refused:
        raise _fail(str(refused)) from None
    except access.NotLogged as refused:
        raise _fail(str(refused), DIFFERS) from None
    err.print(f"{count} rows, sealed: {path}", highlight=False, soft_wrap=True)


def _purpose(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("Say what the names are needed for.", param_hint="--purpose")
    return text.strip()


@app.command()
def verify(
    month: Annotated[str | None, typer.Option(help="YYYY-MM; else every month.", show_default=False)] = None,
    version: Annotated[
        str | None,
        typer.Option(help="Version to rebuild from its deliveries; else the current one.", show_default=False),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rebuild facts and marts from the archived deliveries and compare them with what is published."""
    from orchestration import verification

    place = _place(home, writes=True)
    database = _restricted(place, version)
    months = {row["month"] for row in questions.rows(database, "select period_month as month from marts.dim_period")}
    asked = _month(month) if month else None
    if asked and asked not in months:
        raise _fail(f"Nothing is published for {month}.")
    found = verification.verify(place, asked, version)
    rows = [{**asdict(one), "equal": not (one.only_published or one.only_rebuilt)} for one in found]
    _show(rows, list(rows[0]), as_json)
    raise typer.Exit(DONE if all(row["equal"] for row in rows) else DIFFERS)


@app.command()
def rebuild(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Make register, lake, vault and figures again from archive, quarantine, manifests and key alone."""
    from warehouse.upkeep import recovery

    place = Home.open(home)
    with place.writing():
        found = recovery.rebuild(place)
    err.print(f"{found.accepted} deliveries that count and {found.refused} refused ones are known again.")
    for name in found.set_aside:
        err.print(f"Set aside: {name}", highlight=False)
    run(home, as_json)


@app.command()
def retention(
    on: Annotated[str | None, typer.Option(help="YYYY-MM-DD; else today.", show_default=False)] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Let go of them; else only list them.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sealed originals that are past the retention their contract promises; figures and hashes stay."""
    from warehouse.upkeep.retention import due, let_go

    place = _place(home, writes=True)
    try:
        day = date.fromisoformat(on) if on else date.today()
    except ValueError:
        raise typer.BadParameter(f"{on} is not YYYY-MM-DD.") from None
    if apply and day > date.today():
        raise typer.BadParameter("What is due later cannot be let go of today.")
    if apply:
        with place.writing():
            found = let_go(place, day)
    else:
        found = due(place, day)
    _show([asdict(one) for one in found], ["delivery_id", "file", "status", "kept_until"], as_json)


@quarantine.command("list")
def quarantine_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Refused deliveries, and accepted ones with rows set apart."""
    register = Register.open(_place(home))
    rows = [
        {
            "id": entry.delivery_id,
            "file": f"{entry.feed}/{entry.file}",
            "what": "delivery" if entry.status == REFUSED else f"{entry.quarantined} rows",
            "reason": entry.promise or ", ".join(f"{reason} {n}" for reason, n in entry.quarantine_reasons.items()),
            "owner": entry.owner or discover()[entry.feed].owner,
            "next_step": entry.next_step or "send these rows corrected, in a file named _supplement.",
            "answered_by": answer.file if (answer := register.answer(entry)) else None,
        }
        for entry in register.entries("status = ? or quarantined > 0", (REFUSED,))
    ]
    _show(rows, ["id", "file", "what", "reason", "owner", "next_step", "answered_by"], as_json)


IdArgument = Annotated[str, typer.Argument(metavar="ID")]


def _kept_out(place: Home, delivery_id: str) -> Entry:
    entry = Register.open(place).get(delivery_id)
    if entry is None or (entry.status == ACCEPTED and not entry.quarantined):
        raise _fail(f"Nothing in quarantine is called {delivery_id}. `cantho quarantine list` shows what is.")
    return entry


def _rows_set_apart(place: Home, entry: Entry) -> list[tuple[int, str | None, str]]:
    return lake.quarantined_rows(place, discover()[entry.feed], entry) if entry.status == ACCEPTED else []


@quarantine.command("show")
def quarantine_show(delivery_id: IdArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Why one delivery, or its rows, were kept out: places and reasons, never values."""
    place = _place(home)
    entry = _kept_out(place, delivery_id)
    file = f"{entry.feed}/{entry.file}"
    rows = [
        {"file": file, "row": row, "place": where, "reason": why} for row, where, why in _rows_set_apart(place, entry)
    ]
    if entry.status == REFUSED:
        rows = [{"file": file, "row": None, "place": entry.place, "reason": entry.promise}]
    _show(rows, ["file", "place", "row", "reason"], as_json)


@quarantine.command("letter")
def quarantine_letter(delivery_id: IdArgument, home: HomeOption = None) -> None:
    """A letter to the department, in Vietnamese and English: what, where, which promise, what to do."""
    place = _place(home)
    entry = _kept_out(place, delivery_id)
    typer.echo(letters.letter(entry, discover().get(entry.feed), _rows_set_apart(place, entry)))


@quarantine.command("replay")
def quarantine_replay(delivery_id: IdArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Read a kept original again and run, after its contract, a code list or the pipeline was mended."""
    from warehouse.intake.deliveries import Intake

    place = _place(home, writes=True)
    entry = _kept_out(place, delivery_id)
    try:
        if entry.status == REFUSED:
            Intake.open(place).put_back(entry)
        else:
            with place.writing():
                again = Intake.open(place).read_again(_kept_out(place, delivery_id))
            taken = entry.quarantined - again.quarantined
            err.print(f"{taken} of {entry.quarantined} rows are taken in.", highlight=False)
    except BrokenPromise as broken:
        raise _fail(f"Nothing changed: {broken}", DIFFERS) from None
    run(home, as_json)
