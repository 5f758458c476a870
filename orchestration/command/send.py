"""Commands for who sends files, before they are sent: check, desk."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from orchestration.command.terminal import DIFFERS, DONE, HomeOption, JsonOption, err, existing_home, fail, plain
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED

group = typer.Typer()


@group.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file, named as it would be sent.")],
    feed: Annotated[
        str | None, typer.Option(help="DEPARTMENT/FEED; else by the folders the file is in.", show_default=False)
    ] = None,
    mend: Annotated[
        Path | None,
        typer.Option(help="Folder for a workbook of the rows set apart, to mend and send.", show_default=False),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what would become of a file, without a home, a key or a trace.

    With --home it is also compared with what that home took in before. Exit code 1 where the file would be refused.
    """
    from sources.contracts.feeds import discover
    from warehouse.intake.trial import feed_of, set_apart, tried
    from warehouse.notices import letters, mending

    asked = discover().get(feed) if feed else feed_of(file)
    if asked is None:
        raise fail(f"Which feed is it of? Say --feed with one of: {', '.join(discover())}.")
    result = tried(file, asked, existing_home(home) if home else None)
    entry = result.entry
    if as_json:
        typer.echo(json.dumps(asdict(entry) | {"unjudged": result.unjudged}, ensure_ascii=False, default=plain))
    elif entry.status == ACCEPTED and not entry.quarantined:
        typer.echo(f"Tệp đạt: {entry.rows} dòng. Có thể gửi.\nThe file is fit: {entry.rows} rows. It can be sent.")
    else:
        typer.echo(letters.letter(entry, asked, result.rows))
    if result.unjudged and not as_json:
        names = ", ".join(result.unjudged)
        typer.echo(f"\nChưa so sánh được với lần gửi trước: {names}.\nNot compared with a delivery before: {names}.")
    if mend and result.rows:
        mend.mkdir(parents=True, exist_ok=True)
        path = mend / mending.name(entry)
        path.write_bytes(mending.workbook(asked, entry, set_apart(file, asked), result.rows))
        err.print(f"Rows to mend: {path}", highlight=False, soft_wrap=True)
    raise typer.Exit(DONE if entry.status == ACCEPTED else DIFFERS)


@group.command()
def desk(
    new_token: Annotated[
        str | None,
        typer.Option(
            metavar="DEPARTMENT", help="Print a new token with which it may send; do not serve.", show_default=False
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3001,
    home: HomeOption = None,
) -> None:
    """Serve the page on which an officer checks a file and, with the department's token, sends it."""
    from sources.contracts.feeds import discover
    from warehouse.desk import app, tokens

    place = Home.open(home)
    if new_token is None:
        app.serve(place, port)
        return
    departments = sorted({feed.department for feed in discover().values()})
    if new_token not in departments:
        raise fail(f"There is no department {new_token}; there are {', '.join(departments)}.")
    typer.echo(tokens.issue(place, new_token))
