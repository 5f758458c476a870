"""All that commands share: their common options, how they fail and how they print.

Exit codes: 0 done, 1 something was refused or did not match, 2 bad usage or an unknown month, version or household.
Not here: any one command.
"""

import json
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from warehouse.published import access, store
from warehouse.zones.home import Home

DONE, DIFFERS, USAGE = 0, 1, 2

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of all state; else CANTHO_HOME.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
WhyOption = Annotated[
    str, typer.Option("--purpose", help="What restricted data is opened for; goes into the access log.")
]
MonthOption = Annotated[str, typer.Option(help="YYYY-MM.")]

out = Console()
err = Console(stderr=True)


def existing_home(home: Path | None, writes: bool = False) -> Home:
    """The home of a command that makes none; where it only reads, nothing of it is touched."""
    place = Home.at(home)
    if not place.exists:
        raise fail(f"There is no warehouse at {place.root}. `cantho run --home {place.root}` makes one.")
    return Home.open(home) if writes else place


def fail(message: str, code: int = USAGE) -> typer.Exit:
    """Print why a command ends, and return how, to be raised."""
    complain(message, code)
    return typer.Exit(code)


def complain(message: str, code: int) -> None:
    """Print why a command ends to stderr: to a program that asked for JSON as such."""
    if asks_for_json():
        typer.echo(json.dumps({"error": message, "code": code}, ensure_ascii=False), err=True)
    else:
        err.print(message, style="red", highlight=False, markup=False, soft_wrap=True)


def asks_for_json() -> bool:
    """Whether this command was called with --json, whatever else is wrong with the call."""
    return "--json" in sys.argv


def log_access(home: Home, purpose: str, what: str, count: int) -> None:
    """Write down that restricted rows are opened, before they are shown."""
    try:
        access.Access(home, purpose.strip() or access.NOT_STATED).log(what, count)
    except access.NotLogged as refused:
        raise fail(str(refused), DIFFERS) from None


def restricted_database(home: Home, version: str | None = None) -> Path:
    """The exact figures of a version, the current one by default; ends the command where there are none."""
    try:
        return store.folder(home, version) / store.RESTRICTED
    except store.UnknownVersion as unknown:
        raise fail(str(unknown)) from None


def show(rows: Sequence[dict[str, Any]], columns: Sequence[str], as_json: bool, title: str | None = None) -> None:
    """Print rows as a table, or as JSON for programs."""
    if as_json:
        typer.echo(json.dumps(list(rows), ensure_ascii=False, default=plain))
        return
    table = Table(*map(escape, columns), title=title, title_justify="left")
    for row in rows:
        cells = (_text(row.get(column), grouped=not column.endswith(("year", "row"))) for column in columns)
        # A bracket in a cell is a bracket.
        table.add_row(*map(escape, cells))
    # Piped output is read by programs and people alike: no line may be cut.
    Console(width=None if out.is_terminal else 400).print(table)


def plain(value: Any) -> float | str:
    """A value that JSON has no form for: a decimal as a number, any other as text."""
    return float(value) if isinstance(value, Decimal) else str(value)


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


def parse_months(text: str) -> list[date]:
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


def parse_month(text: str) -> date:
    """The one month that a command is about."""
    if ":" in text:
        raise typer.BadParameter(f"{text} is more than one month; give one as YYYY-MM.")
    return parse_months(text)[0]
