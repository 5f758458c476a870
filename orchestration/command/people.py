"""Commands that lead back to names, need the vault's key and are logged: resolve, forms, identity find."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestration.command.terminal import (
    DIFFERS,
    HomeOption,
    JsonOption,
    MonthOption,
    err,
    existing_home,
    fail,
    parse_month,
    restricted_database,
    show,
)
from warehouse.published import access, questions

PurposeOption = Annotated[str, typer.Option(help="What the names are needed for; goes into the access log.")]

group = typer.Typer()
identity = typer.Typer(no_args_is_help=True, help="Who is who, and all that was sent of a person.")


@group.command()
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
    place = existing_home(home)
    restricted_database(place)
    who = access.Access(place, _purpose(purpose))
    asked = sys.stdin.readline() if number == "-" else number
    try:
        households = named_lists.resolve(who, asked, commune, code, parse_month(month) if month else None)
        if destination:
            named_lists.seal_rows(who, destination, households)
            return
    except (questions.Unknown, named_lists.NoKey) as refused:
        raise fail(str(refused)) from None
    except access.NotLogged as refused:
        raise fail(str(refused), DIFFERS) from None
    show(households, list(households[0]), as_json)


@group.command()
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

    place = existing_home(home)
    restricted_database(place)
    who = access.Access(place, _purpose(purpose))
    try:
        path, count = named_lists.form(who, number, parse_month(month), destination, recipient)
    except (questions.Unknown, named_lists.NoKey) as refused:
        raise fail(str(refused)) from None
    except access.NotLogged as refused:
        raise fail(str(refused), DIFFERS) from None
    err.print(f"{count} rows, sealed: {path}", highlight=False, soft_wrap=True)


@identity.command("find")
def find(
    purpose: PurposeOption,
    number: Annotated[str, typer.Option(help="Personal number; - reads it from standard input.")],
    destination: Annotated[Path, typer.Option("--out", help="Sealed file to write; .age is added to its name.")],
    home: HomeOption = None,
) -> None:
    """Every row that departments sent under a number, in a sealed file: what somebody may ask to see of themselves."""
    from warehouse.published import named_lists

    who = access.Access(existing_home(home), _purpose(purpose))
    try:
        path, count = named_lists.find(who, sys.stdin.readline() if number == "-" else number, destination)
    except (questions.Unknown, named_lists.NoKey) as refused:
        raise fail(str(refused)) from None
    except access.NotLogged as refused:
        raise fail(str(refused), DIFFERS) from None
    err.print(f"{count} rows, sealed: {path}", highlight=False, soft_wrap=True)


def _purpose(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("Say what the names are needed for.", param_hint="--purpose")
    return text.strip()
