"""Commands of the office at the end of a month: close, issue."""

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.command.terminal import (
    DIFFERS,
    HomeOption,
    JsonOption,
    MonthOption,
    WhyOption,
    existing_home,
    fail,
    log_access,
    out,
    parse_month,
    show,
)
from warehouse.published import access, store

if TYPE_CHECKING:
    from warehouse.published.closing import CommuneMonth

group = typer.Typer()


@group.command()
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
    from warehouse.published import closing

    if sign and not version:
        raise typer.BadParameter("Name the version that was looked at: --version.", param_hint="--version")
    place, asked = existing_home(home, writes=bool(sign)), parse_month(month)
    try:
        if sign:
            added = closing.sign(place, asked, sign, str(version), commune or ())
            typer.echo(f"{len(added)} communes signed for {month} in version {version}.", err=True)
        communes = closing.communes(place, asked)
    except (ValueError, store.UnknownVersion) as unknown:
        raise fail(str(unknown)) from None
    except closing.NotCurrent as other:
        raise fail(str(other), DIFFERS) from None
    shown = [_shown(row) for row in communes if not commune or row.commune in commune]
    if not shown:
        raise fail(f"No figures of {month} for {', '.join(commune or ()) or 'any commune'}.")
    log_access(place, purpose, f"close of {month}", len(shown))
    if not as_json:
        feeds = closing.feeds(place, asked)
        show(feeds, list(feeds[0]), as_json, title=f"What speaks for {month}")
        lists = " / ".join(closing.lists_sent(communes).said())
        out.print(f"{store.current(place)}: {lists}", highlight=False, soft_wrap=True)
    show(shown, [row.name for row in fields(closing.CommuneMonth)], as_json, title=f"Communes in {month}")


def _shown(row: "CommuneMonth") -> dict[str, Any]:
    """A row for the terminal and for JSON, where months are YYYY-MM."""
    of = {"list_from": row.list_from, "review_from": row.review_from}
    return asdict(row) | {name: month and f"{month:%Y-%m}" for name, month in of.items()}


@group.command("issue")
def issue_public_files(
    reason: Annotated[str, typer.Option(help="Why now; stands in the manifest and in a notice.")],
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Put a notice in place of a wrong issue.")] = False,
    home: HomeOption = None,
) -> None:
    """Issue the public files now, outside the release calendar, or withdraw those that are out."""
    from warehouse.build import issuing

    if not reason.strip():
        raise typer.BadParameter("Say why.", param_hint="--reason")
    try:
        act = issuing.withdraw if withdraw else issuing.issue
        version = act(existing_home(home, writes=True), reason.strip())
    except issuing.NotIssued as refused:
        raise fail(str(refused), DIFFERS) from None
    effect = "has a notice in place of the public files" if withdraw else "issues the public files"
    out.print(f"{version} {effect}.", highlight=False)
