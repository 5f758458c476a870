"""Commands that keep what is published and stored true over years: verify, rebuild, retention, versions."""

import json
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer

from orchestration.command.run import run
from orchestration.command.terminal import (
    DIFFERS,
    DONE,
    HomeOption,
    JsonOption,
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

group = typer.Typer()


@group.command()
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

    place = existing_home(home, writes=True)
    database = restricted_database(place, version)
    months = {row["month"] for row in questions.rows(database, "select period_month as month from marts.dim_period")}
    asked = parse_month(month) if month else None
    if asked and asked not in months:
        raise fail(f"Nothing is published for {month}.")
    differences = verification.verify(place, asked, version)
    rows = [
        {**asdict(difference), "equal": not (difference.only_published or difference.only_rebuilt)}
        for difference in differences
    ]
    show(rows, list(rows[0]), as_json)
    raise typer.Exit(DONE if all(row["equal"] for row in rows) else DIFFERS)


@group.command()
def rebuild(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Make register, lake, vault and figures again from archive, quarantine, manifests and key alone."""
    from warehouse.upkeep import recovery

    place = Home.open(home)
    with place.writing():
        rebuilt = recovery.rebuild(place)
    err.print(f"{rebuilt.accepted} deliveries that count and {rebuilt.refused} refused ones are known again.")
    for name in rebuilt.set_aside:
        err.print(f"Set aside: {name}", highlight=False)
    run(home, as_json)


@group.command()
def retention(
    on: Annotated[str | None, typer.Option(help="YYYY-MM-DD; else today.", show_default=False)] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Let go of them; else only list them.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sealed originals that are past the retention their contract promises; figures and hashes stay."""
    from warehouse.upkeep.retention import due, let_go

    place = existing_home(home, writes=True)
    try:
        day = date.fromisoformat(on) if on else date.today()
    except ValueError:
        raise typer.BadParameter(f"{on} is not YYYY-MM-DD.") from None
    if apply and day > date.today():
        raise typer.BadParameter("What is due later cannot be let go of today.")
    if apply:
        with place.writing():
            files = let_go(place, day)
    else:
        files = due(place, day)
    show([asdict(file) for file in files], ["delivery_id", "file", "status", "kept_until"], as_json)


@group.command()
def versions(
    diff: Annotated[
        tuple[str, str] | None, typer.Option(help="Two versions: what changed, and why.", show_default=False)
    ] = None,
    month: Annotated[str | None, typer.Option(help="Compare this month alone, YYYY-MM.", show_default=False)] = None,
    area: Annotated[
        str | None, typer.Option(help="Compare this area alone: its code, 92 for the city.", show_default=False)
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

    place = existing_home(home, writes=bool(pin or unpin or prune))
    try:
        if diff:
            database = store.RESTRICTED if restricted else store.PUBLIC
            difference = kept.diff(place, *diff, database, parse_month(month) if month else None, area)
            if restricted:
                log_access(place, purpose, f"versions {' '.join(diff)} compared", len(difference.figures))
            _show_diff(difference, as_json)
            return
        if month or area:
            raise typer.BadParameter("Name two versions to compare.", param_hint="--diff")
        if pin and not (reason or "").strip():
            raise typer.BadParameter("Say why it is kept.", param_hint="--reason")
        for version, why in ((pin, reason), (unpin, None)):
            if version:
                kept.pin(place, version, why)
    except store.UnknownVersion as unknown:
        raise fail(str(unknown)) from None
    if prune:
        with place.writing():
            for version in kept.prune(place, date.today()):
                err.print(f"{version} is past keeping and gone.", highlight=False)
    now, pins = store.current(place), kept.pinned(place)
    rows = [
        {
            "version": version_manifest["version"],
            "current": "*" if version_manifest["version"] == now else "",
            "published_at": version_manifest["published_at"],
            "deliveries": len(version_manifest["deliveries"]),
            "months_rebuilt": "all" if version_manifest["touched"] is None else len(version_manifest["touched"]),
            "code": version_manifest["code"],
            "public_files_of": issues.carried_by(version_manifest).version,
            "pinned": pins.get(version_manifest["version"]),
        }
        for version_manifest in store.versions(place)
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
    show(rows, columns, as_json)


def _show_diff(difference: Any, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(difference), ensure_ascii=False, default=plain))
        return
    show(difference.causes, ["cause", "file", "month", "replaces"], False, "Nguyên nhân / causes")
    show(difference.months, ["month", "change"], False, "Tháng / months of one version alone")
    show(difference.tables, ["table", "month", "rows_gone", "rows_new"], False, "Bảng thay đổi / changed marts")
    figures = ["period_month", "area_level", "area_code", "standard_id", "basis", "figure", "before", "after"]
    show(difference.figures, figures, False, "Số liệu thay đổi / changed figures")
