"""Commands about deliveries and rows that were kept out: quarantine list, show, letter, replay."""

from typing import Annotated

import typer

from orchestration.command.run import run
from orchestration.command.terminal import DIFFERS, HomeOption, JsonOption, err, existing_home, fail, show
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, REFUSED, Entry, Register

group = typer.Typer(no_args_is_help=True, help="Deliveries and rows that were kept out.")


@group.command("list")
def quarantine_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Refused deliveries, and accepted ones with rows set apart."""
    from sources.contracts.feeds import discover

    register = Register.open(existing_home(home))
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
    show(rows, ["id", "file", "what", "reason", "owner", "next_step", "answered_by"], as_json)


IdArgument = Annotated[str, typer.Argument(metavar="ID")]


def _kept_out(place: Home, delivery_id: str) -> Entry:
    entry = Register.open(place).get(delivery_id)
    if entry is None or (entry.status == ACCEPTED and not entry.quarantined):
        raise fail(f"Nothing in quarantine is called {delivery_id}. `cantho quarantine list` shows what is.")
    return entry


def _rows_set_apart(place: Home, entry: Entry) -> list[tuple[int, str | None, str]]:
    from sources.contracts.feeds import discover
    from warehouse.zones import lake

    return lake.quarantined_rows(place, discover()[entry.feed], entry) if entry.status == ACCEPTED else []


@group.command("show")
def quarantine_show(delivery_id: IdArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Why one delivery, or its rows, were kept out: places and reasons, never values."""
    place = existing_home(home)
    entry = _kept_out(place, delivery_id)
    file = f"{entry.feed}/{entry.file}"
    rows = [
        {"file": file, "row": row, "place": where, "reason": why} for row, where, why in _rows_set_apart(place, entry)
    ]
    if entry.status == REFUSED:
        rows = [{"file": file, "row": None, "place": entry.place, "reason": entry.promise}]
    show(rows, ["file", "place", "row", "reason"], as_json)


@group.command("letter")
def quarantine_letter(delivery_id: IdArgument, home: HomeOption = None) -> None:
    """A letter to the department, in Vietnamese and English: what, where, which promise, what to do."""
    from sources.contracts.feeds import discover
    from warehouse.notices import letters

    place = existing_home(home)
    entry = _kept_out(place, delivery_id)
    typer.echo(letters.letter(entry, discover().get(entry.feed), _rows_set_apart(place, entry)))


@group.command("replay")
def quarantine_replay(delivery_id: IdArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Read a kept original again and run, after its contract, a code list or the pipeline was mended."""
    from sources.contracts.refusal import BrokenPromise
    from warehouse.intake.deliveries import Intake

    place = existing_home(home, writes=True)
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
        raise fail(f"Nothing changed: {broken}", DIFFERS) from None
    run(home, as_json)
