"""The `cantho` command: every way to drive the warehouse from a shell, and what is printed about it.

Commands parse, call and print; the work is done by `orchestration.running`, `sources` and `warehouse`. A command is in
the module of its group. Heavy imports stay in the commands.
"""

import logging
import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import duckdb
import typer
from rich.logging import RichHandler
from typer.exceptions import TyperException

from orchestration.command import close, keep, look, people, quarantine, run, send
from orchestration.command.look import Interrupted
from orchestration.command.terminal import DIFFERS, asks_for_json, complain, err
from warehouse.zones.home import DamagedHome

# Commands stand in the help under the question that brings somebody to them.
GROUPS = {
    "Run: bring deliveries in": run,
    "Send: before a file is sent": send,
    "Look: what is published": look,
    "Close: months and issues": close,
    "People: who may know them": people,
    "Keep: versions, archive, proof": keep,
}
app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Can Tho poverty warehouse.",
)
for panel, module in GROUPS.items():
    for command in module.group.registered_commands:
        command.rich_help_panel = panel
    app.add_typer(module.group)
app.add_typer(quarantine.group, name="quarantine", rich_help_panel="Send: before a file is sent")
app.add_typer(people.identity, name="identity", rich_help_panel="People: who may know them")


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"cantho {version('cantho-warehouse')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line."""
    handler = RichHandler(console=err, show_path=False, show_level=False, log_time_format="%H:%M:%S")
    logging.getLogger("cantho").addHandler(handler)
    logging.getLogger("cantho").setLevel(logging.INFO)
    logging.getLogger("cantho").propagate = False
    try:
        # Left to itself, it prints bad usage in a frame.
        sys.exit(app(standalone_mode=not asks_for_json()))
    except TyperException as usage:
        _end(usage.format_message(), usage.exit_code)
    except DamagedHome as damaged:
        _end(str(damaged))
    except PermissionError as refused:
        _end(f"{refused.filename} is not yours to open. docs/access.md says who may.")
    except duckdb.Error as broken:
        # Of a database that cannot be opened: queries answer for themselves.
        _end(f"{broken} Next: see who may open it (docs/access.md), or `cantho verify`.")
    except (KeyboardInterrupt, Interrupted):
        _end("Interrupted. What is published stands, and nothing is lost. Next: run the command again.")


def _end(message: str, code: int = DIFFERS) -> NoReturn:
    complain(message, code)
    sys.exit(code)
